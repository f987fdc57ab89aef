// SPDX-License-Identifier: Apache-2.0

#if Hummingbird
import Larder

/// What a console shows of a cache as it is now. Counts go on from one to the next, as long as the process runs.
struct ConsoleOverview: Encodable {
    struct Local: Encodable {
        var entries: Int
        var bytes: Int
        var evictions: Int
    }

    struct Region: Encodable {
        var name: String
        var counts: RegionStatistics
        /// How long 99 of a hundred requests took at most that were answered from the cache, and that waited for a load.
        var answeredMs: Double?
        var loadedMs: Double?
    }

    struct HotKey: Encodable {
        var key: String
        var perSecond: Double
    }

    struct Store: Encodable {
        var kind: String
        var state: StoreHealth.State
        var latencyMs: Double
        /// Whether it is not asked, for it did not answer.
        var isOut: Bool
        var outages: Int
        var queuedInvalidations: Int
    }

    var cache: String
    /// Which process says so, and for how many seconds it has counted.
    var instance: String
    var uptime: Double
    var csrfToken: String
    var hasSessions: Bool
    var store: Store
    var local: Local?
    var regions: [Region]
    var hotKeys: [HotKey]

    init(
        of cache: Cache, _ instance: String, since start: ContinuousClock.Instant, csrfToken: String, hasSessions: Bool
    ) async {
        // Until somebody asks this process again, which is one of several.
        let requests = cache.watchRequests(for: .seconds(60))
        let health = await cache.health()
        self.cache = cache.name
        self.instance = instance
        self.csrfToken = csrfToken
        self.hasSessions = hasSessions
        self.store = Store(
            kind: health.kind, state: health.state, latencyMs: health.latency / .milliseconds(1),
            isOut: cache.isStoreOut, outages: health.outages, queuedInvalidations: health.queuedInvalidations)
        self.local = cache.localContents.map {
            Local(entries: $0.entries, bytes: $0.bytes, evictions: $0.evictions)
        }
        self.uptime = (.now - start) / .seconds(1)
        self.regions = cache.statistics.sorted { $0.key < $1.key }.map { name, counts in
            let latencies = requests.latencies(in: name)
            return Region(
                name: name, counts: counts, answeredMs: latencies.answered.quantile(0.99).map { $0 / .milliseconds(1) },
                loadedMs: latencies.loaded.quantile(0.99).map { $0 / .milliseconds(1) })
        }
        self.hotKeys = requests.hottest(20).map { HotKey(key: $0.key.text, perSecond: $0.rate) }
    }
}
#endif
