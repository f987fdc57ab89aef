// SPDX-License-Identifier: Apache-2.0

public import Larder
import NIOConcurrencyHelpers
import NIOCore
public import RedisDriver

/// A store on Redis or Valkey, shared by all processes that use it. Needs Redis 7, or any Valkey: one server, one that sentinels watch
/// over, or a cluster.
///
/// An entry is a string under its key, with the lease inside; the invalidation log of the namespace `shop` is a sorted set
/// under `{shop}:inv`. A read is one round trip: with a cluster to two servers at the same time, if one has the entry and another the
/// log.
public final class RedisStore: CacheStore, LocalStore {
    let client: RedisClient
    let configuration: RedisStoreConfiguration
    private let maximumTags: Int
    let clock = SystemClock()
    private let times = NIOLockedValueBox<[RedisServerID: ServerTime]>([:])
    let watches = KeyWatches()
    let nearCache: NearCache?
    let tracking = NIOLockedValueBox<[RedisServerID: TrackingAttempts]>([:])
    /// Often enough for reads that ask the store: without it, what is answered is wrong until the client finds the new master.
    let checks = NIOLockedValueBox(ReplicationChecks(every: .milliseconds(250)))
    /// So often that what is kept is proven again soon after something was invalidated.
    let nearChecks = NIOLockedValueBox(ReplicationChecks(every: .milliseconds(20)))
    let namespaces = NIOLockedValueBox<[String: Namespace]>([:])

    /// What is known of a namespace.
    struct Namespace: Sendable {
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
    struct Question: Sendable {
        var position: LogPosition?
        var commands: EncodedCommands
        /// As they were when the question was asked: an answer over one that was verified only later may be from before.
        var verified: [RedisServerID: VerifiedConnections] = [:]

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
        self.nearCache = configuration.nearCache.map { [clock] in NearCache($0, clock: clock) }
        client.onPush { [watches, nearCache] push in
            guard let invalidation = KeyInvalidation(push) else { return }
            nearCache?.handle(invalidation)
            watches.handle(invalidation)
        }
    }

    public var kind: String { "redis" }

    package var localContents: LocalContents? { self.nearCache?.contents }

    // MARK: Entries

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
        let fields = try self.fields(batch, of: key.text, count: 3, sent: sent)
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
        self.nearCache?.drop(key)
        defer { self.nearCache?.drop(key) }
        let question = self.question(for: key.namespace, since: position)
        let arguments: [any RedisArgument] = [
            token.bytes, entry.asSent.encoded(), lifetime.fresh.wholeMilliseconds, lifetime.kept.wholeMilliseconds,
        ]
        // The log is asked together with the fill, or at the same time.
        guard !self.hasLog(of: key) else {
            let (isStored, log) = try await self.fill(key, arguments, asking: question)
            return FillAnswer(isStored: isStored, log: log)
        }
        async let log = self.find(question: question, in: key.namespace, over: .any).log
        let isStored = try await self.fill(key, arguments, asking: nil).isStored
        return FillAnswer(isStored: isStored, log: (try? await log) ?? .lost)
    }

    private func fill(
        _ key: CacheKey, _ arguments: [any RedisArgument], asking question: Question?
    ) async throws -> (isStored: Bool, log: LogAnswer) {
        let sent = self.clock.now
        let batch = try await self.send(EntryScripts.fill, key.text, arguments, over: Self.lane(of: key)) { encoder in
            if let question { encoder.write(question.commands) }
        }
        let fields = try self.fields(batch, of: key.text, count: 2, sent: sent)
        let log = question.map { question in
            self.isVerified(batch, for: question, in: key.namespace)
                ? self.answer(batch, at: 1, to: question) : .lost
        }
        return (fields[0].integer == 1, log ?? .lost)
    }

    /// Has the server tell of the next change of the key over the connection that reads it. Only what is asked for so is tracked; a
    /// server or a user that may not is found out once for each wait, and costs a round trip.
    public func awaitChange(
        of key: CacheKey, from image: EntryImage?, within duration: Duration
    ) async throws -> Bool {
        let watch = self.watches.add(key.text)
        defer { self.watches.remove(watch) }
        let batch = try await self.send(for: key.text, over: Self.lane(of: key)) { encoder in
            encoder.command("CLIENT", "TRACKING", "ON", "OPTIN")
            encoder.command("CLIENT", "CACHING", "YES")
            encoder.command("GETRANGE", key.text, 0, 35)
        }
        for index in 0..<2 { _ = try batch.value(at: index) }
        guard case .string(let bytes) = try batch.value(at: 2), bytes == image?.bytes ?? ByteBuffer() else {
            return true
        }
        _ = await watch.wait(atMost: duration, on: self.clock)
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
            self.nearCache?.drop(key)
            defer { self.nearCache?.drop(key) }
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
        self.nearCache?.drop(key)
        defer { self.nearCache?.drop(key) }
        var version = ByteBuffer()
        version.writeInteger(entry.metadata.version ?? 0)
        return try await self.run(
            EntryScripts.write, key,
            [entry.asSent.encoded(), lifetime.fresh.wholeMilliseconds, lifetime.kept.wholeMilliseconds, version])
    }

    public func invalidate(_ key: CacheKey, by method: InvalidationMethod) async throws {
        self.nearCache?.drop(key)
        defer { self.nearCache?.drop(key) }
        switch method {
        case .remove:
            let batch = try await self.send(for: key.text, over: Self.lane(of: key)) { $0.command("UNLINK", key.text) }
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
        // Some may be near and gone from the server, which is about to say so.
        self.nearCache?.dropAll()
        defer { self.nearCache?.dropAll() }
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
            let count = try await self.invalidate(batch, by: method)
            if count > 0 { progress(count) }
        }
    }

    /// How many keys a pattern ends at once.
    private static let patternBatch = 500

    /// Those that are merely removed go together.
    ///
    /// - Returns: How many entries were ended: some may have gone, and a key may come twice.
    private func invalidate(_ keys: [CacheKey], by method: (CacheKey) -> InvalidationMethod) async throws -> Int {
        let others = keys.filter { method($0) != .remove }
        for key in others { try await self.invalidate(key, by: method(key)) }
        let removed = keys.filter { method($0) == .remove }
        guard !removed.isEmpty else { return others.count }
        do throws(RedisError) {
            let count = try await self.client.execute(
                UNLINK(removed.map { RedisKey($0.text) }), timeout: self.configuration.timeout)
            return others.count + count
        } catch {
            throw error.asStoreError
        }
    }

    // MARK: The log

    public func invalidate(tags: [String], in namespace: String) async throws {
        try await self.append(LogScripts.invalidate, namespace, [self.maximumTags] + tags)
    }

    public func clear(_ namespace: String) async throws {
        try await self.append(LogScripts.clear, namespace, [])
    }

    // MARK: Scripts and time

    /// Runs a script that answers yes or no.
    private func run(_ script: RedisScript, _ key: CacheKey, _ arguments: [any RedisArgument]) async throws -> Bool {
        let sent = self.clock.now
        let batch = try await self.send(script, key.text, arguments, over: Self.lane(of: key))
        return try self.fields(batch, of: key.text, count: 2, sent: sent)[0].integer == 1
    }

    /// The answer of an entry's script, whose last field is the server's time.
    private func fields(
        _ batch: RedisClient.Batch, of key: String, count: Int, sent: MonotonicInstant
    ) throws -> [RedisValue] {
        let fields = try batch.array(at: 0)
        guard fields.count == count, let time = fields[count - 1].integer.flatMap({ UInt64(exactly: $0) }) else {
            throw Self.malformed("a script")
        }
        self.learn(StoreTime(milliseconds: time), of: self.client.server(of: key), sent: sent)
        return fields
    }

    func learn(_ time: StoreTime, of server: RedisServerID, sent: MonotonicInstant) {
        let received = self.clock.now
        self.times.withLockedValue { $0[server, default: ServerTime()].learn(time, sent: sent, received: received) }
    }

    /// The time on a server as it is known; nil when it has not said any.
    func time(on server: RedisServerID, at now: MonotonicInstant) -> StoreTime? {
        self.times.withLockedValue { $0[server]?.now(at: now) }
    }

    /// Whether a server should be asked for its time again.
    func mustAskTime(of server: RedisServerID, at now: MonotonicInstant) -> Bool {
        self.times.withLockedValue { $0[server]?.isStale(at: now) ?? true }
    }

    // MARK: Sending

    func send(
        for key: String? = nil, over lane: Lane = .any, observe: (@Sendable (RedisClient.Batch) -> Void)? = nil,
        _ encode: (inout RedisCommandEncoder) -> Void
    ) async throws -> RedisClient.Batch {
        do {
            return self.checked(
                try await self.client.send(
                    for: key, timeout: self.configuration.timeout, over: lane, observe: observe, encode))
        } catch {
            throw error.asStoreError
        }
    }

    func send(
        _ script: RedisScript, _ key: String, _ arguments: [any RedisArgument], over lane: Lane = .any,
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
        if batch.replies.first?.isError("READONLY") == true { self.distrustAll() }
        return batch
    }

    /// A server is no master: what was read from it lately may be old.
    func distrustAll() {
        self.client.serversHaveChanged()
        self.changeVerified { $0.value.distrustAll() }
        self.nearCache?.withConnections { $0.distrustAll() }
    }

    static func malformed(_ what: String) -> StoreRefusal {
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
