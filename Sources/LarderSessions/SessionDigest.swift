// SPDX-License-Identifier: Apache-2.0

/// The name of a session in stores, lists, events and logs: a SHA-256 of its id, which does not open it.
public struct SessionDigest: Sendable, Hashable, CustomStringConvertible {
    /// 43 letters, digits, `-` and `_`.
    public let text: String

    init(bytes: some Sequence<UInt8>) {
        self.text = Base64URL.text(of: Array(bytes))
    }

    /// A digest that was shown to a client or stood in a store.
    public init(_ text: String) {
        self.text = text
    }

    public var description: String { self.text }
}
