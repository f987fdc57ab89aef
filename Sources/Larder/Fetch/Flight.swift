// SPDX-License-Identifier: Apache-2.0

import Logging
import NIOConcurrencyHelpers
import NIOCore

/// One load in flight: asks for the lease, loads, fills, and answers those who wait.
///
/// Runs in a task of its own, so that no caller's cancellation reaches it.
struct Flight: Sendable {
    let id: Flights.FlightID
    let cache: Cache
    let key: CacheKey
    let source: LoadSource
    /// How long to wait for another process's load.
    let waitUntil: MonotonicInstant
    /// Whether what it loads is served meanwhile, so that it need not be loaded here and now.
    var isRefresh = false
    /// Whether it is to load whatever others have stored meanwhile.
    var isAnew = false

    /// The first pause between two looks at another process's lease, and the longest.
    private static let pauses = (first: Duration.milliseconds(5), longest: Duration.milliseconds(100))

    /// The right to fill the entry.
    private struct Lease {
        var token: LeaseToken
        /// When it was asked for, in the store's time.
        var since: StoreTime
        /// What was known of the log before the load: whatever the load cannot have seen is newer.
        var position: LogPosition
        /// What it replaces, if nothing was invalidated since.
        var previous: Entry?
    }

    private enum Right {
        /// Load and fill.
        case leased(Lease)
        /// Load for those who are here, and store nothing.
        case unleased
        /// Load nothing: the source is not to be asked by everybody.
        case refused(CacheError)
        /// Something else stands there now: read it.
        case superseded
        /// Another process loads it.
        case taken(StoreReading)
    }

    /// Runs the flight.
    ///
    /// - Parameter reading: What its starter read and could not use; nil to go without a lease.
    func run(_ reading: StoreReading?) async {
        // What its starter could not decode, if that is why it is here.
        let rejected = reading.flatMap { self.cache.mirror.servedEntry(in: $0)?.withoutLease }
        var reading = reading
        var waitUntil = self.waitUntil
        while true {
            let start = self.cache.clock.now
            let turn = await self.enter()
            if case .never = turn { return self.cache.flights.abandon(self.id) }
            if case .later = turn, reading != nil {
                // Standing in line is not waiting for another process, which may have loaded it meanwhile.
                waitUntil = waitUntil.advanced(by: start.duration(to: self.cache.clock.now))
                reading = await self.cache.read(self.key)
                if !self.isAnew, let served = reading.flatMap({ self.cache.mirror.servedEntry(in: $0) }),
                    served.withoutLease != rejected
                {
                    self.leave()
                    return self.cache.flights.abandon(self.id)
                }
            }
            switch await self.right(reading) {
            case .leased(let lease):
                return await self.loadAndFill(lease)
            case .unleased:
                return await self.loadUnleased()
            case .refused(let error):
                self.leave()
                return self.cache.flights.refuse(self.id, with: error)
            case .superseded:
                self.leave()
                return self.cache.flights.abandon(self.id)
            case .taken(let seen):
                self.leave()
                switch await self.awaitOther(seen, until: waitUntil, rejected) {
                case .readAgain: return self.cache.flights.abandon(self.id)
                case .tryAgain(let next): reading = next
                case .tooLong: reading = nil
                }
            }
        }
    }

    /// Takes a place among the loads of the region; a load of many takes one for all of them.
    private func enter() async -> LoadLimit.Turn {
        if let seat = self.source.seat { return await seat.enter(self.id) }
        return await self.source.rules.limit.enter(
            [self.id], maximum: self.source.rules.policy.maximumLoads, demand: self.cache.flights.demand)
    }

    /// Gives the place up without a load; a load of many need not wait for this one any more.
    private func leave() {
        if let seat = self.source.seat { seat.leave() } else { self.source.rules.limit.leave() }
    }

    /// Loads in the place that was taken, and gives it back.
    private func load(
        isLeased: Bool, previous: Entry? = nil
    ) async throws -> (value: LoadedValue, duration: Duration) {
        defer { if self.source.seat == nil { self.source.rules.limit.leave() } }
        return try await self.cache.flights.load(self.id, isLeased: isLeased) {
            try await self.source.load(on: self.cache.clock, previous: previous)
        }
    }

    private func loadUnleased() async {
        do {
            let (value, _) = try await self.load(isLeased: false)
            self.source.rules.counters.fillRefused()
            // Another's load from before must not be stored over what is known now.
            if self.isAnew { await self.cache.end(self.key) }
            self.cache.flights.finish(self.id, with: value, isVouched: false)
        } catch {
            self.cache.flights.fail(self.id, with: error)
        }
    }

    private func loadAndFill(_ lease: Lease) async {
        let renewal = self.renew(lease.token)
        self.cache.leases.withLockedValue { _ = $0.insert(lease.token) }
        defer {
            renewal.cancel()
            self.cache.leases.withLockedValue { _ = $0.remove(lease.token) }
        }
        var value: LoadedValue
        let duration: Duration
        do {
            (value, duration) = try await self.load(isLeased: true, previous: lease.previous)
        } catch {
            // What the source does not know of any more is not to be served either.
            await self.release(
                lease.token,
                error is BatchLoad.NotGiven
                    ? .unstored : .unloaded(pause: self.source.rules.policy.retryPause))
            return self.cache.flights.fail(self.id, with: error)
        }
        let entry = self.cache.entry(
            for: &value, under: self.key, of: self.source.rules.region, stampedWith: self.stamp(of: lease),
            created: lease.since,
            loadDuration: duration)
        self.cache.flights.seal(self.id, with: value)
        var isVouched = false
        if let entry {
            isVouched = await self.fill(entry, by: value.policy, lease.token)
        } else {
            self.source.rules.counters.fillRefused()
            await self.release(lease.token, .unstored)
        }
        self.cache.flights.finish(self.id, with: value, isVouched: isVouched)
    }

    // MARK: The lease

    private func right(_ reading: StoreReading?) async -> Right {
        guard let reading, let position = self.cache.mirror.position else { return .unleased }
        let token = LeaseToken(from: self.cache.random)
        do {
            switch try await self.acquire(token, seeing: reading.record) {
            case .granted:
                return .leased(
                    Lease(
                        token: token, since: reading.now, position: position,
                        previous: self.cache.mirror.validEntry(in: reading)))
            case .changed: return .superseded
            case .held: return self.isRefresh ? .superseded : .taken(reading)
            case .heldOff: return self.isRefresh ? .superseded : .unleased
            }
        } catch {
            if self.isRefresh { return .superseded }
            return self.source.rules.policy.onStoreFailure == .throw ? .refused(.storeUnavailable(error)) : .unleased
        }
    }

    private enum Change {
        /// There is something to serve.
        case readAgain
        /// The lease may be free.
        case tryAgain(StoreReading)
        case tooLong
    }

    /// Looks again until something changes, or the other's lease has run out: when the store tells, and now and then in any
    /// case.
    private func awaitOther(
        _ seen: StoreReading, until waitUntil: MonotonicInstant, _ rejected: Entry?
    ) async -> Change {
        var image = seen.record.image
        var pause = Self.pauses.first
        while true {
            let isTold = await self.cache.store.awaitChange(of: self.key, from: image, within: Self.pauses.longest)
            if !isTold {
                guard await self.sleep(pause) else { return .tooLong }
                pause = min(pause * 2, Self.pauses.longest)
            }
            guard self.cache.clock.now < waitUntil else { return .tooLong }
            guard let next = await self.cache.read(self.key) else { return .tooLong }
            if !self.isAnew, let served = self.cache.mirror.servedEntry(in: next), served.withoutLease != rejected {
                return .readAgain
            }
            guard case .entry(let entry) = next.record, entry.token != nil, entry.isLeased(at: next.now) else {
                return .tryAgain(next)
            }
            image = next.record.image
        }
    }

    private func acquire(_ token: LeaseToken, seeing record: StoredRecord) async throws -> LeaseAnswer {
        do {
            return try await self.cache.store.acquire(
                self.key, seen: record.image, token: token, for: self.cache.configuration.effectiveLease)
        } catch {
            self.cache.logger.debug("a lease was not obtained", metadata: ["larder.error": "\(error)"])
            // It may have been granted all the same, and then keeps others waiting.
            Task { await self.release(token, .unloaded()) }
            throw error
        }
    }

    private func release(_ token: LeaseToken, _ reason: LeaseRelease) async {
        do {
            try await self.cache.store.release(self.key, token: token, reason)
        } catch {
            self.cache.logger.debug("a lease was not released", metadata: ["larder.error": "\(error)"])
        }
    }

    /// Sleeps for a jittered pause; false when the clock gave up.
    private func sleep(_ pause: Duration) async -> Bool {
        do {
            try await self.cache.clock.sleep(for: self.cache.random.jittered(pause))
            return true
        } catch {
            return false
        }
    }

    /// Keeps the lease while the load runs. Once it is lost, newcomers no longer join what cannot be stored.
    private func renew(_ token: LeaseToken) -> Task<Void, any Error> {
        Task {
            let lease = self.cache.configuration.effectiveLease
            let longest = self.cache.configuration.maximumLeasedLoad
            let end = self.cache.clock.now.advanced(
                by: min(longest, self.source.rules.policy.hardLoadTimeout ?? longest))
            var isHeld = true
            while isHeld, self.cache.clock.now < end {
                try await self.cache.clock.sleep(for: lease / 3)
                do {
                    isHeld = try await self.cache.store.renew(self.key, token: token, for: lease)
                } catch {
                    // The store may answer next time, before the lease has run out.
                    try Task.checkCancellation()
                }
            }
            self.cache.flights.detach(self.id)
        }
    }

    // MARK: The fill

    /// What the load has seen for sure: where it reads a source that lags, not the newest invalidations.
    private func stamp(of lease: Lease) -> LogPosition {
        guard let holdOff = self.source.rules.policy.holdOff else { return lease.position }
        let seen = LogSequence(at: lease.since.reduced(by: holdOff))
        return LogPosition(epoch: lease.position.epoch, head: min(lease.position.head, seen))
    }

    /// Stores the entry; whether it was stored and nothing ended it meanwhile.
    private func fill(_ entry: Entry, by policy: CachePolicy, _ token: LeaseToken) async -> Bool {
        let lifetime = policy.lifetime(
            of: entry.kind, at: self.cache.clock.wallTime, draw: self.cache.random.fraction())
        guard lifetime.fresh > .zero || policy.validation != nil else {
            self.source.rules.counters.fillRefused()
            await self.release(token, .unstored)
            return false
        }
        do {
            // Asked after everybody who joined until now arrived, so its answer holds for all of them.
            let asked = self.cache.mirror.position
            let answer = try await self.cache.store.fill(
                self.key, with: entry, lifetime: lifetime, token: token, since: asked)
            if answer.isStored {
                self.source.rules.counters.storedFills.increment()
            } else {
                self.source.rules.counters.fillRefused()
            }
            return answer.isStored && self.cache.mirror.apply(answer.log, asked: asked)
                && self.cache.mirror.vouches(for: entry)
        } catch {
            self.source.rules.counters.fillRefused()
            self.cache.logger.debug("a fill failed", metadata: ["larder.error": "\(error)"])
            // Others need not wait until the lease has run out.
            Task { await self.release(token, .unloaded()) }
            return false
        }
    }
}

extension Entry {
    /// The entry as it is whoever refreshes it.
    fileprivate var withoutLease: Entry {
        var entry = self
        entry.token = nil
        entry.leaseUntil = .zero
        return entry
    }
}
