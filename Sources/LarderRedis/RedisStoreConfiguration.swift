// SPDX-License-Identifier: Apache-2.0

/// How a cache deals with its Redis. The defaults suit a server in the same data centre.
public struct RedisStoreConfiguration: Sendable {
    /// How long one operation may take. What takes longer is a miss, or an invalidation that is queued.
    public var timeout: Duration
    /// How many invalidated tags a namespace remembers; the same for all processes, and not more than
    /// `CacheConfiguration.maximumTags`.
    public var maximumTags: Int

    /// The copy in the process; nil for none, so that all reads are coherent. It needs a server and a user that may `CLIENT`; where
    /// changes are not told, through some proxies, nothing is kept.
    public var nearCache: NearCacheConfiguration?

    /// Makes a configuration.
    public init(
        timeout: Duration = .milliseconds(100), maximumTags: Int = 100_000,
        nearCache: NearCacheConfiguration? = NearCacheConfiguration()
    ) {
        self.timeout = timeout
        self.maximumTags = maximumTags
        self.nearCache = nearCache
    }
}
