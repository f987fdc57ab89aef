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

/// What a console shows of what stands in a cache.
struct ConsoleSurvey: Encodable {
    struct Region: Encodable {
        var name: String
        var entries: Int
        var bytes: Int
    }

    struct Tag: Encodable {
        var name: String
        var entries: Int
        var bytes: Int
        var isInvalidated: Bool
    }

    var keysSeen: Int
    var keyCount: Int
    var isAll: Bool
    /// How many entries were looked at.
    var sampled: Int
    var regions: [Region]
    var largest: [SurveyedEntry]
    /// Those that most of them have, of how many.
    var tags: [Tag]
    var tagCount: Int

    init(_ survey: CacheSurvey) {
        self.keysSeen = survey.keysSeen
        self.keyCount = survey.keyCount
        self.isAll = survey.isAll
        self.sampled = survey.items.count
        self.regions = survey.regions.map { Region(name: $0.name, entries: $0.entries, bytes: $0.bytes) }
        self.largest = survey.largest(20).map(SurveyedEntry.init)
        let tags = survey.tags
        self.tags = tags.prefix(200).map {
            Tag(name: $0.name, entries: $0.entries, bytes: $0.bytes, isInvalidated: $0.invalidated != nil)
        }
        self.tagCount = tags.count
    }
}

/// Entries that somebody looked for.
struct ConsoleEntries: Encodable {
    var keysSeen: Int
    var keyCount: Int
    var isAll: Bool
    var entries: [SurveyedEntry]

    init(_ survey: CacheSurvey, atMost count: Int) {
        self.keysSeen = survey.keysSeen
        self.keyCount = survey.keyCount
        self.isAll = survey.isAll && survey.items.count <= count
        self.entries = survey.largest(count).map(SurveyedEntry.init)
    }
}

/// An entry, and about how much memory it takes.
struct SurveyedEntry: Encodable {
    var entry: EntryReport
    var bytes: Int

    init(_ item: CacheSurvey.Item) {
        self.entry = EntryReport(item.explanation)
        self.bytes = item.size
    }
}
#endif
