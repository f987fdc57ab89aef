// SPDX-License-Identifier: Apache-2.0

/// How a cache deals with its Redis. The defaults suit a server in the same data centre.
public struct RedisStoreConfiguration: Sendable {
    /// How long one operation may take. What takes longer is a miss, or an invalidation that is queued.
    public var timeout: Duration
    /// How many invalidated tags a namespace remembers; the same for all processes, and not more than
    /// `CacheConfiguration.maximumTags`.
    public var maximumTags: Int

    /// Makes a configuration.
    public init(timeout: Duration = .milliseconds(100), maximumTags: Int = 100_000) {
        self.timeout = timeout
        self.maximumTags = maximumTags
    }
}
