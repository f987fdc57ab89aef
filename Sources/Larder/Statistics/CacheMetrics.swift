// SPDX-License-Identifier: Apache-2.0

import CoreMetrics
import NIOConcurrencyHelpers

/// What a cache tells a metrics backend.
///
/// A cache counts for itself. What it has counted is passed on by ``Cache/reportMetrics()``, so that a request pays nothing for it;
/// loads are told one by one, as a histogram needs it.
final class CacheMetrics: Sendable {
    private let cache: String
    private let factory: any MetricsFactory
    private let state: NIOLockedValueBox<State>

    private struct State: Sendable {
        var regions: [String: Region] = [:]
        let outages: Counter
        var toldOutages = 0
        let isOut: Meter
        let queuedInvalidations: Meter
        var local: Local?
    }

    /// The counters of a region, and what they have been told.
    private struct Region: Sendable {
        private static let counts:
            [(label: String, dimensions: [(String, String)], count: any KeyPath<RegionStatistics, Int> & Sendable)] = [
                ("larder.requests", [("result", "hit")], \.hits),
                ("larder.requests", [("result", "near_hit")], \.nearHits),
                ("larder.requests", [("result", "stale")], \.stale),
                ("larder.requests", [("result", "miss")], \.misses),
                ("larder.fills", [("outcome", "stored")], \.storedFills),
                ("larder.fills", [("outcome", "refused")], \.refusedFills),
                ("larder.waits", [], \.waits),
                ("larder.refreshes", [], \.refreshes),
                ("larder.load.timeouts", [], \.loadTimeouts),
                ("larder.invalidations", [], \.invalidations),
                ("larder.unreadable", [], \.unreadable),
                ("larder.store.failures", [], \.storeFailures),
            ]

        private let counters: [Counter]
        private var told = RegionStatistics()

        init(_ dimensions: [(String, String)], _ factory: any MetricsFactory) {
            self.counters = Self.counts.map { count in
                Counter(label: count.label, dimensions: dimensions + count.dimensions, factory: factory)
            }
        }

        mutating func tell(_ statistics: RegionStatistics) {
            for (counter, (_, _, count)) in zip(self.counters, Self.counts) {
                let new = statistics[keyPath: count] - self.told[keyPath: count]
                if new > 0 { counter.increment(by: new) }
            }
            self.told = statistics
        }
    }

    /// What is kept in the process.
    private struct Local: Sendable {
        let entries: Meter
        let bytes: Meter
        let evictions: Counter
        var toldEvictions = 0

        init(_ dimensions: [(String, String)], _ factory: any MetricsFactory) {
            self.entries = Meter(label: "larder.local.entries", dimensions: dimensions, factory: factory)
            self.bytes = Meter(label: "larder.local.bytes", dimensions: dimensions, factory: factory)
            self.evictions = Counter(label: "larder.local.evictions", dimensions: dimensions, factory: factory)
        }

        mutating func tell(_ contents: LocalContents) {
            self.entries.set(contents.entries)
            self.bytes.set(contents.bytes)
            self.evictions.increment(by: max(contents.evictions - self.toldEvictions, 0))
            self.toldEvictions = contents.evictions
        }
    }

    init(_ cache: String, _ factory: any MetricsFactory) {
        self.cache = cache
        self.factory = factory
        let dimensions = [("cache", cache)]
        self.state = NIOLockedValueBox(
            State(
                outages: Counter(label: "larder.store.outages", dimensions: dimensions, factory: factory),
                isOut: Meter(label: "larder.store.out", dimensions: dimensions, factory: factory),
                queuedInvalidations: Meter(
                    label: "larder.queued_invalidations", dimensions: dimensions, factory: factory)))
    }

    /// How long loads of a region take that end so.
    func loadTimer(_ region: String, outcome: String) -> Timer {
        Timer(
            label: "larder.load.duration",
            dimensions: [("cache", self.cache), ("region", region), ("outcome", outcome)], factory: self.factory)
    }

    /// - Parameter regions: Gives the counts, asked for one caller after the other, so that none tells older ones.
    func tell(_ regions: () -> [String: RegionStatistics], _ store: GuardedStore) {
        self.state.withLockedValue { state in
            for (name, statistics) in regions() {
                state.regions[name, default: Region([("cache", self.cache), ("region", name)], self.factory)]
                    .tell(statistics)
            }
            let outages = store.outages
            state.outages.increment(by: outages - state.toldOutages)
            state.toldOutages = outages
            state.isOut.set(store.isOut ? 1 : 0)
            state.queuedInvalidations.set(store.pendingInvalidations)
            guard let contents = store.localContents else { return }
            var local = state.local ?? Local([("cache", self.cache)], self.factory)
            local.tell(contents)
            state.local = local
        }
    }
}
