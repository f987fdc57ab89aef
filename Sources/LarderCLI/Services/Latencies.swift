// SPDX-License-Identifier: Apache-2.0

#if CLI
/// How long things took: each of them, so that percentiles are exact.
struct Latencies: Sendable {
    /// In microseconds; an hour and more counts as that.
    private var all: [UInt32] = []

    var count: Int { self.all.count }

    mutating func add(_ duration: Duration) {
        self.all.append(UInt32(clamping: max(0, Int64(duration / .microseconds(1)))))
    }

    mutating func add(_ others: Latencies) { self.all += others.all }

    /// What so many of a thousand did not exceed: the nearest rank.
    func percentiles(_ shares: [Int]) -> [Duration] {
        let sorted = self.all.sorted()
        guard !sorted.isEmpty else { return [] }
        return shares.map { share in
            let rank = (share * sorted.count + 999) / 1_000
            return .microseconds(Int64(sorted[min(max(rank, 1), sorted.count) - 1]))
        }
    }
}
#endif
