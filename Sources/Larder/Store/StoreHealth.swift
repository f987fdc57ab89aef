// SPDX-License-Identifier: Apache-2.0

/// How a store is doing.
public struct StoreHealth: Sendable, Hashable {
    /// Whether a store answers.
    public enum State: String, Sendable, Codable {
        /// It answers.
        case up
        /// It does not; the cache does without it.
        case down
    }

    /// What the store is: `embedded`, `redis`.
    public var kind: String
    /// Whether it answers.
    public var state: State
    /// How long it took to answer, or to fail.
    public var latency: Duration
    /// How many invalidations wait until the store can be reached. They hold for this cache meanwhile.
    public var queuedInvalidations: Int
    /// How often the cache stopped asking it because it did not answer.
    public var outages: Int

    /// Makes a report.
    public init(kind: String, state: State, latency: Duration, queuedInvalidations: Int = 0, outages: Int = 0) {
        self.kind = kind
        self.state = state
        self.latency = latency
        self.queuedInvalidations = queuedInvalidations
        self.outages = outages
    }
}
