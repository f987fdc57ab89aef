// SPDX-License-Identifier: Apache-2.0

/// What is remembered of one that is limited, and how a limit decides on it: the rules that every store keeps, in microseconds.
enum RateState: Sendable, Hashable {
    /// When all that was used will have come back: the theoretical arrival time.
    case arrival(Double)
    /// How many there were in a window, and in the one before it.
    case windows(index: Double, current: Double, previous: Double)

    /// How long it has to be remembered, in microseconds.
    func life(of limit: RateLimit, at now: Double) -> Double {
        switch self {
        case .arrival(let arrival): max(arrival - now, 0)
        case .windows(let index, _, _): max((index + 2) * limit.periodMicroseconds - now, 0)
        }
    }

    /// Decides, and gives what is to be remembered; nil when nothing has changed. What is remembered from ahead of the time is held to it,
    /// or it would deny until that time has come.
    static func decide(
        _ limit: RateLimit, cost: Int, _ state: RateState?, at now: Double
    ) -> (decision: RateDecision, state: RateState?) {
        switch limit.algorithm {
        case .cellRate: Self.cellRate(limit, cost: Double(cost), state, at: now)
        case .slidingWindow: Self.slidingWindow(limit, cost: Double(cost), state, at: now)
        }
    }

    private static func cellRate(
        _ limit: RateLimit, cost: Double, _ state: RateState?, at now: Double
    ) -> (RateDecision, RateState?) {
        let (emission, tolerance) = (limit.emission, limit.tolerance)
        var arrival = now
        var isHeld = false
        if case .arrival(let last) = state {
            // One that is later than it can be was written by a clock that has been set back, or under a looser limit.
            arrival = min(max(last, now), now + tolerance)
            isHeld = last > arrival
        }
        let next = arrival + emission * cost
        let isAllowed = next - tolerance <= now
        if isAllowed { arrival = next }
        let decision = RateDecision(
            outcome: isAllowed ? .allowed : .denied,
            remaining: Int(max((tolerance - (arrival - now)) / emission, 0).rounded(.down)),
            retryAfter: isAllowed ? .zero : emission * cost > tolerance ? nil : Self.time(next - tolerance - now),
            resetAfter: Self.time(arrival - now))
        return (decision, isAllowed && cost > 0 || isHeld ? .arrival(arrival) : nil)
    }

    private static func slidingWindow(
        _ limit: RateLimit, cost: Double, _ state: RateState?, at now: Double
    ) -> (RateDecision, RateState?) {
        let (period, most) = (limit.periodMicroseconds, Double(limit.count))
        let index = (now / period).rounded(.down)
        let elapsed = now - index * period
        var (current, previous) = (0.0, 0.0)
        var isHeld = false
        if case .windows(let last, let count, let before) = state {
            // A window that lies ahead was written by a clock that has been set back: it counts as this one.
            isHeld = last > index
            if last >= index { (current, previous) = (count, before) } else if last == index - 1 { previous = count }
        }
        let used = previous * (1 - elapsed / period) + current
        let isAllowed = used + cost <= most
        if isAllowed { current += cost }
        let left = most - (isAllowed ? used + cost : used)
        var retryAfter: Double? = 0
        if !isAllowed {
            if cost > most {
                retryAfter = nil
            } else if current + cost <= most {
                retryAfter = period * (1 - (most - cost - current) / previous) - elapsed
            } else {
                retryAfter = period * (2 - (most - cost) / current) - elapsed
            }
        }
        let decision = RateDecision(
            outcome: isAllowed ? .allowed : .denied, remaining: Int(max(left, 0).rounded(.down)),
            retryAfter: retryAfter.map(Self.time),
            resetAfter: Self.time(current > 0 ? 2 * period - elapsed : previous > 0 ? period - elapsed : 0))
        return (
            decision,
            isAllowed && cost > 0 || isHeld ? .windows(index: index, current: current, previous: previous) : nil
        )
    }

    /// Rounded up: who waits so long has waited long enough.
    private static func time(_ microseconds: Double) -> Duration { .microseconds(microseconds.rounded(.up)) }
}
