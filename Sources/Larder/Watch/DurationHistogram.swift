// SPDX-License-Identifier: Apache-2.0

/// How often something took how long, in steps of a third to a half, from one microsecond to an hour.
package struct DurationHistogram: Sendable, Equatable {
    /// How many durations of each step, as far as the longest went.
    private var counts: [Int] = []
    /// How many there are.
    package private(set) var count = 0

    /// In each doubling.
    private static let steps = 2
    private static let maximumSteps = 2 * 32

    mutating func add(_ duration: Duration) {
        let step = Self.step(of: duration)
        while self.counts.count <= step { self.counts.append(0) }
        self.counts[step] += 1
        self.count += 1
    }

    mutating func add(_ other: DurationHistogram) {
        while self.counts.count < other.counts.count { self.counts.append(0) }
        for (step, count) in other.counts.enumerated() { self.counts[step] += count }
        self.count += other.count
    }

    /// How long a share of them took at most, to the step; nil when there are none.
    ///
    /// - Parameter share: From 0 to 1: 0.5 for the median.
    package func quantile(_ share: Double) -> Duration? {
        guard self.count > 0 else { return nil }
        var left = max(1, (share * Double(self.count)).rounded(.up))
        for (step, count) in self.counts.enumerated() {
            left -= Double(count)
            if left <= 0 { return Self.end(of: step) }
        }
        return Self.end(of: self.counts.count - 1)
    }

    /// Each second step ends at a power of two, the others at one and a half times of it, in microseconds.
    private static func end(of step: Int) -> Duration {
        .nanoseconds((step % Self.steps == 0 ? 1_000 : 1_500) << (step / Self.steps))
    }

    private static func step(of duration: Duration) -> Int {
        let nanoseconds = max(duration.clampedNanoseconds, 1)
        // How often a microsecond has to be doubled at least to be as long.
        let doublings = Int64.bitWidth - ((nanoseconds - 1) / 1_000).leadingZeroBitCount
        let step = doublings * Self.steps
        let isShort = doublings > 0 && nanoseconds <= 1_500 << (doublings - 1)
        return min(isShort ? step - 1 : step, Self.maximumSteps)
    }
}
