// SPDX-License-Identifier: Apache-2.0

/// How a cache deals with a store that fails. The defaults suit most services.
public struct OutageConfiguration: Sendable {
    /// By how much failures must outnumber answers before the store is no longer asked. Timeouts are failures; an answer
    /// that refuses is none.
    public var maximumFailures: Int
    /// How soon a store that is out is probed, and delivered what is pending. Each further attempt waits twice as long, up to
    /// ``maximumRecoveryPause``.
    public var recoveryPause: Duration
    /// The longest pause between two attempts.
    public var maximumRecoveryPause: Duration
    /// How many invalidations are kept while they cannot be delivered, 16 patterns among them at most. Past it their namespaces are
    /// cleared instead.
    public var maximumPendingInvalidations: Int

    /// Makes a configuration.
    public init(
        maximumFailures: Int = 5,
        recoveryPause: Duration = .milliseconds(100),
        maximumRecoveryPause: Duration = .seconds(2),
        maximumPendingInvalidations: Int = 100_000
    ) {
        self.maximumFailures = maximumFailures
        self.recoveryPause = recoveryPause
        self.maximumRecoveryPause = maximumRecoveryPause
        self.maximumPendingInvalidations = maximumPendingInvalidations
    }
}
