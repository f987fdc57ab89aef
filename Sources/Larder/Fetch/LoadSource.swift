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
    func load() async throws -> LoadedValue {
        self.counters.loads.increment()
        do {
            return try await self.body()
        } catch {
            self.counters.loadFailures.increment()
            throw error
        }
    }
}
