// SPDX-License-Identifier: Apache-2.0

import LarderSessions
import NIOConcurrencyHelpers
import NIOCore

/// A store that lets something happen between two steps.
final class InterceptedSessionStore: SessionStore {
    private let store: any SessionStore
    private let hook = NIOLockedValueBox<(@Sendable () async throws -> Void)?>(nil)

    init(_ store: any SessionStore) {
        self.store = store
    }

    /// Lets something happen before the next session begins.
    func beforeCreation(_ body: @escaping @Sendable () async throws -> some Sendable) {
        self.hook.withLockedValue { $0 = { _ = try await body() } }
    }

    func create(
        _ digest: SessionDigest, payload: ByteBuffer, authenticates: Bool, under key: String, _ terms: SessionTerms
    ) async throws -> SessionCreation {
        let hook = self.hook.withLockedValue { hook in
            defer { hook = nil }
            return hook
        }
        try await hook?()
        return try await self.store.create(
            digest, payload: payload, authenticates: authenticates, under: key, terms)
    }

    func read(_ digest: SessionDigest, under key: String, _ terms: SessionTerms) async throws -> SessionReading {
        try await self.store.read(digest, under: key, terms)
    }

    func save(
        _ digest: SessionDigest, payload: ByteBuffer, over version: UInt64, under key: String, _ terms: SessionTerms
    ) async throws -> SessionChange {
        try await self.store.save(digest, payload: payload, over: version, under: key, terms)
    }

    func rotate(
        _ digest: SessionDigest, to other: SessionDigest, payload: ByteBuffer, over version: UInt64,
        authenticates: Bool, under key: String, _ terms: SessionTerms
    ) async throws -> SessionChange {
        try await self.store.rotate(
            digest, to: other, payload: payload, over: version, authenticates: authenticates, under: key, terms)
    }

    func remove(_ digest: SessionDigest, at version: UInt64?, under key: String) async throws -> SessionChange {
        try await self.store.remove(digest, at: version, under: key)
    }

    func removeAll(under key: String, but kept: SessionDigest?) async throws -> [SessionDigest] {
        try await self.store.removeAll(under: key, but: kept)
    }

    func list(under key: String, _ terms: SessionTerms) async throws -> SessionListing {
        try await self.store.list(under: key, terms)
    }
}
