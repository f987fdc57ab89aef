// SPDX-License-Identifier: Apache-2.0

import Larder
import NIOCore

/// The tokens of users who are remembered. They stand in the store as sessions do, apart from these, with times of their own.
struct RememberedLogins: Sendable {
    private let store: any SessionStore
    private let seal: SessionSeal
    private let keyPrefix: String
    private let terms: SessionTerms
    private let grace: Duration

    init(_ store: any SessionStore, _ keys: SessionKeys, namespace: String, _ configuration: SessionConfiguration) {
        self.store = store
        self.seal = SessionSeal(keys, purpose: "larder remembered seal 1:\(namespace)", maximumSize: 4_096)
        self.keyPrefix = CacheKey(namespace: namespace, reserved: "remembered").text + ":"
        self.terms = configuration.rememberTerms
        self.grace = configuration.rememberGrace
    }

    /// What came of showing a token.
    enum Redemption {
        /// Whose it is, and what takes its place; nil when that was given out a moment ago.
        case good(Principal, RememberToken?)
        /// It was replaced before.
        case reused(Principal)
        /// There is none, any more.
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

    /// Takes a token, and gives another for it.
    func redeem(_ token: RememberToken) async throws -> Redemption {
        let key = self.key(token.owner)
        guard case .found(var record, var now) = try await self.store.read(token.digest, under: key, self.terms) else {
            return .none
        }
        while let remembrance = self.remembrance(in: record, of: token) {
            switch remembrance.worth(of: token, at: now, grace: self.grace) {
            case .reused: return .reused(remembrance.principal)
            case .justReplaced: return .good(remembrance.principal, nil)
            case .good: break
            }
            let next = token.next
            let payload = try self.payload(
                remembrance.replacing(with: next, at: now), of: next, version: record.head.version + 1)
            switch try await self.store.save(
                token.digest, payload: payload, over: record.head.version, under: key, self.terms)
            {
            case .done: return .good(remembrance.principal, next)
            case .conflict(let other, let time): (record, now) = (other, time)
            case .none: return .none
            }
        }
        return .none
    }

    /// Whether a token, or one that took its place, is good still.
    func stands(_ token: RememberToken) async throws -> Bool {
        guard case .found = try await self.store.read(token.digest, under: self.key(token.owner), self.terms) else {
            return false
        }
        return true
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
        try self.seal.close(try self.seal.encode(remembrance), for: self.place(of: token, version: version))
    }

    private func remembrance(in record: SessionRecord, of token: RememberToken) -> Remembrance? {
        self.seal.open(record.payload, at: self.place(of: token, version: record.head.version))
            .flatMap { self.seal.decode($0) }
    }
}
