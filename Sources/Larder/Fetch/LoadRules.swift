// SPDX-License-Identifier: Apache-2.0

/// How the values of a region are loaded, whatever the key: what every call needs, in one place that a call need not copy.
final class LoadRules: Sendable {
    /// The region's name, for the log.
    let region: String
    let policy: CachePolicy
    let counters: RegionCounters
    let limit: LoadLimit
    /// Whether its values belong to somebody.
    private let isPrincipalBound: Bool

    init(_ region: String, _ policy: CachePolicy, _ state: RegionState, isPrincipalBound: Bool) {
        self.region = region
        self.policy = policy
        self.counters = state.counters
        self.limit = state.limit
        self.isPrincipalBound = isPrincipalBound
    }

    /// Whether entries may stand under a key: not what belongs to somebody where all would find it.
    func accept(_ key: CacheKey) -> Bool {
        !self.isPrincipalBound || key.hasPrincipal
    }
}
