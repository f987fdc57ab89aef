// SPDX-License-Identifier: Apache-2.0

/// What an entry is good for, from nothing upwards. Being fresh is one thing, being valid another: one that was invalidated
/// is never served but to whoever asked for it in the worst case.
enum EntryUse: Comparable {
    case nothing
    /// For a caller whose load failed.
    case onError
    /// While it is loaded anew.
    case whileRevalidating
    case fresh
}

extension Entry {
    /// What the entry is good for.
    ///
    /// - Parameters:
    ///   - now: The store's time.
    ///   - isValid: Whether nothing that is known of has ended it.
    func use(at now: StoreTime, isValid: Bool) -> EntryUse {
        guard self.kind == .value || self.kind == .absence else { return .nothing }
        // One that was invalidated by its key has lost its time of freshness, and stays as long as it is kept.
        let isExpired = self.freshUntil == .zero
        let age = isExpired ? .zero : self.freshUntil.duration(to: now)
        if isValid, !isExpired {
            if self.freshUntil > now { return .fresh }
            if let longest = self.metadata.staleWhileRevalidate, age < longest { return .whileRevalidating }
        }
        guard let longest = self.metadata.staleIfError, age < longest else { return .nothing }
        return isValid && !isExpired || self.metadata.servesInvalidatedOnError ? .onError : .nothing
    }

    /// Whether somebody loads it anew, or failed to do so a moment ago.
    func isLeased(at now: StoreTime) -> Bool {
        self.leaseUntil > now && self.leaseUntil <= now.advanced(by: Self.longestLease)
    }

    /// Whether a load failed a moment ago, so that whoever can do with this should.
    func isPaused(at now: StoreTime) -> Bool {
        self.token == nil && self.isLeased(at: now)
    }

    /// When its life is to be prolonged to, if it slides and some of its idle time has passed.
    func slide(at now: StoreTime) -> (lifetime: EntryLifetime, end: StoreTime)? {
        guard
            let idle = self.metadata.idle, let longest = self.metadata.longestLife, let created = self.metadata.created
        else { return nil }
        let end = created.advanced(by: longest)
        let next = min(now.advanced(by: idle), end)
        guard self.freshUntil.duration(to: next) >= idle / 10 else { return nil }
        let stalest = max(self.metadata.staleWhileRevalidate ?? .zero, self.metadata.staleIfError ?? .zero)
        return (EntryLifetime(fresh: idle, kept: idle + stalest), end)
    }

    /// Whether it is time to load it anew before its end.
    ///
    /// - Parameters:
    ///   - eagerness: The factor β of the policy.
    ///   - draw: Gives an exponentially distributed number with the mean 1. Not asked where no number would do: one above 64
    ///     comes once in 10²⁷ times.
    func isDueEarly(at now: StoreTime, eagerness: Double, draw: () -> Double) -> Bool {
        guard let load = self.metadata.loadDuration else { return false }
        let (scale, rest) = (load / .seconds(1) * eagerness, now.duration(to: self.freshUntil) / .seconds(1))
        return scale * 64 >= rest && scale * draw() >= rest
    }
}
