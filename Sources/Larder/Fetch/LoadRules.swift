// SPDX-License-Identifier: Apache-2.0

/// How the values of a region are loaded, whatever the key: what every call needs, in one place that a call need not copy.
final class LoadRules: Sendable {
    /// The region's name, for the log.
    let region: String
    let policy: CachePolicy
    let counters: RegionCounters
    let limit: LoadLimit
    private let access: AccessGuard?
    /// Whether its values belong to somebody.
    private let isPrincipalBound: Bool

    init(
        _ region: String, _ policy: CachePolicy, _ state: RegionState, access: AccessGuard?, isPrincipalBound: Bool
    ) {
        self.region = region
        self.policy = policy
        self.counters = state.counters
        self.limit = state.limit
        self.access = access
        self.isPrincipalBound = isPrincipalBound
    }

    /// - Throws: ``CacheError`` with the code ``CacheError/Code/denied`` when whoever asks may not have what stands under a key.
    func checkRead(_ key: CacheKey) throws(CacheError) {
        try self.access?.check(.read, key)
    }

    /// Runs a load on nobody's behalf, and counts it.
    func load<Value>(
        on clock: any CacheClock, _ body: () async throws -> Value
    ) async throws -> (value: Value, duration: Duration) {
        try await Identity.$current.withValue(.service) { try await self.counters.load(on: clock, body) }
    }

    /// Whether entries may stand under a key: not what belongs to somebody where all would find it.
    func accept(_ key: CacheKey) -> Bool {
        !self.isPrincipalBound || key.hasPrincipal
    }
}
