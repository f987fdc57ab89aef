// SPDX-License-Identifier: Apache-2.0

import Logging
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

    /// The first pause between two looks at another process's lease, and the longest.
    private static let pauses = (first: Duration.milliseconds(5), longest: Duration.milliseconds(100))

    /// The right to fill the entry.
    private struct Lease {
        var token: LeaseToken
        /// When it was asked for, in the store's time.
        var since: StoreTime
        /// What was known of the log before the load: whatever the load cannot have seen is newer.
        var position: LogPosition
    }

    private enum Right {
        /// Load and fill.
        case leased(Lease)
        /// Load for those who are here, and store nothing.
        case unleased
        /// Something else stands there now: read it.
        case superseded
    }

    /// Runs the flight.
    ///
    /// - Parameter reading: What its starter read and could not use; nil to go without a lease.
    func run(_ reading: StoreReading?) async {
        switch await self.right(reading) {
        case .superseded: self.cache.flights.abandon(self.id)
        case .unleased: await self.loadUnleased()
        case .leased(let lease): await self.loadAndFill(lease)
        }
    }

    private func loadUnleased() async {
        do {
            let value = try await self.cache.flights.load(self.id, isLeased: false) { try await self.source.load() }
            self.source.counters.refusedFills.increment()
            self.cache.flights.finish(self.id, with: value, isVouched: false)
        } catch {
            self.cache.flights.fail(self.id, with: error)
        }
    }

    private func loadAndFill(_ lease: Lease) async {
        let renewal = self.renew(lease.token)
        defer { renewal.cancel() }
        let start = self.cache.clock.now
        var value: LoadedValue
        do {
            value = try await self.cache.flights.load(self.id, isLeased: true) { try await self.source.load() }
        } catch {
            await self.release(lease.token)
            return self.cache.flights.fail(self.id, with: error)
        }
        let entry = self.entry(for: &value, lease, loadDuration: start.duration(to: self.cache.clock.now))
        self.cache.flights.seal(self.id, with: value)
        var isVouched = false
        if let entry {
            isVouched = await self.fill(entry, lease.token)
        } else {
            self.source.counters.refusedFills.increment()
            await self.release(lease.token)
        }
        self.cache.flights.finish(self.id, with: value, isVouched: isVouched)
    }

    // MARK: The lease

    private func right(_ first: StoreReading?) async -> Right {
        guard var reading = first else { return .unleased }
        // What its starter could not decode, if that is why it is here.
        let rejected = self.cache.mirror.freshEntry(in: reading)?.withoutLease
        var pause = Self.pauses.first
        while let position = self.cache.mirror.position {
            let token = LeaseToken()
            switch await self.acquire(token, seeing: reading.record) {
            case .granted: return .leased(Lease(token: token, since: reading.now, position: position))
            case .changed: return .superseded
            case .heldOff, nil: return .unleased
            case .held(let remaining):
                // Another process is loading: look again until something changes, or its lease has run out.
                let until = self.cache.clock.now.advanced(by: remaining)
                let image = reading.record.image
                repeat {
                    guard self.cache.clock.now < self.waitUntil, await self.sleep(pause) else { return .unleased }
                    pause = min(pause * 2, Self.pauses.longest)
                    guard let next = await self.cache.read(self.key) else { return .unleased }
                    if let fresh = self.cache.mirror.freshEntry(in: next), fresh.withoutLease != rejected {
                        return .superseded
                    }
                    reading = next
                } while reading.record.image == image && self.cache.clock.now < until
            }
        }
        return .unleased
    }

    /// Asks for the lease; nil when the store cannot tell.
    private func acquire(_ token: LeaseToken, seeing record: StoredRecord) async -> LeaseAnswer? {
        do {
            return try await self.cache.store.acquire(
                self.key, seen: record.image, token: token, for: self.cache.configuration.effectiveLease)
        } catch {
            self.cache.logger.debug("a lease was not obtained", metadata: ["larder.error": "\(error)"])
            // It may have been granted all the same, and then keeps others waiting.
            Task { await self.release(token) }
            return nil
        }
    }

    private func release(_ token: LeaseToken) async {
        do {
            try await self.cache.store.release(self.key, token: token)
        } catch {
            self.cache.logger.debug("a lease was not released", metadata: ["larder.error": "\(error)"])
        }
    }

    /// Sleeps for a jittered pause; false when the clock gave up.
    private func sleep(_ pause: Duration) async -> Bool {
        do {
            try await self.cache.clock.sleep(for: pause * Double.random(in: 0.5...1))
            return true
        } catch {
            return false
        }
    }

    /// Keeps the lease while the load runs. Once it is lost, newcomers no longer join what cannot be stored.
    private func renew(_ token: LeaseToken) -> Task<Void, any Error> {
        Task {
            let lease = self.cache.configuration.effectiveLease
            let end = self.cache.clock.now.advanced(by: self.cache.configuration.maximumLeasedLoad)
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

    /// The entry to store; nil when the value is not to be stored.
    private func entry(for value: inout LoadedValue, _ lease: Lease, loadDuration: Duration) -> Entry? {
        do {
            try CacheTag.check(value.tags)
            let entry = try value.entry(
                stampedWith: lease.position, created: lease.since, loadDuration: loadDuration)
            let size = entry.payload.readableBytes
            guard size <= self.cache.configuration.maximumValueSize else {
                self.cache.logger.info(
                    "a value was too large to store",
                    metadata: ["larder.region": "\(self.source.region)", "larder.bytes": "\(size)"])
                return nil
            }
            return entry
        } catch {
            self.cache.logger.info(
                "a value could not be stored",
                metadata: ["larder.region": "\(self.source.region)", "larder.error": "\(error)"])
            return nil
        }
    }

    /// Stores the entry; whether it was stored and nothing ended it meanwhile.
    private func fill(_ entry: Entry, _ token: LeaseToken) async -> Bool {
        let lifetime = self.source.policy.lifetime(of: entry.kind, draw: .random(in: 0...1))
        guard lifetime.fresh > .zero else {
            self.source.counters.refusedFills.increment()
            await self.release(token)
            return false
        }
        do {
            // Asked after everybody who joined until now arrived, so its answer holds for all of them.
            let asked = self.cache.mirror.position
            let answer = try await self.cache.store.fill(
                self.key, with: entry, lifetime: lifetime, token: token, since: asked)
            if answer.isStored {
                self.source.counters.storedFills.increment()
            } else {
                self.source.counters.refusedFills.increment()
            }
            return answer.isStored && self.cache.mirror.apply(answer.log, asked: asked)
                && self.cache.mirror.vouches(for: entry)
        } catch {
            self.source.counters.refusedFills.increment()
            self.cache.logger.debug("a fill failed", metadata: ["larder.error": "\(error)"])
            // Others need not wait until the lease has run out.
            Task { await self.release(token) }
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
