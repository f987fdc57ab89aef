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
        self.grace = configuration.effectiveGrace
    }

    /// What is known of a token, as of when.
    struct Sight {
        let remembrance: Remembrance
        let worth: Remembrance.Worth
        fileprivate let version: UInt64
        fileprivate let now: StoreTime
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
        let version = record.head.version
        guard let bytes = self.seal.open(record.payload, at: self.place(of: token, version: version)),
            let remembrance = try? self.codec.decode(Remembrance.self, from: bytes)
        else { return nil }
        return Sight(
            remembrance: remembrance, worth: remembrance.worth(of: token, at: now, grace: self.grace), version: version,
            now: now)
    }

    /// Replaces a token that is good by the one that follows from it by a step.
    ///
    /// - Returns: That; nil when somebody else did before, or it is gone.
    func replace(_ token: RememberToken, by step: [UInt8], after sight: Sight) async throws -> RememberToken? {
        let next = token.next(self.keys, by: step)
        let payload = try self.payload(
            sight.remembrance.replacing(token, with: next, by: step, at: sight.now), of: token,
            version: sight.version + 1)
        let change = try await self.store.save(
            token.digest, payload: payload, over: sight.version, under: self.key(token.owner), self.terms)
        guard case .done = change else { return nil }
        return next
    }

    /// Ends a token, and those that took its place.
    func forget(_ digest: SessionDigest, of owner: SessionOwner) async throws -> Bool {
        guard case .done = try await self.store.remove(digest, at: nil, under: self.key(owner)) else { return false }
        return true
    }

    /// Ends all tokens of a user.
    ///
    /// - Returns: Whether there were any.
    func forgetAll(of owner: SessionOwner) async throws -> Bool {
        try await !self.store.removeAll(under: self.key(owner), but: nil).isEmpty
    }

    private func key(_ owner: SessionOwner) -> String { self.keyPrefix + owner.text }

    private func place(of token: RememberToken, version: UInt64) -> SessionSeal.Place {
        SessionSeal.Place(key: self.key(token.owner), digest: token.digest, version: version)
    }

    private func payload(_ remembrance: Remembrance, of token: RememberToken, version: UInt64) throws -> ByteBuffer {
        try self.seal.close(try self.codec.encode(remembrance), for: self.place(of: token, version: version))
    }
}
