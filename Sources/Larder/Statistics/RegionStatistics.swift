// SPDX-License-Identifier: Apache-2.0

/// What a region has done since its cache was made.
///
/// Each request is one of `hits`, `nearHits`, `stale` and `misses`.
public struct RegionStatistics: Sendable, Hashable, Codable {
    /// Calls for a value.
    public var requests = 0
    /// Calls answered from the store.
    public var hits = 0
    /// Calls answered from this process's copy of the store.
    public var nearHits = 0
    /// Calls answered with a value past its freshness, as a policy allowed.
    public var stale = 0
    /// Calls answered by a load, their own or one they shared, or ended by its error or their cancellation.
    public var misses = 0
    /// Entries that were found and could not be read: corrupt, foreign, of a later version, or of another type. Each was
    /// a miss, and replaced.
    public var unreadable = 0
    /// Calls that found the store could not be asked.
    public var storeFailures = 0
    /// Calls that waited for a load that another call had started.
    public var waits = 0
    /// Loads that were started.
    public var loads = 0
    /// Loads that were wanted behind a value that was served: before its end, or past it. Another process may have been
    /// quicker.
    public var refreshes = 0
    /// Loads that threw.
    public var loadFailures = 0
    /// Calls for which a load took too long.
    public var loadTimeouts = 0
    /// Loaded values that were stored.
    public var storedFills = 0
    /// Loaded values that were not stored: invalidated during the load, too large, not encodable, with tags that cannot
    /// be, without lifetime, during a hold-off, past the longest wait, or with no store in reach.
    public var refusedFills = 0
    /// Invalidations by key.
    public var invalidations = 0

    /// Makes statistics of nothing.
    public init() {}
}
