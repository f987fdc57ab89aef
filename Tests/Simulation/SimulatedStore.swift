// SPDX-License-Identifier: Apache-2.0

import Larder

/// The server as one process sees it: over a connection that delays, in order, and may be cut; each request has a deadline, and may be
/// carried out though nobody waits for it any more.
///
/// Used by the thread of one scheduler only.
final class SimulatedStore: CacheStore, @unchecked Sendable {
    struct TimedOut: Error {}
    struct ConnectionLost: Error {}

    /// How well the network works.
    struct Network {
        /// The share of messages that are slower than a deadline.
        var slow = 0.0
        /// The share of requests that are carried out twice.
        var duplicated = 0.0
    }

    private final class Connection {
        var isAlive = true
        var isVerified = false
        var lastRequest: Int64 = 0
        var lastReply: Int64 = 0
        var calls: [Int: (any Error) -> Void] = [:]
    }

    static let deadline = Duration.milliseconds(100)

    let kind = "simulated"
    private let server: SimulatedServer
    private let scheduler: SimulationScheduler
    private let network: Network
    private let token: LeaseToken
    private var connection = Connection()
    private var lastCall = 0
    /// What has to be added to the own time to get the server's, as far as is known.
    private var offset: Duration?
    /// Whether the process has died: it sends and hears nothing more.
    private(set) var isDead = false

    init(_ server: SimulatedServer, network: Network) {
        self.server = server
        self.scheduler = server.scheduler
        self.network = network
        self.token = LeaseToken(rawValue: server.scheduler.random() | 1) ?? LeaseToken()
    }

    // MARK: What happens to it

    /// The connection is lost; what was sent over it may arrive all the same.
    func cut() {
        let old = self.connection
        old.isAlive = false
        self.connection = Connection()
        for fail in old.calls.values { fail(ConnectionLost()) }
    }

    func die() {
        self.isDead = true
        self.cut()
    }

    // MARK: Asking

    private func ask<Answer: Sendable>(
        isRepeatable: Bool = true, _ execute: @escaping (SimulatedServer) -> Answer
    ) async throws -> (answer: Answer, isVerified: Bool) {
        if self.isDead { throw ConnectionLost() }
        let connection = self.connection
        let wasVerified = connection.isVerified
        let scheduler = self.scheduler
        let answer = try await withCheckedThrowingContinuation {
            (continuation: CheckedContinuation<Answer, any Error>) in
            self.lastCall += 1
            let id = self.lastCall
            var waiting: CheckedContinuation<Answer, any Error>? = continuation
            func end(_ result: Result<Answer, any Error>) {
                connection.calls[id] = nil
                waiting?.resume(with: result)
                waiting = nil
            }
            connection.calls[id] = { end(.failure($0)) }
            scheduler.after(Self.deadline) { end(.failure(TimedOut())) }

            connection.lastRequest = max(connection.lastRequest, scheduler.now) + self.delay()
            scheduler.at(connection.lastRequest) {
                // What was under way on a connection that is gone may be there already.
                guard connection.isAlive || scheduler.chance(0.5) else { return }
                self.server.whenAwake {
                    guard !self.server.isDown else { return end(.failure(ConnectionLost())) }
                    let answer = execute(self.server)
                    if isRepeatable || self.server.isWithout(.acquireSentOnce),
                        scheduler.chance(self.network.duplicated)
                    {
                        scheduler.after(.milliseconds(scheduler.random(0...200))) {
                            if !self.server.isDown { _ = execute(self.server) }
                        }
                    }
                    connection.lastReply = max(connection.lastReply, scheduler.now) + self.delay()
                    scheduler.at(connection.lastReply) {
                        if connection.isAlive { end(.success(answer)) }
                    }
                }
            }
        }
        let isVerified = self.server.isWithout(.trustBeforeAsking) ? connection.isVerified : wasVerified
        return (answer, isVerified || self.server.isWithout(.logOfRunOnly))
    }

    /// Nanoseconds for one way.
    private func delay() -> Int64 {
        if self.scheduler.chance(self.network.slow) {
            return Int64(self.scheduler.random(20_000_000...300_000_000))
        }
        return Int64(self.scheduler.random(50_000...2_000_000))
    }

    private func learn(_ time: StoreTime) {
        self.offset = .milliseconds(Int64(time.milliseconds)) - .nanoseconds(self.scheduler.now)
    }

    /// The server's time as it is known.
    private var now: StoreTime {
        StoreTime(
            milliseconds: UInt64(max((.nanoseconds(self.scheduler.now) + (self.offset ?? .zero)) / .milliseconds(1), 0))
        )
    }

    // MARK: Entries

    func read(_ key: CacheKey, since position: LogPosition?) async throws -> StoreReading {
        let (found, isVerified) = try await self.ask { server in
            (server.content(of: key)?.record ?? .absent, server.changes(since: position), server.now)
        }
        if self.offset == nil { self.learn(found.2) }
        var log = isVerified ? found.1 : .lost
        if self.server.isWithout(.readsAskLog), log != .lost, position != nil { log = .quiet }
        return StoreReading(record: found.0, log: log, now: self.now)
    }

    func acquire(
        _ key: CacheKey, seen: EntryImage?, token: LeaseToken, for lease: Duration
    ) async throws -> LeaseAnswer {
        let token = self.used(token)
        let (answer, time) = try await self.ask(isRepeatable: false) { server in
            let seen = server.isWithout(.acquireNeedsImage) ? server.content(of: key)?.record.image : seen
            return (
                server.change(key) { slot, now in slot.acquire(seen: seen, token: token, for: lease, now: now) },
                server.now
            )
        }.answer
        self.learn(time)
        return answer
    }

    func fill(
        _ key: CacheKey, with entry: Entry, lifetime: EntryLifetime, token: LeaseToken, since position: LogPosition?
    ) async throws -> FillAnswer {
        let token = self.used(token)
        var entry = entry
        if self.server.isWithout(.stampBeforeLoad), let position {
            entry.stamp = position.head
            entry.metadata.epoch = position.epoch
        }
        let (found, isVerified) = try await self.ask { [entry] server in
            let isStored = server.change(key) { slot, now in
                if server.isWithout(.fillNeedsLease) {
                    slot = EntrySlot(nil)
                    _ = slot.acquire(seen: nil, token: token, for: .seconds(1), now: now)
                }
                return slot.fill(entry, lifetime: lifetime, token: token, now: now)
            }
            return (isStored, server.changes(since: position), server.now)
        }
        self.learn(found.2)
        var answer = FillAnswer(isStored: found.0, log: isVerified ? found.1 : .lost)
        if self.server.isWithout(.joinersNeedStoredFill) { answer.isStored = true }
        if self.server.isWithout(.joinersNeedLog), position != nil { answer.log = .quiet }
        return answer
    }

    func renew(_ key: CacheKey, token: LeaseToken, for lease: Duration) async throws -> Bool {
        let token = self.used(token)
        let (isHeld, time) = try await self.ask { server in
            (server.change(key) { slot, now in slot.renew(token: token, for: lease, now: now) }, server.now)
        }.answer
        self.learn(time)
        return isHeld
    }

    func release(_ key: CacheKey, token: LeaseToken, _ reason: LeaseRelease) async throws {
        let token = self.used(token)
        _ = try await self.ask { server in
            server.change(key) { slot, now in slot.release(token: token, reason, now: now) }
        }
    }

    func slide(_ key: CacheKey, stamp: LogSequence, lifetime: EntryLifetime, until end: StoreTime) async throws {
        _ = try await self.ask { server in
            server.change(key) { slot, now in slot.slide(stamp: stamp, lifetime: lifetime, until: end, now: now) }
        }
    }

    func write(_ key: CacheKey, _ entry: Entry, lifetime: EntryLifetime) async throws -> Bool {
        try await self.ask(isRepeatable: false) { server in
            server.change(key) { slot, now in
                if server.isWithout(.writeNeedsLowerVersion) {
                    let token = LeaseToken()
                    slot = EntrySlot(nil)
                    _ = slot.acquire(seen: nil, token: token, for: .seconds(1), now: now)
                    return slot.fill(entry, lifetime: lifetime, token: token, now: now)
                }
                return slot.write(entry, lifetime: lifetime, now: now)
            }
        }.answer
    }

    private func used(_ token: LeaseToken) -> LeaseToken {
        self.server.isWithout(.tokenPerAcquire) ? self.token : token
    }

    // MARK: Invalidations

    func invalidate(_ key: CacheKey, by method: InvalidationMethod) async throws {
        try await self.end { $0.end(key, by: method) }
    }

    func invalidate(
        matching pattern: KeyPattern, in namespace: String,
        by method: @escaping @Sendable (CacheKey) -> InvalidationMethod,
        progress: @escaping @Sendable (Int) -> Void
    ) async throws {
        try await self.end { server in
            let keys = server.data.entries.keys.filter { pattern.matches($0) }
            for key in keys { server.end(key, by: method(key)) }
            progress(keys.count)
        }
    }

    func invalidate(tags: [String], in namespace: String) async throws {
        try await self.end { server in server.appendToLog { log, now in log.invalidate(tags: tags, now: now) } }
    }

    func clear(_ namespace: String) async throws {
        try await self.end { server in
            server.appendToLog { log, now in
                if server.isWithout(.clearingRaisesFloor) {
                    log.invalidate(tags: ["nothing"], now: now)
                } else {
                    log.clear(now: now)
                }
            }
        }
    }

    private func end(_ execute: @escaping (SimulatedServer) -> Void) async throws {
        do {
            _ = try await self.ask(execute)
        } catch {
            if !self.server.isWithout(.unansweredIsQueued) { throw error }
        }
    }

    func log(of namespace: String, since position: LogPosition?) async throws -> LogAnswer {
        let connection = self.connection
        let (found, _) = try await self.ask { server in (server.recoverLog(since: position), server.now) }
        self.learn(found.1)
        connection.isVerified = true
        // As if other connections had to be verified too.
        await withCheckedContinuation { caller in
            self.scheduler.after(.nanoseconds(self.delay())) { caller.resume() }
        }
        return found.0
    }

    func ping() async throws {
        _ = try await self.ask { _ in }
    }
}

extension SimulatedServer {
    fileprivate func end(_ key: CacheKey, by method: InvalidationMethod) {
        self.change(key) { slot, now in
            let isLeased: Bool
            if case .entry(let entry)? = slot.content?.record {
                isLeased = entry.token != nil
            } else {
                isLeased = false
            }
            if self.isWithout(.invalidationEndsLease), isLeased { return }
            switch method {
            case .expire where self.isWithout(.expiryEndsFreshness): return
            case .holdOff where self.isWithout(.holdOffKeepsFillsAway): slot.invalidate(by: .remove, now: now)
            default: slot.invalidate(by: method, now: now)
            }
        }
    }
}
