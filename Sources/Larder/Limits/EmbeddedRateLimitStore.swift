// SPDX-License-Identifier: Apache-2.0

import NIOConcurrencyHelpers

/// Limits that hold within the process.
public final class EmbeddedRateLimitStore: RateLimitStore {
    private struct Remembered {
        var state: RateState
        var end: Double
    }

    private struct States {
        var known: [CacheKey: Remembered] = [:]
        /// At how many keys those of which nothing need be remembered are looked for, and when at the soonest.
        var sweepCount = 1_024
        var sweepTime = 0.0

        mutating func sweep(at now: Double) {
            guard now >= self.sweepTime else { return }
            self.sweepTime = now + 1_000_000
            self.known = self.known.filter { $0.value.end > now }
            self.sweepCount = max(self.known.count * 2, 1_024)
        }
    }

    private let states = NIOLockedValueBox(States())
    private let maximumKeys: Int
    private let clock: any CacheClock

    /// Makes an empty store.
    ///
    /// - Parameters:
    ///   - maximumKeys: Of how many keys something is remembered at the same time. Beyond that limits cannot be looked up for others, for
    ///     whoever were forgotten would have no limit.
    ///   - clock: The time limits live by.
    public init(maximumKeys: Int = 1_000_000, clock: any CacheClock = SystemClock()) {
        self.maximumKeys = maximumKeys
        self.clock = clock
    }

    public func use(_ cost: Int, of limit: RateLimit, for key: CacheKey) async throws -> RateDecision {
        // Whole microseconds, as servers count.
        let now = (Double(self.clock.now.nanoseconds) / 1_000).rounded(.down)
        return try self.states.withLockedValue { states in
            let (decision, state) = RateState.decide(limit, cost: max(cost, 0), states.known[key]?.state, at: now)
            guard let state else { return decision }
            if states.known.count >= min(states.sweepCount, self.maximumKeys), states.known[key] == nil {
                states.sweep(at: now)
                guard states.known.count < self.maximumKeys else {
                    throw StoreRefusal("limits of \(states.known.count) keys are remembered, and there is no room")
                }
            }
            states.known[key] = Remembered(state: state, end: now + state.life(of: limit, at: now))
            return decision
        }
    }

    public func reset(_ key: CacheKey) async throws {
        self.states.withLockedValue { $0.known[key] = nil }
    }
}
