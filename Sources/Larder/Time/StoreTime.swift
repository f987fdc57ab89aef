// SPDX-License-Identifier: Apache-2.0

/// A point in time as the store counts it, in milliseconds: the only clock that judges how old an entry is.
public struct StoreTime: Sendable, Hashable, Comparable {
    /// Milliseconds since the store's origin.
    public let milliseconds: UInt64

    /// Makes a time from milliseconds since the store's origin.
    public init(milliseconds: UInt64) {
        self.milliseconds = milliseconds
    }

    /// Before every other time; in an entry it means "never", as in "leased until never".
    public static let zero = StoreTime(milliseconds: 0)

    /// The time `duration` later, to the millisecond, held within a hundred years.
    public func advanced(by duration: Duration) -> StoreTime {
        let (sum, overflow) = self.milliseconds.addingReportingOverflow(duration.clampedMilliseconds)
        return StoreTime(milliseconds: overflow ? .max : sum)
    }

    /// The time `duration` earlier, to the millisecond; zero before the origin.
    func reduced(by duration: Duration) -> StoreTime {
        let milliseconds = duration.clampedMilliseconds
        return StoreTime(milliseconds: self.milliseconds > milliseconds ? self.milliseconds - milliseconds : 0)
    }

    /// The time from this point to `other`; zero when `other` is not later.
    public func duration(to other: StoreTime) -> Duration {
        other > self ? .milliseconds(other.milliseconds - self.milliseconds) : .zero
    }

    public static func < (left: StoreTime, right: StoreTime) -> Bool {
        left.milliseconds < right.milliseconds
    }
}
