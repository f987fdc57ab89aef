// SPDX-License-Identifier: Apache-2.0

import Larder
import NIOCore

/// The tokens of users who are remembered. They stand in the store as sessions do, apart from these, with times of their own.
struct RememberedLogins: Sendable {
    let keys: SessionKeys
    private let store: any SessionStore
    private let seal: SessionSeal
    private let codec = MessagePackCacheCodec()
    private let keyPrefix: String
    private let terms: SessionTerms
    private let grace: Duration

    init(_ store: any SessionStore, _ keys: SessionKeys, namespace: String, _ configuration: SessionConfiguration) {
        self.keys = keys
        self.store = store
        self.seal = SessionSeal(keys, purpose: "larder remembered seal 1:\(namespace)")
        self.keyPrefix = CacheKey(namespace: namespace, reserved: "remembered").text + ":"
        self.terms = configuration.rememberTerms
        self.grace = configuration.rememberGrace
    }

    /// What is known of a token, as of when.
    struct Sight {
        let remembrance: Remembrance
        let worth: Remembrance.Worth
        fileprivate let version: UInt64
        fileprivate let now: StoreTime
    }

    /// What came of replacing a token.
    enum Replacement {
        case done(RememberToken)
        /// Somebody else did before.
        case conflict(Sight?)
        /// There is none any more.
        case none
    }

    /// A token for a user.
    func remember(_ principal: Principal, _ owner: SessionOwner) async throws -> RememberToken {
        let token = RememberToken(of: owner)
        _ = try await self.store.create(
            token.digest, payload: try self.payload(Remembrance(principal, token), of: token, version: 1),
            authenticates: true, under: self.key(owner), self.terms)
        return token
    }

    /// What is known of a token; nil when there is none, or it cannot be read.
    func look(at token: RememberToken) async throws -> Sight? {
        guard
            case .found(let record, let now) = try await self.store.read(
                token.digest, under: self.key(token.owner), self.terms)
        else { return nil }
        return self.sight(of: token, in: record, at: now)
    }

    /// Replaces a token that is good by the one that follows from it by a step.
    func replace(_ token: RememberToken, by step: [UInt8], after sight: Sight) async throws -> Replacement {
        let next = token.next(self.keys, by: step)
        let payload = try self.payload(
            sight.remembrance.replacing(token, with: next, by: step, at: sight.now), of: token,
            version: sight.version + 1)
        switch try await self.store.save(
            token.digest, payload: payload, over: sight.version, under: self.key(token.owner), self.terms)
        {
        case .done: return .done(next)
        case .conflict(let record, let now): return .conflict(self.sight(of: token, in: record, at: now))
        case .none: return .none
        }
    }

    /// Ends a token, and those that took its place.
    func forget(_ token: RememberToken) async throws -> Bool {
        guard case .done = try await self.store.remove(token.digest, at: nil, under: self.key(token.owner)) else {
            return false
        }
        return true
    }

    /// Ends all tokens of a user.
    func forgetAll(of owner: SessionOwner) async throws {
        _ = try await self.store.removeAll(under: self.key(owner), but: nil)
    }

    private func key(_ owner: SessionOwner) -> String { self.keyPrefix + owner.text }

    private func place(of token: RememberToken, version: UInt64) -> SessionSeal.Place {
        SessionSeal.Place(key: self.key(token.owner), digest: token.digest, version: version)
    }

    private func payload(_ remembrance: Remembrance, of token: RememberToken, version: UInt64) throws -> ByteBuffer {
        try self.seal.close(try self.codec.encode(remembrance), for: self.place(of: token, version: version))
    }

    private func sight(of token: RememberToken, in record: SessionRecord, at now: StoreTime) -> Sight? {
        let version = record.head.version
        guard let bytes = self.seal.open(record.payload, at: self.place(of: token, version: version)),
            let remembrance = try? self.codec.decode(Remembrance.self, from: bytes)
        else { return nil }
        return Sight(
            remembrance: remembrance, worth: remembrance.worth(of: token, at: now, grace: self.grace), version: version,
            now: now)
    }
}
