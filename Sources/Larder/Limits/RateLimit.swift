// SPDX-License-Identifier: Apache-2.0

/// How much is allowed in how much time.
public struct RateLimit: Sendable, Hashable {
    /// How it is counted.
    public enum Algorithm: Sendable, Hashable {
        /// A steady rate with bursts up to a size: the generic cell rate algorithm (ITU-T I.371, appendix). Exact; what was used comes back
        /// bit by bit.
        case cellRate(burst: Int)
        /// So many in any window, of which the part that lies in the one before is estimated as evenly spread: the sliding-window counter.
        case slidingWindow
    }

    /// How many.
    public let count: Int
    /// In how much time.
    public let period: Duration
    /// How it is counted.
    public let algorithm: Algorithm

    /// So many in a time, as evenly as the burst wants it. The time of one is counted in whole microseconds, rounded up.
    ///
    /// - Parameters:
    ///   - count: How many; from one to a thousand million.
    ///   - period: In how much time; from a millisecond to a year.
    ///   - burst: How many may come at once after a pause; nil for as many as in a whole period.
    public static func rate(_ count: Int, per period: Duration, burst: Int? = nil) -> RateLimit {
        let limit = RateLimit(count: count, period: period, algorithm: .slidingWindow)
        // As many as take a hundred years: what is beyond is not counted exactly.
        let most = Int(100 * 366 * 86_400 * 1_000_000 / limit.emission)
        let burst = min(max(burst ?? limit.count, 1), most)
        return RateLimit(count: limit.count, period: limit.period, algorithm: .cellRate(burst: burst))
    }

    /// So many in any window.
    ///
    /// - Parameters:
    ///   - count: How many; from one to a thousand million.
    ///   - period: How long a window is; from a millisecond to a year.
    public static func slidingWindow(_ count: Int, per period: Duration) -> RateLimit {
        RateLimit(count: count, period: period, algorithm: .slidingWindow)
    }

    private init(count: Int, period: Duration, algorithm: Algorithm) {
        self.count = Self.clamped(count)
        self.period = min(max(period, .milliseconds(1)), .seconds(366 * 86_400))
        self.algorithm = algorithm
    }

    private static func clamped(_ count: Int) -> Int { min(max(count, 1), 1_000_000_000) }

    /// How much there is at most at one time, and how long until all of it is there again.
    public var quota: (count: Int, period: Duration) {
        switch self.algorithm {
        case .cellRate(let burst): (burst, .microseconds(self.emission) * burst)
        case .slidingWindow: (self.count, self.period)
        }
    }

    package var periodMicroseconds: Double { self.period / .microseconds(1) }

    /// What each costs: the time between two of them at a steady rate, in microseconds. Whole ones, so that sums of them are exact.
    package var emission: Double { max((self.periodMicroseconds / Double(self.count)).rounded(.up), 1) }

    /// What may be owed: the time that a burst takes at a steady rate, in microseconds.
    package var tolerance: Double { self.quota.period / .microseconds(1) }
}
