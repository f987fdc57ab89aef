// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// The running counts of one region.
final class RegionCounters: Sendable {
    let requests = Atomic<Int>(0)
    let hits = Atomic<Int>(0)
    let misses = Atomic<Int>(0)
    let unreadable = Atomic<Int>(0)
    let loads = Atomic<Int>(0)
    let loadFailures = Atomic<Int>(0)
    let storedFills = Atomic<Int>(0)
    let refusedFills = Atomic<Int>(0)

    var statistics: RegionStatistics {
        var statistics = RegionStatistics()
        statistics.requests = self.requests.load(ordering: .relaxed)
        statistics.hits = self.hits.load(ordering: .relaxed)
        statistics.misses = self.misses.load(ordering: .relaxed)
        statistics.unreadable = self.unreadable.load(ordering: .relaxed)
        statistics.loads = self.loads.load(ordering: .relaxed)
        statistics.loadFailures = self.loadFailures.load(ordering: .relaxed)
        statistics.storedFills = self.storedFills.load(ordering: .relaxed)
        statistics.refusedFills = self.refusedFills.load(ordering: .relaxed)
        return statistics
    }
}

extension Atomic<Int> {
    func increment() {
        self.wrappingAdd(1, ordering: .relaxed)
    }
}
