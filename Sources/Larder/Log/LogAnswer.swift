// SPDX-License-Identifier: Apache-2.0

/// What a store says about its log to a reader that told how much it knows.
public enum LogAnswer: Sendable, Hashable {
    /// Nothing happened since.
    case quiet
    /// This happened since.
    case changes(LogChanges)
    /// There is no log: it was evicted or flushed, or the server is a new one.
    case lost
}

/// A part of the log: all that happened above a position, or the whole.
public struct LogChanges: Sendable, Hashable {
    /// Where the log stands after these changes.
    public var position: LogPosition
    /// What was loaded before this sequence is not valid, whatever its tags.
    public var floor: LogSequence
    /// The last invalidation of each tag.
    public var tags: [String: LogSequence]
    /// Whether this is the whole log.
    public var isComplete: Bool

    /// Makes a part of a log.
    public init(position: LogPosition, floor: LogSequence, tags: [String: LogSequence], isComplete: Bool) {
        self.position = position
        self.floor = floor
        self.tags = tags
        self.isComplete = isComplete
    }
}
