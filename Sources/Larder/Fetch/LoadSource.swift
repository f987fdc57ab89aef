// SPDX-License-Identifier: Apache-2.0

/// Where a missing value comes from, and what becomes of it.
struct LoadSource: Sendable {
    var policy: CachePolicy
    var counters: RegionCounters
    private let body: @Sendable @concurrent () async throws -> LoadedValue

    init(
        policy: CachePolicy, counters: RegionCounters,
        load: @escaping @Sendable @concurrent () async throws -> LoadedValue
    ) {
        self.policy = policy
        self.counters = counters
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
