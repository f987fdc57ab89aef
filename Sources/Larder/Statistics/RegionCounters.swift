// SPDX-License-Identifier: Apache-2.0

import CoreMetrics
import Synchronization

/// The running counts of one region.
final class RegionCounters: Sendable {
    private let region: String
    private let onEvent: (@Sendable (CacheEvent) -> Void)?
    private let requests = Atomic<Int>(0)
    private let hits = Atomic<Int>(0)
    private let nearHits = Atomic<Int>(0)
    private let stale = Atomic<Int>(0)
    private let misses = Atomic<Int>(0)
    private let unreadable = Atomic<Int>(0)
    let storeFailures = Atomic<Int>(0)
    let waits = Atomic<Int>(0)
    private let loads = Atomic<Int>(0)
    let refreshes = Atomic<Int>(0)
    private let loadFailures = Atomic<Int>(0)
    let loadTimeouts = Atomic<Int>(0)
    let storedFills = Atomic<Int>(0)
    private let refusedFills = Atomic<Int>(0)
    let invalidations = Atomic<Int>(0)

    private let succeededLoads: Timer
    private let failedLoads: Timer

    init(region: String, metrics: CacheMetrics, onEvent: (@Sendable (CacheEvent) -> Void)?) {
        self.region = region
        self.succeededLoads = metrics.loadTimer(region, outcome: "succeeded")
        self.failedLoads = metrics.loadTimer(region, outcome: "failed")
        self.onEvent = onEvent
    }

    func requested() {
        self.requests.increment()
    }

    func answered(from source: CacheSource) {
        switch source {
        case .hit:
            self.hits.increment()
        case .nearHit:
            self.nearHits.increment()
        case .stale:
            self.stale.increment()
            self.onEvent?(.servedStale(region: self.region))
        default:
            self.misses.increment()
        }
    }

    func foundUnreadable() {
        self.unreadable.increment()
        self.onEvent?(.unreadable(region: self.region))
    }

    /// Counts a load, and how it ends.
    func load<Value>(
        on clock: any CacheClock, _ body: () async throws -> Value
    ) async throws -> (value: Value, duration: Duration) {
        self.loads.increment()
        let start = clock.now
        do {
            let value = try await body()
            let duration = start.duration(to: clock.now)
            self.succeededLoads.recordNanoseconds(Int64(duration / .nanoseconds(1)))
            self.onEvent?(.loaded(region: self.region, duration: duration))
            return (value, duration)
        } catch {
            self.loadFailures.increment()
            self.failedLoads.recordNanoseconds(Int64(start.duration(to: clock.now) / .nanoseconds(1)))
            self.onEvent?(.loadFailed(region: self.region, error))
            throw error
        }
    }

    func fillRefused() {
        self.refusedFills.increment()
        self.onEvent?(.fillRefused(region: self.region))
    }

    var statistics: RegionStatistics {
        var statistics = RegionStatistics()
        statistics.hits = self.hits.load(ordering: .relaxed)
        statistics.nearHits = self.nearHits.load(ordering: .relaxed)
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
