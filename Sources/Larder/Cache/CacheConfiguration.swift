// SPDX-License-Identifier: Apache-2.0

public import CoreMetrics

/// How a cache deals with leases, waits and sizes. The defaults suit most services.
public struct CacheConfiguration: Sendable {
    /// How long the right to fill an entry lasts before it has to be renewed: what a crashed process costs the others.
    /// From 100 milliseconds to 30 seconds; what lies outside is taken as the nearer bound.
    public var leaseDuration: Duration
    /// How long the lease of a load is renewed. A load that takes longer still answers, but others no longer wait for
    /// it, and it is stored only if nobody took the lease meanwhile.
    public var maximumLeasedLoad: Duration
    /// How long a caller waits for a load of another process before it loads for itself, without storing.
    public var maximumWait: Duration
    /// The largest value that is stored, in bytes. A larger one is returned and not stored.
    public var maximumValueSize: Int
    /// How many invalidated tags the process remembers; not fewer than the store does, or more than was asked is
    /// invalidated.
    public var maximumTags: Int
    /// Who may do what with which entries; nil for everybody everything.
    public var access: AccessPolicy?
    /// What to do about a store that fails.
    public var outage: OutageConfiguration
    /// Where metrics go; nil for what `MetricsSystem` was bootstrapped with when the cache was made. See ``Cache/reportMetrics()``.
    public var metricsFactory: (any MetricsFactory)?
    /// Told of what happens, where it happens: it must be quick.
    public var onEvent: (@Sendable (CacheEvent) -> Void)?

    /// Makes a configuration.
    public init(
        leaseDuration: Duration = .seconds(3),
        maximumLeasedLoad: Duration = .seconds(60),
        maximumWait: Duration = .seconds(5),
        maximumValueSize: Int = 16 << 20,
        maximumTags: Int = 100_000,
        access: AccessPolicy? = nil,
        outage: OutageConfiguration = OutageConfiguration(),
        metricsFactory: (any MetricsFactory)? = nil,
        onEvent: (@Sendable (CacheEvent) -> Void)? = nil
    ) {
        self.leaseDuration = leaseDuration
        self.maximumLeasedLoad = maximumLeasedLoad
        self.maximumWait = maximumWait
        self.maximumValueSize = maximumValueSize
        self.maximumTags = maximumTags
        self.access = access
        self.outage = outage
        self.metricsFactory = metricsFactory
        self.onEvent = onEvent
    }

    /// The lease duration within its bounds.
    var effectiveLease: Duration {
        min(max(self.leaseDuration, .milliseconds(100)), Entry.longestLease)
    }
}
