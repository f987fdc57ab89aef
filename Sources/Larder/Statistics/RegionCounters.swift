// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// The running counts of one region.
final class RegionCounters: Sendable {
    let requests = Atomic<Int>(0)
    private let hits = Atomic<Int>(0)
    private let stale = Atomic<Int>(0)
    private let misses = Atomic<Int>(0)
    let unreadable = Atomic<Int>(0)
    let storeFailures = Atomic<Int>(0)
    let waits = Atomic<Int>(0)
    let loads = Atomic<Int>(0)
    let refreshes = Atomic<Int>(0)
    let loadFailures = Atomic<Int>(0)
    let loadTimeouts = Atomic<Int>(0)
    let storedFills = Atomic<Int>(0)
    let refusedFills = Atomic<Int>(0)
    let invalidations = Atomic<Int>(0)

    /// A call was answered.
    func count(_ source: CacheSource) {
        switch source {
        case .hit: self.hits.increment()
        case .stale: self.stale.increment()
        default: self.misses.increment()
        }
    }

    var statistics: RegionStatistics {
        var statistics = RegionStatistics()
        statistics.hits = self.hits.load(ordering: .relaxed)
        statistics.stale = self.stale.load(ordering: .relaxed)
        statistics.misses = self.misses.load(ordering: .relaxed)
        statistics.requests = self.requests.load(ordering: .relaxed)
        statistics.unreadable = self.unreadable.load(ordering: .relaxed)
        statistics.storeFailures = self.storeFailures.load(ordering: .relaxed)
        statistics.waits = self.waits.load(ordering: .relaxed)
        statistics.loads = self.loads.load(ordering: .relaxed)
        statistics.refreshes = self.refreshes.load(ordering: .relaxed)
        statistics.loadFailures = self.loadFailures.load(ordering: .relaxed)
        statistics.loadTimeouts = self.loadTimeouts.load(ordering: .relaxed)
        statistics.storedFills = self.storedFills.load(ordering: .relaxed)
        statistics.refusedFills = self.refusedFills.load(ordering: .relaxed)
        statistics.invalidations = self.invalidations.load(ordering: .relaxed)
        return statistics
    }
}

extension Atomic<Int> {
    func increment() {
        self.wrappingAdd(1, ordering: .relaxed)
    }
}
