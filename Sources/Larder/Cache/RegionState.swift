// SPDX-License-Identifier: Apache-2.0

/// What all users of a region in a process share.
final class RegionState: Sendable {
    let counters: RegionCounters
    let limit = LoadLimit()
    /// How an invalidation by key ends its entries.
    let invalidationMethod: InvalidationMethod

    init(
        _ region: String, invalidatedBy method: InvalidationMethod, onEvent: (@Sendable (CacheEvent) -> Void)?
    ) {
        self.counters = RegionCounters(region: region, onEvent: onEvent)
        self.invalidationMethod = method
    }
}
