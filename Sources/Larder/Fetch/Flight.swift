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

    /// The keys whose loads the current task is part of.
    @TaskLocal static var keysLoading: [CacheKey] = []

    /// The first pause between two looks at another process's lease, and the longest.
    private static let pauses = (first: Duration.milliseconds(5), longest: Duration.milliseconds(100))

    private enum Right {
        /// Load and fill.
        case leased(LeaseToken, since: StoreTime)
        /// Load for those who are here, and store nothing.
        case unleased
        /// Something else stands there now: read it.
        case superseded
    }

    /// Runs the flight.
    ///
    /// - Parameter reading: What its starter read and could not use; nil to go without a lease.
    func run(_ reading: StoreReading?) async {
        let token: LeaseToken?
        let since: StoreTime
        switch await self.right(reading) {
        case .superseded: return self.cache.flights.abandon(self.id)
        case .unleased: (token, since) = (nil, .zero)
        case .leased(let granted, let time): (token, since) = (granted, time)
        }

        // What the load cannot have seen must be newer than the stamp.
        let position = self.cache.mirror.position
        self.cache.flights.beginLoad(self.id, isLeased: token != nil)
        let renewal = token.map(self.renew)
        defer { renewal?.cancel() }
        let start = self.cache.clock.now
        let loaded: LoadedValue
        do {
            loaded = try await Self.$keysLoading.withValue(Self.keysLoading + [self.key]) {
                try await self.source.load()
            }
        } catch {
            if let token { try? await self.cache.store.release(self.key, token: token) }
            return self.cache.flights.fail(self.id, with: error)
        }

        self.cache.flights.seal(self.id, with: loaded)
        var isVouched = false
        if let token, let position {
            let duration = start.duration(to: self.cache.clock.now)
            if let entry = self.entry(for: loaded, position: position, since: since, duration: duration) {
                isVouched = await self.fill(entry, token: token, position: position)
            } else {
                try? await self.cache.store.release(self.key, token: token)
            }
        }
        self.cache.flights.finish(self.id, with: loaded, isVouched: isVouched)
    }

    // MARK: The lease

    private func right(_ reading: StoreReading?) async -> Right {
        guard var reading else { return .unleased }
        var pause = Self.pauses.first
        while true {
            switch await self.acquire(seeing: reading.record) {
            case .granted(let token): return .leased(token, since: reading.now)
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
                    if self.cache.mirror.freshEntry(in: next) != nil { return .superseded }
                    reading = next
                } while reading.record.image == image && self.cache.clock.now < until
            }
        }
    }

    private enum Acquired {
        case granted(LeaseToken)
        case changed
        case held(Duration)
        case heldOff
    }

    /// Asks for the lease; nil when the store cannot tell.
    private func acquire(seeing record: StoredRecord) async -> Acquired? {
        let token = LeaseToken()
        do {
            let answer = try await self.cache.store.acquire(
                self.key, seen: record.image, token: token, for: self.cache.configuration.leaseDuration)
            switch answer {
            case .granted: return .granted(token)
            case .changed: return .changed
            case .held(let remaining): return .held(remaining)
            case .heldOff: return .heldOff
            }
        } catch {
            self.cache.logger.debug("a lease was not obtained", metadata: ["larder.error": "\(error)"])
            // It may have been granted all the same, and then keeps others waiting.
            let (cache, key) = (self.cache, self.key)
            Task { try? await cache.store.release(key, token: token) }
            return nil
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

    /// Keeps the lease while the load runs.
    private func renew(_ token: LeaseToken) -> Task<Void, Never> {
        let (cache, key) = (self.cache, self.key)
        return Task {
            let lease = cache.configuration.leaseDuration
            let end = cache.clock.now.advanced(by: cache.configuration.maximumLeasedLoad)
            do {
                while cache.clock.now < end {
                    try await cache.clock.sleep(for: lease / 3)
                    guard try await cache.store.renew(key, token: token, for: lease) else { return }
                }
            } catch {
                // Cancelled, or the store is out of reach: then the lease runs out by itself.
            }
        }
    }

    // MARK: The fill

    /// The entry to store; nil when the value is not to be stored.
    private func entry(
        for loaded: LoadedValue, position: LogPosition, since: StoreTime, duration: Duration
    ) -> Entry? {
        var reason: String?
        let entry = loaded.entry(stampedWith: position, created: since, loadDuration: duration)
        if let entry {
            do {
                try CacheTag.check(entry.metadata.tags)
                if entry.payload.readableBytes > self.cache.configuration.maximumValueSize {
                    reason = "\(entry.payload.readableBytes) bytes"
                }
            } catch {
                reason = error.message
            }
        } else if case .notEncodable(let error) = loaded.content {
            reason = "\(error)"
        }
        guard let reason else { return entry }
        self.source.counters.refusedFills.increment()
        self.cache.logger.info("a value was not stored", metadata: ["larder.reason": "\(reason)"])
        return nil
    }

    /// Stores the entry; whether it was stored and nothing ended it meanwhile.
    private func fill(_ entry: Entry, token: LeaseToken, position: LogPosition) async -> Bool {
        let lifetime = self.source.policy.lifetime(of: entry.kind, draw: .random(in: 0...1))
        do {
            guard lifetime.fresh > .zero else {
                try await self.cache.store.release(self.key, token: token)
                return false
            }
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
            return false
        }
    }
}
