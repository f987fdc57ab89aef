// SPDX-License-Identifier: Apache-2.0

/// Whether something is within its limit.
public struct RateDecision: Sendable, Hashable {
    /// What came of it.
    public enum Outcome: Sendable, Hashable {
        /// It is within the limit, and counted.
        case allowed
        /// It is beyond the limit, and not counted.
        case denied
        /// The limit could not be looked up.
        case unknown
    }

    /// What came of it.
    public var outcome: Outcome
    /// How many more would be allowed now.
    public var remaining: Int
    /// When what was asked for would be allowed; zero when it is. Nil when it never is, since it is more than the limit.
    public var retryAfter: Duration?
    /// When all is as if nothing had been asked for.
    public var resetAfter: Duration

    /// Makes a decision.
    public init(outcome: Outcome, remaining: Int, retryAfter: Duration?, resetAfter: Duration) {
        self.outcome = outcome
        self.remaining = remaining
        self.retryAfter = retryAfter
        self.resetAfter = resetAfter
    }
}
