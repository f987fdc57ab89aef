// SPDX-License-Identifier: Apache-2.0

/// Something that happened in a cache; see ``CacheConfiguration/onEvent``. More may come.
public enum CacheEvent: Sendable {
    /// A value was loaded, in so much time.
    case loaded(region: String, duration: Duration)
    /// A load threw.
    case loadFailed(region: String, any Error)
    /// A loaded value was not stored; ``RegionStatistics/refusedFills`` tells why that may be.
    case fillRefused(region: String)
    /// An old value was served, as the policy allows.
    case servedStale(region: String)
    /// The bytes of an entry could not be read.
    case unreadable(region: String)
    /// Invalidations wait for the store.
    case queued(any Error)
    /// The store does not answer, and is not asked any more.
    case storeIsOut(any Error)
    /// The store answers again.
    case storeIsBack
}
