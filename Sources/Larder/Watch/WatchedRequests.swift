// SPDX-License-Identifier: Apache-2.0

/// What was asked for in some time, and how long it took.
package struct WatchedRequests: Sendable {
    /// How long requests of a region took.
    package struct Latencies: Sendable, Equatable {
        /// Of those answered from the cache.
        package var answered = DurationHistogram()
        /// Of those that waited for a load.
        package var loaded = DurationHistogram()
    }

    private var regions: [String: Latencies] = [:]
    /// How long they were watched.
    package private(set) var duration = Duration.zero
    private var keys = HeavyHitters<CacheKey>(capacity: Self.maximumKeys)

    private static let maximumKeys = 512

    /// How long requests of a region took.
    package func latencies(in region: String) -> Latencies { self.regions[region] ?? Latencies() }

    /// The keys asked for most often, the first the most, with how often in a second, or a little more.
    package func hottest(_ count: Int) -> [(key: CacheKey, rate: Double)] {
        let seconds = max(self.duration / .seconds(1), 0.001)
        return self.keys.counts.sorted { ($0.value, $1.key.text) > ($1.value, $0.key.text) }.prefix(count)
            .map { ($0.key, Double($0.value) / seconds) }
    }

    mutating func note(_ key: CacheKey, in region: String, from source: CacheSource, _ duration: Duration) {
        self.keys.add(key)
        let histogram: WritableKeyPath<Latencies, DurationHistogram> = source == .miss ? \.loaded : \.answered
        self.regions[region, default: Latencies()][keyPath: histogram].add(duration)
    }

    /// What was noted in two stretches, one after the other.
    func followed(by other: WatchedRequests, within duration: Duration) -> WatchedRequests {
        var both = self
        both.duration = duration
        for (region, latencies) in other.regions {
            both.regions[region, default: Latencies()].answered.add(latencies.answered)
            both.regions[region, default: Latencies()].loaded.add(latencies.loaded)
        }
        both.keys.add(other.keys)
        return both
    }
}
