// SPDX-License-Identifier: Apache-2.0

/// A number in the invalidation log; later invalidations have higher ones.
public struct LogSequence: Sendable, Hashable, Comparable {
    /// Microseconds of the store's time when there was room, else one more than the last.
    public let rawValue: UInt64

    /// Makes a sequence from its number.
    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// What an invalidation at a time is numbered if there is room. Held within half the range, so that there is always a
    /// next one.
    init(at time: StoreTime) {
        let (microseconds, overflow) = time.milliseconds.multipliedReportingOverflow(by: 1_000)
        self.rawValue = overflow ? .max / 2 : min(microseconds, .max / 2)
    }

    /// Before every other sequence.
    public static let zero = LogSequence(rawValue: 0)

    /// The next number.
    var next: LogSequence {
        LogSequence(rawValue: self.rawValue == .max ? .max : self.rawValue + 1)
    }

    public static func < (left: LogSequence, right: LogSequence) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// How much of which invalidation log a reader knows.
public struct LogPosition: Sendable, Hashable {
    /// Which log: drawn at random whenever one is made.
    public let epoch: UInt64
    /// The highest sequence in it.
    public let head: LogSequence

    /// Makes a position.
    public init(epoch: UInt64, head: LogSequence) {
        self.epoch = epoch
        self.head = head
    }
}
