// SPDX-License-Identifier: Apache-2.0

/// Whose sessions stand together in a store: those of one user, or the one of somebody who has not logged in.
///
/// Sixteen bytes that tell nothing of the user to who has no key; see ``SessionKeys``.
public struct SessionOwner: Sendable, Hashable {
    static let length = 16

    let bytes: [UInt8]

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Somebody unknown.
    static func anybody() -> SessionOwner {
        SessionOwner(bytes: .random(count: Self.length))
    }

    /// The name in keys: 22 letters, digits, `-` and `_`.
    public var text: String { Base64URL.text(of: self.bytes) }
}
