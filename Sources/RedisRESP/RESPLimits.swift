// SPDX-License-Identifier: Apache-2.0

/// How much of a reply a parser takes before it refuses the connection's bytes.
///
/// A server may say what it likes; these limits decide how much memory it can claim by it.
public struct RESPLimits: Sendable, Hashable {
    /// The longest bulk string, in bytes.
    public var maximumBulkLength: Int
    /// How many values one reply may hold, counting those of its aggregates and of the pushes inside it.
    public var maximumElements: Int
    /// How deep aggregates may stand in each other.
    public var maximumDepth: Int
    /// The longest line, in bytes: simple strings, errors, numbers and lengths.
    public var maximumLineLength: Int
    /// The longest reply, in bytes.
    public var maximumReplyLength: Int

    /// Makes limits; the defaults suit a cache.
    public init(
        maximumBulkLength: Int = 64 << 20,
        maximumElements: Int = 1_000_000,
        maximumDepth: Int = 32,
        maximumLineLength: Int = 64 << 10,
        maximumReplyLength: Int = 256 << 20
    ) {
        self.maximumBulkLength = maximumBulkLength
        self.maximumElements = maximumElements
        self.maximumDepth = maximumDepth
        self.maximumLineLength = maximumLineLength
        self.maximumReplyLength = maximumReplyLength
    }
}
