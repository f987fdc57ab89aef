// SPDX-License-Identifier: Apache-2.0

import LarderSessions
import NIOConcurrencyHelpers
import NIOCore

/// A store that lets something happen between two steps.
final class InterceptedSessionStore: SessionStore {
    enum Step: Sendable {
        case create, read, save, remove, removeAll
    }

    private let store: any SessionStore
    private struct Hook {
        var step: Step
        var skipped: Int
        var body: @Sendable () async throws -> Void
    }

    private let hook = NIOLockedValueBox<Hook?>(nil)

    init(_ store: any SessionStore) {
        self.store = store
    }

    /// Lets something happen before the next step of a kind, or one after that.
    func before(_ step: Step, skipping count: Int = 0, _ body: @escaping @Sendable () async throws -> Void) {
        self.hook.withLockedValue { $0 = Hook(step: step, skipped: count, body: body) }
    }

    private func begin(_ step: Step) async throws {
        let body = self.hook.withLockedValue { hook -> (@Sendable () async throws -> Void)? in
            guard let next = hook, next.step == step else { return nil }
            hook?.skipped -= 1
            guard next.skipped == 0 else { return nil }
            hook = nil
            return next.body
        }
        try await body?()
    }

    func create(
        _ digest: SessionDigest, payload: ByteBuffer, authenticates: Bool, under key: String, _ terms: SessionTerms
    ) async throws -> SessionCreation {
        try await self.begin(.create)
        return try await self.store.create(
            digest, payload: payload, authenticates: authenticates, under: key, terms)
    }

    func read(_ digest: SessionDigest, under key: String, _ terms: SessionTerms) async throws -> SessionReading {
        try await self.begin(.read)
        return try await self.store.read(digest, under: key, terms)
    }

    func save(
        _ digest: SessionDigest, payload: ByteBuffer, over version: UInt64, under key: String, _ terms: SessionTerms
    ) async throws -> SessionChange {
        try await self.begin(.save)
        return try await self.store.save(digest, payload: payload, over: version, under: key, terms)
    }

    func rotate(
        _ digest: SessionDigest, to other: SessionDigest, payload: ByteBuffer, over version: UInt64,
        authenticates: Bool, under key: String, _ terms: SessionTerms
    ) async throws -> SessionChange {
        try await self.store.rotate(
            digest, to: other, payload: payload, over: version, authenticates: authenticates, under: key, terms)
    }

    func remove(_ digest: SessionDigest, at version: UInt64?, under key: String) async throws -> SessionChange {
        try await self.begin(.remove)
        return try await self.store.remove(digest, at: version, under: key)
    }

    func removeAll(under key: String, but kept: SessionDigest?) async throws -> [SessionDigest] {
        try await self.begin(.removeAll)
        return try await self.store.removeAll(under: key, but: kept)
    }

    func list(under key: String, _ terms: SessionTerms) async throws -> SessionListing {
        try await self.store.list(under: key, terms)
    }
}
