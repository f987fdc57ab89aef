// SPDX-License-Identifier: Apache-2.0

/// A store that keeps entries in the process: all of them, or copies.
package protocol LocalStore: CacheStore {
    /// What it keeps there; nil when that is nothing.
    var localContents: LocalContents? { get }
}

/// How much a store keeps in the process.
package struct LocalContents: Sendable {
    /// How many entries there are.
    package var entries: Int
    /// About how many bytes keys and entries take.
    package var bytes: Int
    /// How many had to go because there was no room.
    package var evictions: Int

    /// What an in-process cache keeps.
    package init(of cache: InProcessCache<some Any, some Any>) {
        self.entries = cache.count
        self.bytes = cache.weight
        self.evictions = cache.statistics.removals[.size]
    }
}
