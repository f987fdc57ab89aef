// SPDX-License-Identifier: Apache-2.0

/// How many connections there are to each server that one caller has alone, and for how long.
public struct RedisPoolConfiguration: Sendable, Hashable {
    /// How many there are at least, also when nobody uses them.
    public var minimumConnections: Int
    /// How many there are at most.
    public var maximumConnections: Int
    /// How many callers may wait for one; more fail at once.
    public var maximumWaiters: Int
    /// How long a caller waits for one.
    public var acquireTimeout: Duration
    /// After how long a connection that nobody uses is closed.
    public var idleTimeout: Duration

    /// Makes a configuration.
    public init(
        minimumConnections: Int = 0, maximumConnections: Int = 16, maximumWaiters: Int = 1_024,
        acquireTimeout: Duration = .seconds(1), idleTimeout: Duration = .seconds(60)
    ) {
        self.minimumConnections = minimumConnections
        self.maximumConnections = maximumConnections
        self.maximumWaiters = maximumWaiters
        self.acquireTimeout = acquireTimeout
        self.idleTimeout = idleTimeout
    }
}
