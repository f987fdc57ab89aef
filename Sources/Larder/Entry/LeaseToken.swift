// SPDX-License-Identifier: Apache-2.0

/// The right to fill one entry: eight random bytes, fresh for every acquire that is sent.
///
/// A token is never used for a second acquire, not even for a retry: a lost one could otherwise come back to life
/// after the entry was invalidated.
public struct LeaseToken: Sendable, Hashable {
    /// The bytes as a number; never zero, which marks an entry that nobody may fill.
    public let rawValue: UInt64

    /// Makes a token from its bytes; nil for zero, which is no token.
    public init?(rawValue: UInt64) {
        guard rawValue != 0 else { return nil }
        self.rawValue = rawValue
    }

    /// Makes a token that nobody else has.
    public init() {
        self.init(from: .system)
    }

    /// Makes a token that nobody else has.
    init(from source: RandomSource) {
        var source = source
        self.rawValue = .random(in: 1 ... .max, using: &source)
    }
}
