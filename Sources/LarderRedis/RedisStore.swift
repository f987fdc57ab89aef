// SPDX-License-Identifier: Apache-2.0

public import Larder
import NIOConcurrencyHelpers
import NIOCore
public import RedisDriver

/// A store on a Redis or Valkey server, shared by all processes that use it. Needs Redis 7, or any Valkey: one server, or
/// one that sentinels watch over, but no cluster.
///
/// An entry is a string under its key, with the lease inside; the invalidation log of the namespace `shop` is a sorted set
/// under `{shop}:inv`. A read is one round trip.
public final class RedisStore: CacheStore {
    private let client: RedisClient
    private let configuration: RedisStoreConfiguration
    private let maximumTags: Int
    private let clock = SystemClock()
    private let time = NIOLockedValueBox(ServerTime())
    private let watches = KeyWatches()
    private let checks = NIOLockedValueBox(ReplicationChecks())
    private let namespaces = NIOLockedValueBox<[String: Namespace]>([:])

    /// What is known of a namespace.
    private struct Namespace: Sendable {
        let logKey: String
        var question: Question

        init(_ namespace: String) {
            self.logKey = RedisStore.logKey(namespace)
            self.question = Question(since: nil, commands: Self.commands(self.logKey, since: nil))
        }

        mutating func ask(since position: LogPosition?) {
            self.question.position = position
            self.question.commands = Self.commands(self.logKey, since: position)
        }

        private static func commands(_ logKey: String, since position: LogPosition?) -> EncodedCommands {
            EncodedCommands { encoder in
                encoder.command(
                    "ZRANGE", logKey, position.map { String($0.head.rawValue) } ?? "(0", "+inf", "BYSCORE",
                    "LIMIT", 0, LogReply.maximumTags + 2, "WITHSCORES")
            }
        }
    }

    /// A question for what happened in a log.
    private struct Question: Sendable {
        var position: LogPosition?
        var commands: EncodedCommands
        /// As they were when the question was asked: an answer over one that was verified only later may be from before.
        var verified = VerifiedConnections()

        init(since position: LogPosition?, commands: EncodedCommands) {
            self.position = position
            self.commands = commands
        }
    }

    /// Makes a store.
    ///
    /// - Parameters:
    ///   - client: The client; it may serve others too.
    ///   - configuration: Timeouts and sizes.
    public init(_ client: RedisClient, configuration: RedisStoreConfiguration = RedisStoreConfiguration()) {
        self.client = client
        self.configuration = configuration
        self.maximumTags = max(configuration.maximumTags, 1)
        client.onPush { [watches] in watches.handle($0) }
    }

    public var kind: String { "redis" }

    // MARK: Entries

    public func read(_ key: CacheKey, since position: LogPosition?) async throws -> StoreReading {
        let sent = self.clock.now
        let asksTime = self.time.withLockedValue { $0.isStale(at: sent) }
        let question = self.question(for: key.namespace, since: position)
        let batch = try await self.checkingReplication(for: key, at: sent, answer: asksTime ? 3 : 2) { check in
            try await self.send(over: Self.lane(of: key)) { encoder in
                encoder.beginCommand("GET", argumentCount: 1)
                encoder.write(key.text)
                encoder.write(question.commands)
                if asksTime { encoder.command("TIME") }
                check(&encoder)
            }
        }
        let log = self.log(batch, at: 1, to: question, of: key.namespace)
        if asksTime, let time = try? batch.serverTime(at: 2) { self.learn(time, sent: sent) }
        guard let now = self.time.withLockedValue({ $0.now(at: self.clock.now) }) else { throw Self.malformed("TIME") }
        return StoreReading(
            record: try batch.record(at: 0), log: log, now: now)
    }

    public func acquire(
        _ key: CacheKey, seen: EntryImage?, token: LeaseToken, for lease: Duration
    ) async throws -> LeaseAnswer {
        let sent = self.clock.now
        let longest = Entry.longestLease.wholeMilliseconds
        let batch = try await self.send(
            EntryScripts.acquire, key.text,
            [
                token.bytes, min(lease.wholeMilliseconds, longest), longest, seen == nil ? 0 : 1,
                seen?.bytes ?? ByteBuffer(),
            ],
            over: Self.lane(of: key))
        let fields = try self.fields(batch, count: 3, sent: sent)
        switch (fields[0].integer, fields[1]) {
        case (0, _): return .granted
        case (1, .null): return .changed(.absent)
        case (1, .string(let bytes)): return .changed(StoredRecord(decoding: bytes))
        case (2, .integer(let milliseconds)): return .held(.milliseconds(milliseconds))
        case (4, .integer(let milliseconds)): return .heldOff(.milliseconds(max(milliseconds, 0)))
        default: throw Self.malformed("a lease")
        }
    }

    public func fill(
        _ key: CacheKey, with entry: Entry, lifetime: EntryLifetime, token: LeaseToken, since position: LogPosition?
    ) async throws -> FillAnswer {
        let sent = self.clock.now
        let question = self.question(for: key.namespace, since: position)
        let batch = try await self.checkingReplication(for: key, at: sent, answer: 2) { check in
            try await self.send(
                EntryScripts.fill, key.text,
                [
                    token.bytes, entry.asSent.encoded(), lifetime.fresh.wholeMilliseconds,
                    lifetime.kept.wholeMilliseconds,
                ],
                over: Self.lane(of: key)
            ) { encoder in
                encoder.write(question.commands)
                check(&encoder)
            }
        }
        let fields = try self.fields(batch, count: 2, sent: sent)
        return FillAnswer(
            isStored: fields[0].integer == 1, log: self.log(batch, at: 1, to: question, of: key.namespace))
    }

    /// Has the server tell of the next change of the key over the connection that reads it. Only what is asked for so is tracked; a
    /// server or a user that may not is found out once for each wait, and costs a round trip.
    public func awaitChange(
        of key: CacheKey, from image: EntryImage?, within duration: Duration
    ) async throws -> Bool {
        let watch = self.watches.add(key.text)
        defer { self.watches.remove(watch) }
        let batch = try await self.send(over: Self.lane(of: key)) { encoder in
            encoder.command("CLIENT", "TRACKING", "ON", "OPTIN")
            encoder.command("CLIENT", "CACHING", "YES")
            encoder.command("GETRANGE", key.text, 0, 35)
        }
        for index in 0..<2 { _ = try batch.value(at: index) }
        guard case .string(let bytes) = try batch.value(at: 2), bytes == image?.bytes ?? ByteBuffer() else {
            return true
        }
        let timer = Task {
            try await self.clock.sleep(for: duration)
            watch.end()
        }
        defer { timer.cancel() }
        await watch.wait()
        return true
    }

    public func renew(_ key: CacheKey, token: LeaseToken, for lease: Duration) async throws -> Bool {
        try await self.run(
            EntryScripts.renew, key, [token.bytes, min(lease, Entry.longestLease).wholeMilliseconds])
    }

    public func release(_ key: CacheKey, token: LeaseToken, _ reason: LeaseRelease) async throws {
        switch reason {
        case .unloaded(let pause):
            let pause = min(pause, Entry.longestLease).wholeMilliseconds
            _ = try await self.run(EntryScripts.release, key, [token.bytes, pause])
        case .unstored:
            _ = try await self.run(EntryScripts.drop, key, [token.bytes])
        }
    }

    public func slide(
        _ key: CacheKey, stamp: LogSequence, lifetime: EntryLifetime, until end: StoreTime
    ) async throws {
        var bytes = ByteBuffer()
        bytes.writeInteger(stamp.rawValue)
        _ = try await self.run(
            EntryScripts.slide, key,
            [bytes, lifetime.fresh.wholeMilliseconds, lifetime.kept.wholeMilliseconds, end.milliseconds])
    }

    public func write(_ key: CacheKey, _ entry: Entry, lifetime: EntryLifetime) async throws -> Bool {
        var version = ByteBuffer()
        version.writeInteger(entry.metadata.version ?? 0)
        return try await self.run(
            EntryScripts.write, key,
            [entry.asSent.encoded(), lifetime.fresh.wholeMilliseconds, lifetime.kept.wholeMilliseconds, version])
    }

    public func invalidate(_ key: CacheKey, by method: InvalidationMethod) async throws {
        switch method {
        case .remove:
            let batch = try await self.send(over: Self.lane(of: key)) { $0.command("UNLINK", key.text) }
            _ = try batch.value(at: 0)
        case .expire:
            _ = try await self.run(EntryScripts.expire, key, [])
        case .holdOff(let duration):
            _ = try await self.run(
                EntryScripts.holdOff, key, [Entry(kind: .tombstone).encoded(), duration.wholeMilliseconds])
        }
    }

    public func invalidate(
        matching pattern: KeyPattern, in namespace: String,
        by method: @escaping @Sendable (CacheKey) -> InvalidationMethod,
        progress: @escaping @Sendable (Int) -> Void
    ) async throws {
        // A namespace in keys holds no byte that means more than itself.
        var keys = self.client.keys(matching: "\(CacheKey.escaped(namespace)):\(pattern)").makeAsyncIterator()
        var isDone = false
        while !isDone {
            var batch: [CacheKey] = []
            while !isDone, batch.count < Self.patternBatch {
                do throws(RedisError) {
                    guard let key = try await keys.next() else {
                        isDone = true
                        break
                    }
                    if let key = CacheKey(text: String(buffer: key.bytes), in: namespace) { batch.append(key) }
                } catch {
                    throw error.asStoreError
                }
            }
            try await self.invalidate(batch, by: method)
            if !batch.isEmpty { progress(batch.count) }
        }
    }

    /// How many keys a pattern ends at once.
    private static let patternBatch = 500

    /// Those that are merely removed go together.
    private func invalidate(_ keys: [CacheKey], by method: (CacheKey) -> InvalidationMethod) async throws {
        let others = keys.filter { method($0) != .remove }
        for key in others { try await self.invalidate(key, by: method(key)) }
        let removed = keys.filter { method($0) == .remove }
        guard !removed.isEmpty else { return }
        let batch = try await self.send(over: nil) { encoder in
            encoder.beginCommand("UNLINK", argumentCount: removed.count)
            for key in removed { encoder.write(key.text) }
        }
        _ = try batch.value(at: 0)
    }

    // MARK: The log

    public func invalidate(tags: [String], in namespace: String) async throws {
        try await self.append(LogScripts.invalidate, namespace, [self.maximumTags] + tags)
    }

    public func clear(_ namespace: String) async throws {
        try await self.append(LogScripts.clear, namespace, [])
    }

    public func log(of namespace: String, since position: LogPosition?) async throws -> LogAnswer {
        // Over each connection: none may lead to a server that was started again with an old log.
        let results = await withTaskGroup(of: Result<LogAnswer, any Error>.self) { group in
            for connection in self.client.connectionIndices {
                group.addTask {
                    do {
                        return .success(try await self.recover(namespace, since: position, over: connection))
                    } catch {
                        return .failure(error)
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        // One that cannot be made need not keep the others from being used.
        guard let answer = results.first(where: { (try? $0.get()) != nil }) ?? results.first else { return .lost }
        return try answer.get()
    }

    private func recover(
        _ namespace: String, since position: LogPosition?, over connection: Int
    ) async throws -> LogAnswer {
        let sent = self.clock.now
        let generation = self.namespaces.withLockedValue { namespaces in
            // From now on it hears of other histories.
            let known = namespaces[namespace] ?? Namespace(namespace)
            namespaces[namespace] = known
            return known.question.verified.generation
        }
        let batch = try await self.send(
            LogScripts.recover, Self.logKey(namespace),
            [Self.newEpoch, position?.epochText ?? "", position?.head.rawValue ?? 0, LogReply.maximumTags],
            over: connection)
        let fields = try batch.array(at: 0)
        guard
            fields.count == 4, let time = fields[0].integer.flatMap({ UInt64(exactly: $0) }),
            let replication = fields[2].text, let reply = LogReply(fields[3])
        else { throw Self.malformed("the log") }
        self.learn(StoreTime(milliseconds: time), sent: sent)
        let isAnew = fields[1].integer == 1
        self.namespaces.withLockedValue { namespaces in
            var known = namespaces[namespace] ?? Namespace(namespace)
            known.question.verified.add(
                batch.connection, of: replication, asked: generation,
                keeping: max(Self.rememberedConnections, 2 * self.client.connectionIndices.count))
            namespaces[namespace] = known
        }
        return isAnew ? reply.whole : reply.answer(since: position)
    }

    public func ping() async throws {
        let batch = try await self.send(over: nil) { encoder in
            encoder.command("PING")
            encoder.command("INFO", "replication")
        }
        _ = try batch.value(at: 0)
        try self.checkReplication(batch, at: 1)
    }

    // MARK: The server's part in replication

    /// Has a question ask for it too when it is time to.
    ///
    /// - Parameters:
    ///   - key: What the question is about.
    ///   - now: When it is sent.
    ///   - index: Which of the answers is that to the check.
    ///   - send: Sends the question, with what it is given as the last command: no other answer is then newer.
    private func checkingReplication(
        for key: CacheKey, at now: MonotonicInstant, answer index: Int,
        _ send: ((inout RedisCommandEncoder) -> Void) async throws -> RedisClient.Batch
    ) async throws -> RedisClient.Batch {
        let connection = Int(
            UInt(bitPattern: Self.lane(of: key)) % UInt(max(self.client.connectionIndices.count, 1)))
        guard self.checks.withLockedValue({ $0.isDue(over: connection, at: now) }) else {
            return try await send { _ in }
        }
        do {
            let batch = try await send { $0.command("INFO", "replication") }
            try self.checkReplication(batch, at: index)
            return batch
        } catch {
            self.checks.withLockedValue { $0.failed(over: connection) }
            throw error
        }
    }

    /// Takes in what a server tells of its part in replication.
    ///
    /// - Throws: When the server is no master.
    private func checkReplication(_ batch: RedisClient.Batch, at index: Int) throws {
        let info = try batch.response(of: INFO.self, at: index)
        guard let role = info["role"], let replication = info["master_replid"] else { throw Self.malformed("INFO") }
        guard role == "master" else {
            self.changeVerified { $0.distrust(batch.connection) }
            throw NoMaster(role: role)
        }
        self.changeVerified { $0.heard(of: replication) }
    }

    /// The server takes no writes: what it knows may be old.
    private struct NoMaster: Error {
        let role: String
    }

    /// All commands for a key go over one connection, but for what is large, so that the server gets them in the order they are sent: a
    /// release after the acquire that was given up.
    private static func lane(of key: CacheKey) -> Int { key.hashValue }

    private static let rememberedConnections = 64

    /// Where the log of a namespace is. Keys of entries hold no braces.
    private static func logKey(_ namespace: String) -> String { "{\(CacheKey.escaped(namespace))}:inv" }

    private static var newEpoch: String { String(UInt64.random(in: 1 ... .max), radix: 16) }

    /// The question for what happened in a log from a position on. Quiet logs are asked the same again and again.
    private func question(for namespace: String, since position: LogPosition?) -> Question {
        self.namespaces.withLockedValue { namespaces in
            if let known = namespaces[namespace], known.question.position == position { return known.question }
            var known = namespaces[namespace] ?? Namespace(namespace)
            known.ask(since: position)
            namespaces[namespace] = known
            return known.question
        }
    }

    /// What a reply says of the log. Over a connection that is new the log may be that of a server that was started
    /// again with an old snapshot: it is lost until ``log(of:since:)`` has looked.
    private func log(
        _ batch: RedisClient.Batch, at index: Int, to question: Question, of namespace: String
    ) -> LogAnswer {
        // Trust may have ended since the question was asked.
        let generation = self.namespaces.withLockedValue { $0[namespace]?.question.verified.generation }
        guard question.verified.contains(batch.connection), question.verified.generation == generation else {
            return .lost
        }
        if let position = question.position, batch.replies.indices.contains(index),
            batch.replies[index].isQuiet(since: position)
        {
            return .quiet
        }
        // An answer that is none, or of something that is no log, is found out by whoever asks for the whole.
        return (try? batch.value(at: index)).flatMap { LogReply($0) }?.answer(since: question.position) ?? .lost
    }

    private func append(_ script: RedisScript, _ namespace: String, _ arguments: [any RedisArgument]) async throws {
        _ = try await self.send(script, Self.logKey(namespace), [Self.newEpoch] + arguments, over: nil).value(at: 0)
    }

    private func changeVerified(_ change: (inout VerifiedConnections) -> Void) {
        self.namespaces.withLockedValue { namespaces in
            for namespace in namespaces.keys {
                if var known = namespaces[namespace] {
                    change(&known.question.verified)
                    namespaces[namespace] = known
                }
            }
        }
    }

    // MARK: Scripts and time

    /// Runs a script that answers yes or no.
    private func run(_ script: RedisScript, _ key: CacheKey, _ arguments: [any RedisArgument]) async throws -> Bool {
        let sent = self.clock.now
        let batch = try await self.send(script, key.text, arguments, over: Self.lane(of: key))
        return try self.fields(batch, count: 2, sent: sent)[0].integer == 1
    }

    /// The answer of an entry's script, whose last field is the server's time.
    private func fields(_ batch: RedisClient.Batch, count: Int, sent: MonotonicInstant) throws -> [RedisValue] {
        let fields = try batch.array(at: 0)
        guard fields.count == count, let time = fields[count - 1].integer.flatMap({ UInt64(exactly: $0) }) else {
            throw Self.malformed("a script")
        }
        self.learn(StoreTime(milliseconds: time), sent: sent)
        return fields
    }

    private func learn(_ time: StoreTime, sent: MonotonicInstant) {
        let received = self.clock.now
        self.time.withLockedValue { $0.learn(time, sent: sent, received: received) }
    }

    // MARK: Sending

    private func send(
        over lane: Int?, _ encode: (inout RedisCommandEncoder) -> Void
    ) async throws -> RedisClient.Batch {
        do {
            return self.checked(try await self.client.send(timeout: self.configuration.timeout, over: lane, encode))
        } catch {
            throw error.asStoreError
        }
    }

    private func send(
        _ script: RedisScript, _ key: String, _ arguments: [any RedisArgument], over lane: Int?,
        further: (inout RedisCommandEncoder) -> Void = { _ in }
    ) async throws -> RedisClient.Batch {
        do {
            return self.checked(
                try await self.client.send(
                    script, keys: [key], arguments: arguments, timeout: self.configuration.timeout, over: lane,
                    further: further))
        } catch {
            throw error.asStoreError
        }
    }

    private func checked(_ batch: RedisClient.Batch) -> RedisClient.Batch {
        if batch.replies.first?.isError("READONLY") == true {
            self.changeVerified { $0.distrust(batch.connection) }
        }
        return batch
    }

    private static func malformed(_ what: String) -> StoreRefusal {
        StoreRefusal("the server's answer about \(what) cannot be read")
    }
}

extension CacheStore where Self == RedisStore {
    /// A store on the server of a client.
    public static func redis(
        _ client: RedisClient, configuration: RedisStoreConfiguration = RedisStoreConfiguration()
    ) -> RedisStore {
        RedisStore(client, configuration: configuration)
    }
}
