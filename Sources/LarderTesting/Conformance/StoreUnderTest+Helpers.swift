// SPDX-License-Identifier: Apache-2.0

import Larder
import NIOCore

extension StoreUnderTest {
    /// A connected store, its log made, and a key.
    func opened() async throws -> (any CacheStore, CacheKey) {
        let store = try await self.connect()
        _ = try await store.log(of: self.namespace, since: nil)
        return (store, CacheKey(namespace: self.namespace, region: "case", UInt64.random(in: 0 ... .max)))
    }
}

extension CacheStore {
    func record(_ key: CacheKey) async throws -> StoredRecord {
        try await self.read(key, since: nil).record
    }

    func image(_ key: CacheKey) async throws -> EntryImage? {
        try await self.record(key).image
    }

    func payload(_ key: CacheKey) async throws -> String? {
        guard case .entry(let entry) = try await self.record(key) else { return nil }
        return String(buffer: entry.payload)
    }

    func wholeLog(_ namespace: String) async throws -> LogChanges {
        guard case .changes(let changes) = try await self.log(of: namespace, since: nil) else {
            throw StoreConformance.Failure(description: "whoever knows nothing is not told the whole log")
        }
        return changes
    }

    func filled(
        _ key: CacheKey, _ payload: String, version: UInt64? = nil, lifetime: Duration = .seconds(60),
        token: LeaseToken
    ) async throws -> Bool {
        try await self.fill(
            key, with: .value(payload, version: version), lifetime: EntryLifetime(fresh: lifetime), token: token,
            since: nil
        ).isStored
    }

    func written(_ key: CacheKey, _ payload: String, version: UInt64) async throws -> Bool {
        try await self.write(
            key, .value(payload, version: version), lifetime: EntryLifetime(fresh: .seconds(60)))
    }

    /// Puts a value under a key by the one way there is.
    func put(
        _ key: CacheKey, _ payload: String, version: UInt64? = nil, lifetime: Duration = .seconds(60)
    ) async throws {
        let token = LeaseToken()
        let answer = try await self.acquire(key, seen: try await self.image(key), token: token, for: .seconds(1))
        guard answer == .granted,
            try await self.filled(key, payload, version: version, lifetime: lifetime, token: token)
        else { throw StoreConformance.Failure(description: "a value could not be stored: \(answer)") }
    }
}

extension Entry {
    fileprivate static func value(_ payload: String, version: UInt64?) -> Entry {
        var entry = Entry(kind: .value, codec: .raw, payload: ByteBuffer(string: payload))
        entry.metadata.version = version
        return entry
    }
}
