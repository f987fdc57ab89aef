// SPDX-License-Identifier: Apache-2.0

import Larder
public import LarderSessions
public import NIOCore
public import RedisDriver

/// Sessions on Redis or Valkey, shared by all processes of a service. Needs Redis 7, or any Valkey: one server, one that sentinels
/// watch over, or a cluster.
///
/// The sessions of a user are one hash, so that ending all of them is one step. Use a server that does not evict
/// (`maxmemory-policy noeviction`), or users are logged out when memory runs short; and one that persists, or they are when it is
/// started anew.
///
/// Everything here throws `SessionError` with the code `unavailable` when the server does not do as it is told.
public struct RedisSessionStore: SessionStore {
    private let client: RedisClient
    private let timeout: Duration
    /// Sessions that this process has kept alive lately. Reading them is all there is to do, and costs the server a fraction of a script.
    private let kept = InProcessCache<SessionDigest, Bool>(limit: .entries(100_000))

    /// Makes a store.
    ///
    /// - Parameters:
    ///   - client: The client, which may be shared with caches.
    ///   - timeout: How long one operation may take.
    public init(_ client: RedisClient, timeout: Duration = .milliseconds(500)) {
        self.client = client
        self.timeout = timeout
    }

    public func create(
        _ digest: SessionDigest, payload: ByteBuffer, authenticates: Bool, under key: String, _ terms: SessionTerms
    ) async throws -> SessionCreation {
        let reply = try await self.run(
            SessionScripts.create, key, terms, digest, payload, authenticates ? 1 : 0, terms.maximumPerOwner,
            terms.refusesExcess ? 1 : 0)
        switch reply.outcome {
        case 1:
            let ended = try reply.array(3).map { SessionDigest(try SessionReply.text($0)) }
            return .created(try reply.head(), ended: ended)
        case 4: return .refused
        default: throw reply.unexpected
        }
    }

    public func read(_ digest: SessionDigest, under key: String, _ terms: SessionTerms) async throws -> SessionReading {
        if self.kept.value(for: digest) != nil, let (record, now) = try await self.glance(at: digest, under: key, terms)
        {
            return .found(record, now: now)
        }
        let reply = try await self.run(SessionScripts.read, key, terms, digest)
        switch reply.outcome {
        case 0: return .none
        case 1:
            // What is never kept alive by a read is not read often either.
            if terms.touchInterval < terms.idleTimeout {
                self.kept.insert(true, for: digest, lifetime: terms.touchInterval)
            }
            return .found(try reply.record(), now: reply.now)
        case 2: return .expired
        default: throw reply.unexpected
        }
    }

    public func save(
        _ digest: SessionDigest, payload: ByteBuffer, over version: UInt64, under key: String, _ terms: SessionTerms
    ) async throws -> SessionChange {
        try await self.run(SessionScripts.save, key, terms, digest, payload, version).change()
    }

    public func rotate(
        _ digest: SessionDigest, to other: SessionDigest, payload: ByteBuffer, over version: UInt64,
        authenticates: Bool, under key: String, _ terms: SessionTerms
    ) async throws -> SessionChange {
        try await self.run(
            SessionScripts.rotate, key, terms, digest, payload, version, other.text, authenticates ? 1 : 0
        ).change()
    }

    public func remove(
        _ digest: SessionDigest, at version: UInt64?, under key: String
    ) async throws -> SessionChange {
        try await self.run(SessionScripts.remove, key, nil, digest, version.map(String.init) ?? "").change()
    }

    public func removeAll(under key: String, but kept: SessionDigest?) async throws -> [SessionDigest] {
        guard case .array(let ended) = try await self.evaluate(SessionScripts.removeAll, key, [kept?.text ?? ""]) else {
            throw SessionReply.unexpected
        }
        return try ended.map { SessionDigest(try SessionReply.text($0)) }
    }

    public func list(under key: String, _ terms: SessionTerms) async throws -> SessionListing {
        let reply = try await self.run(SessionScripts.list, key, terms, SessionDigest(""))
        var listing = SessionListing(records: [:], now: reply.now)
        for session in try reply.array(2) {
            guard case .array(let parts) = session, parts.count == 3 else { throw reply.unexpected }
            listing.records[SessionDigest(try SessionReply.text(parts[0]))] =
                try SessionReply.record(parts[1], parts[2])
        }
        return listing
    }

    /// A session as it stands; nil when there is more to do about it than to read it.
    private func glance(
        at digest: SessionDigest, under key: String, _ terms: SessionTerms
    ) async throws -> (record: SessionRecord, now: StoreTime)? {
        let batch = try await self.failing { () async throws(RedisError) in
            try await self.client.send(for: key, timeout: self.timeout) { encoder in
                encoder.command("HMGET", key, "h:\(digest)", "p:\(digest)")
                encoder.command("TIME")
            }
        }
        let fields = batch.fields(at: 0)
        guard fields.count == 2, let now = try? batch.serverTime(at: 1),
            let record = try? SessionReply.record(fields[0], fields[1])
        else { return nil }
        let head = record.head
        let isAhead = max(head.created, head.used, head.authenticated ?? .zero) > now
        guard !isAhead, head.end <= now.advanced(by: terms.absoluteTimeout), now < head.deadline(terms),
            head.used.duration(to: now) < terms.touchInterval
        else { return nil }
        return (record, now)
    }

    private func run(
        _ script: RedisScript, _ key: String, _ terms: SessionTerms?, _ digest: SessionDigest,
        _ further: any RedisArgument...
    ) async throws -> SessionReply {
        // What takes no terms looks at no times.
        let times = [terms?.idleTimeout, terms?.absoluteTimeout, terms?.touchInterval]
            .map { StoreTime.zero.advanced(by: $0 ?? .zero).milliseconds }
        return try SessionReply(await self.evaluate(script, key, times + [digest.text] + further))
    }

    private func evaluate(
        _ script: RedisScript, _ key: String, _ arguments: [any RedisArgument]
    ) async throws -> RedisValue {
        try await self.failing { () async throws(RedisError) in
            try await self.client.evaluate(script, keys: [key], arguments: arguments, timeout: self.timeout)
        }
    }

    /// What the client's error means to sessions.
    private func failing<Result>(_ body: () async throws(RedisError) -> Result) async throws -> Result {
        do {
            return try await body()
        } catch let error {
            if error.code == .cancelled { throw CancellationError() }
            throw SessionError(.unavailable, "the session store does not do as it is told", cause: error)
        }
    }
}

extension SessionStore where Self == RedisSessionStore {
    /// Sessions on the servers of a client.
    public static func redis(_ client: RedisClient, timeout: Duration = .milliseconds(500)) -> RedisSessionStore {
        RedisSessionStore(client, timeout: timeout)
    }
}
