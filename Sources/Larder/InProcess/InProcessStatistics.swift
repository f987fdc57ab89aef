// SPDX-License-Identifier: Apache-2.0

/// What an ``InProcessCache`` has done since it was made.
public struct InProcessStatistics: Sendable, Hashable {
    /// Lookups that found a value.
    public internal(set) var hits = 0
    /// Lookups that found none, or one whose deadline had passed.
    public internal(set) var misses = 0
    /// Values that left. Those removed all at once count as their memory is given back.
    public internal(set) var removals = RemovalCounts()
}
