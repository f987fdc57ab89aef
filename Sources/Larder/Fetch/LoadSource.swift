// SPDX-License-Identifier: Apache-2.0

/// Where a missing value comes from, and what becomes of it.
struct LoadSource: Sendable {
    /// The region's name, for the log.
    var region: String
    var policy: CachePolicy
    var counters: RegionCounters
    var limit: LoadLimit
    private let body: @Sendable @concurrent () async throws -> LoadedValue

    init(
        region: String, policy: CachePolicy, counters: RegionCounters, limit: LoadLimit,
        load: @escaping @Sendable @concurrent () async throws -> LoadedValue
    ) {
        self.region = region
        self.policy = policy
        self.counters = counters
        self.limit = limit
        self.body = load
    }

    /// Loads the value, and counts.
    func load(on clock: any CacheClock) async throws -> (value: LoadedValue, duration: Duration) {
        self.counters.loadBegins()
        let start = clock.now
        do {
            let value = try await self.body()
            let duration = start.duration(to: clock.now)
            self.counters.loaded(in: duration)
            return (value, duration)
        } catch {
            self.counters.loadFailed(error)
            throw error
        }
    }
}
