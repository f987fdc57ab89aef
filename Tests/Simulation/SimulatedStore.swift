// SPDX-License-Identifier: Apache-2.0

import Larder

/// The server as one process sees it: over connections that delay, in order, and may be cut; each request has a deadline, and may be
/// carried out though nobody waits for it any more. All requests for a key go over the same connection.
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
        /// The share of answers whose task does not run at once.
        var unscheduled = 0.0
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
    private var network: Network
    private let token: LeaseToken
    private var connections: [Connection]
    private var lastCall = 0
    /// What has to be added to the own time to get the server's, as far as is known.
    private var offset: Duration?
    /// How many of the next invalidations and writes are lost.
    var lossesAhead = 0
    /// How many of the next invalidations are answered late.
    var delaysAhead = 0
    /// Whether the process has died: it sends and hears nothing more.
    private(set) var isDead = false

    init(_ server: SimulatedServer, network: Network, connections: Int) {
        self.server = server
        self.scheduler = server.scheduler
        self.network = network
        self.connections = (0..<connections).map { _ in Connection() }
        self.token = LeaseToken(rawValue: server.scheduler.random() | 1) ?? LeaseToken()
    }

    // MARK: What happens to it

    /// All connections are lost; what was sent over them may arrive all the same.
    func cut() {
        for index in self.connections.indices { self.cut(index) }
    }

    /// One connection is lost.
    func cutOne() { self.cut(self.anyConnection) }

    private func cut(_ index: Int) {
        let old = self.connections[index]
        old.isAlive = false
        self.connections[index] = Connection()
        for (_, fail) in old.calls.sorted(by: { $0.key < $1.key }) { fail(ConnectionLost()) }
    }

    private var anyConnection: Int { self.scheduler.random(0...self.connections.count - 1) }

    /// From now on the network works.
    func calmDown() { self.network = Network() }

    func die() {
        self.isDead = true
        self.cut()
    }

    // MARK: Asking

    /// - Parameters:
    ///   - key: What it is about, which decides over which connection it goes.
    ///   - isRepeatable: Whether it may be carried out twice.
    ///   - first: What is carried out before, with other's requests in between.
    ///   - execute: What is carried out.
    private func ask<Answer: Sendable>(
        about key: CacheKey?, isRepeatable: Bool = true, first: ((SimulatedServer) -> Void)? = nil,
        _ execute: @escaping (SimulatedServer) -> Answer
    ) async throws -> (answer: Answer, isVerified: Bool) {
        let index = key.map { Int(UInt(bitPattern: $0.hashValue) % UInt(self.connections.count)) }
        return try await self.ask(
            over: index ?? self.anyConnection, isRepeatable: isRepeatable, first: first, execute)
    }

    private func ask<Answer: Sendable>(
        over index: Int, isRepeatable: Bool = true, first: ((SimulatedServer) -> Void)? = nil,
        _ execute: @escaping (SimulatedServer) -> Answer
    ) async throws -> (answer: Answer, isVerified: Bool) {
        if self.isDead { throw ConnectionLost() }
        let connection = self.connections[index]
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
                func finish() {
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
                    let isLate = scheduler.chance(self.network.unscheduled)
                    scheduler.at(connection.lastReply + (isLate ? Int64(scheduler.random(0...20_000_000)) : 0)) {
                        if connection.isAlive { end(.success(answer)) }
                    }
                }
                self.server.whenAwake {
                    guard !self.server.isDown else { return end(.failure(ConnectionLost())) }
                    guard let first else { return finish() }
                    first(self.server)
                    scheduler.after(.microseconds(scheduler.random(0...500))) { self.server.whenAwake(finish) }
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
        var record = StoredRecord.absent
        let (found, isVerified) = try await self.ask(
            about: key, first: { server in record = server.content(of: key)?.record ?? .absent }
        ) { server in (record, server.changes(since: position), server.now) }
        if self.offset == nil { self.learn(found.2) }
        var log = isVerified ? found.1 : .lost
        if self.server.isWithout(.readsAskLog), log != .lost, position != nil { log = .quiet }
        return StoreReading(record: found.0, log: log, now: self.now)
    }

    func acquire(
        _ key: CacheKey, seen: EntryImage?, token: LeaseToken, for lease: Duration
    ) async throws -> LeaseAnswer {
        let token = self.used(token)
        let (found, time) = try await self.ask(about: key, isRepeatable: false) { server -> (LeaseAnswer?, StoreTime) in
            if server.isFull { return (nil, server.now) }
            let seen = server.isWithout(.acquireNeedsImage) ? server.content(of: key)?.record.image : seen
            return (
                server.change(key) { slot, now in slot.acquire(seen: seen, token: token, for: lease, now: now) },
                server.now
            )
        }.answer
        self.learn(time)
        guard let answer = found else { throw Self.full }
        return answer
    }

    private static let full = StoreRefusal("out of memory")

    func fill(
        _ key: CacheKey, with entry: Entry, lifetime: EntryLifetime, token: LeaseToken, since position: LogPosition?
    ) async throws -> FillAnswer {
        let token = self.used(token)
        var entry = entry
        if self.server.isWithout(.stampBeforeLoad), let position {
            entry.stamp = position.head
            entry.metadata.epoch = position.epoch
        }
        var isStored: Bool?
        let (found, isVerified) = try await self.ask(
            about: key,
            first: { [entry] server in
                if server.isFull { return }
                isStored = server.change(key) { slot, now in
                    if server.isWithout(.fillNeedsLease) {
                        slot = EntrySlot(nil)
                        _ = slot.acquire(seen: nil, token: token, for: .seconds(1), now: now)
                    }
                    return slot.fill(entry, lifetime: lifetime, token: token, now: now)
                }
            }
        ) { server in (isStored, server.changes(since: position), server.now) }
        self.learn(found.2)
        guard let isStored = found.0 else { throw Self.full }
        var answer = FillAnswer(isStored: isStored, log: isVerified ? found.1 : .lost)
        if self.server.isWithout(.joinersNeedStoredFill) { answer.isStored = true }
        if self.server.isWithout(.joinersNeedLog), position != nil { answer.log = .quiet }
        return answer
    }

    /// Tells too early, in time, or not at all.
    func awaitChange(
        of key: CacheKey, from image: EntryImage?, within duration: Duration
    ) async throws -> Bool {
        guard self.scheduler.chance(0.7) else { return false }
        let pause = Double(self.scheduler.random(0...100)) / 100
        await self.pause(duration * pause)
        return true
    }

    func renew(_ key: CacheKey, token: LeaseToken, for lease: Duration) async throws -> Bool {
        let token = self.used(token)
        let (isHeld, time) = try await self.ask(about: key) { server in
            (server.change(key) { slot, now in slot.renew(token: token, for: lease, now: now) }, server.now)
        }.answer
        self.learn(time)
        return isHeld
    }

    func release(_ key: CacheKey, token: LeaseToken, _ reason: LeaseRelease) async throws {
        let token = self.used(token)
        _ = try await self.ask(about: key) { server in
            server.change(key) { slot, now in slot.release(token: token, reason, now: now) }
        }
    }

    func slide(_ key: CacheKey, stamp: LogSequence, lifetime: EntryLifetime, until end: StoreTime) async throws {
        _ = try await self.ask(about: key) { server in
            server.change(key) { slot, now in slot.slide(stamp: stamp, lifetime: lifetime, until: end, now: now) }
        }
    }

    func write(_ key: CacheKey, _ entry: Entry, lifetime: EntryLifetime) async throws -> Bool {
        try self.passLoss()
        let isStored = try await self.ask(about: key, isRepeatable: false) { server -> Bool? in
            if server.isFull { return nil }
            return server.change(key) { slot, now in
                if server.isWithout(.writeNeedsLowerVersion) {
                    let token = LeaseToken()
                    slot = EntrySlot(nil)
                    _ = slot.acquire(seen: nil, token: token, for: .seconds(1), now: now)
                    return slot.fill(entry, lifetime: lifetime, token: token, now: now)
                }
                return slot.write(entry, lifetime: lifetime, now: now)
            }
        }.answer
        guard let isStored else { throw Self.full }
        return isStored
    }

    private func used(_ token: LeaseToken) -> LeaseToken {
        self.server.isWithout(.tokenPerAcquire) ? self.token : token
    }

    // MARK: Invalidations

    func invalidate(_ key: CacheKey, by method: InvalidationMethod) async throws {
        try await self.end(about: key) { $0.end(key, by: method) }
    }

    func invalidate(
        matching pattern: KeyPattern, in namespace: String,
        by method: @escaping @Sendable (CacheKey) -> InvalidationMethod,
        progress: @escaping @Sendable (Int) -> Void
    ) async throws {
        // One after the other: others come in between.
        let keys = try await self.ask(about: nil) { server in
            server.data.entries.keys.filter { pattern.matches($0) }.sorted { $0.text < $1.text }
        }.answer
        for key in keys {
            try await self.invalidate(key, by: method(key))
            progress(1)
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

    private func end(about key: CacheKey? = nil, _ execute: @escaping (SimulatedServer) -> Void) async throws {
        do {
            try self.passLoss()
            let isLate = self.delaysAhead > 0
            if isLate { self.delaysAhead -= 1 }
            _ = try await self.ask(about: key, execute)
            if isLate { await self.pause(Duration.milliseconds(self.scheduler.random(50...90))) }
        } catch {
            if !self.server.isWithout(.unansweredIsQueued) { throw error }
        }
    }

    private func pause(_ duration: Duration) async {
        await withCheckedContinuation { caller in self.scheduler.after(duration) { caller.resume() } }
    }

    private func passLoss() throws {
        guard self.lossesAhead > 0 else { return }
        self.lossesAhead -= 1
        throw ConnectionLost()
    }

    func log(of namespace: String, since position: LogPosition?) async throws -> LogAnswer {
        var results: [Result<LogAnswer, any Error>] = []
        for index in self.connections.indices {
            let connection = self.connections[index]
            do {
                let (answer, time) = try await self.ask(over: index) { server in
                    (server.recoverLog(since: position), server.now)
                }.answer
                self.learn(time)
                connection.isVerified = true
                results.append(.success(answer))
            } catch {
                results.append(.failure(error))
            }
        }
        return try (results.first { (try? $0.get()) != nil } ?? results[0]).get()
    }

    func ping() async throws {
        _ = try await self.ask(about: nil) { _ in }
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
