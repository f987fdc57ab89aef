// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOCore
import Testing

@testable import Larder

@Suite struct SealingTests {
    private struct Profile: Codable, Sendable, Equatable {
        var id: Int
        var name: String
    }

    /// One process: its cache, and a function that finds nobody below 1.
    private struct Process {
        let cache: Cache
        let profile: CacheFunction<Profile?, Int>

        init(_ store: EmbeddedStore, _ keys: SealingKeys?, schema: UInt64? = nil) {
            self.cache = Cache("shop", store: store)
            var profile = self.cache.function("profile", .ttl(.seconds(60))) { (id: Int) in
                id < 1 ? nil : Profile(id: id, name: "Ann Example")
            }
            if let schema { profile = profile.schema(schema) }
            self.profile = keys.map { profile.sealed(with: $0) } ?? profile
        }

        func source(_ id: Int) async throws -> CacheSource {
            let result = try await self.profile.result(id)
            #expect(result.value?.name == (id < 1 ? nil : "Ann Example"))
            #expect(result.value?.id == (id < 1 ? nil : id))
            await self.cache.settle()
            return result.source
        }
    }

    private static func key(_ id: UInt32) throws -> SealingKeys.Key {
        try SealingKeys.Key(id: id, secret: (0..<32).map { UInt8($0) &+ UInt8(truncatingIfNeeded: id) })
    }

    private static func entry(_ key: CacheKey, in store: EmbeddedStore) async throws -> Entry {
        guard case .entry(let entry) = try await store.read(key, since: nil).record else {
            throw Undecodable(reason: "no entry")
        }
        return entry
    }

    @Test(arguments: [7, 0]) func aSealedValueIsReadAndNotToBeSeen(id: Int) async throws {
        let store = EmbeddedStore()
        let process = Process(store, try SealingKeys(current: Self.key(1)))
        #expect(try await process.source(id) == .miss)
        #expect(try await process.source(id) == .hit)
        #expect(
            try await process.profile.bytes(id).value.map { String(buffer: $0).contains("Ann") }
                == (id < 1 ? nil : true))
        let entry = try await Self.entry(process.profile.key(id), in: store)
        #expect(!String(decoding: entry.payload.readableBytesView, as: UTF8.self).contains("Ann"))
        #expect(entry.codec.isSealed)
        #expect(entry.metadata.sealingKey == 1)
    }

    /// Whatever is changed about an entry, or wherever it is moved, gives a miss, or the value it was sealed as.
    @Test(arguments: [7, 0]) func aForgedEntryIsAMiss(id: Int) async throws {
        let store = EmbeddedStore()
        let process = Process(store, try SealingKeys(current: Self.key(1), others: [Self.key(2)]), schema: 5)
        _ = try await process.source(id)
        let key = process.profile.key(id)
        let entry = try await Self.entry(key, in: store)

        // The store decodes what is planted, as one outside the process does.
        func expectMiss(of forged: Entry, under target: Int) async throws {
            store.plant(forged.encoded(), for: process.profile.key(target), keptFor: .seconds(60))
            #expect(try await process.source(target) == .miss)
        }
        try await expectMiss(of: entry, under: id + 1)
        for index in 0..<entry.payload.readableBytes {
            var forged = entry
            var bytes = Array(entry.payload.readableBytesView)
            bytes[index] ^= 1
            forged.payload = ByteBuffer(bytes: bytes)
            try await expectMiss(of: forged, under: id)
            forged.payload = ByteBuffer(bytes: bytes[..<index])
            try await expectMiss(of: forged, under: id)
        }
        let changes: [(inout Entry) -> Void] = [
            { $0.kind = $0.kind == .value ? .absence : .value },
            { $0.codec.isSealed = false },
            { $0.codec = .messagePack },
            { $0.codec.compression = .zlib },
            { $0.metadata.sealingKey = 2 },
            { $0.metadata.sealingKey = 3 },
            { $0.metadata.sealingKey = nil },
            { $0.metadata.schema = 6 },
            { $0.metadata.schema = nil },
            { $0 = Entry(kind: .absence, freshUntil: $0.freshUntil, stamp: $0.stamp, metadata: $0.metadata) },
        ]
        for change in changes {
            var forged = entry
            change(&forged)
            // An absence has no schema that could be changed.
            guard forged != entry else { continue }
            try await expectMiss(of: forged, under: id)
        }
        #expect(process.cache.statistics["profile"]?.unreadable ?? 0 > changes.count)
    }

    @Test func keysAreReadFromText() throws {
        let secret = Data(repeating: 1, count: 32).base64EncodedString()
        let keys = try SealingKeys(text: "2:\(secret),1:\(secret)\n")
        #expect(keys.current.id == 2 && keys.others.map(\.id) == [1])
        for text in [
            "", ",", "1", "1:", "\(secret)", ":\(secret)", "-1:\(secret)", "1:\(secret),", "1:\(secret),1:\(secret)",
            "1:c2VjcmV0", "1:\(secret)!", " 1:\(secret)",
        ] {
            let error = #expect(throws: CacheError.self, "\(text)") { try SealingKeys(text: text) }
            #expect(error?.code == .invalidSealingKey)
            #expect(error.map { !"\($0)".contains("c2VjcmV0") } ?? false)
        }
    }

    @Test func aSecretIsReplacedWithoutAMiss() async throws {
        let store = EmbeddedStore()
        let (old, new) = (try Self.key(1), try Self.key(2))
        let deployments = [
            try SealingKeys(current: old), try SealingKeys(current: old, others: [new]),
            try SealingKeys(current: new, others: [old]), try SealingKeys(current: new),
        ]
        for (index, (before, after)) in zip(deployments, deployments.dropFirst()).enumerated() {
            let processes = [Process(store, before), Process(store, after)]
            for writer in processes {
                _ = await writer.profile.invalidate(7)
                #expect(try await writer.source(7) == .miss)
                let key = writer.profile.key(7)
                store.plant(try await Self.entry(key, in: store).encoded(), for: key, keptFor: .seconds(60))
                for reader in processes {
                    #expect(try await reader.source(7) == .hit, "deployment \(index)")
                }
            }
        }
        // Too early: what is still sealed with the old one is loaded anew.
        let (first, last) = (Process(store, deployments[0]), Process(store, deployments[3]))
        _ = await first.profile.invalidate(7)
        _ = try await first.source(7)
        let key = first.profile.key(7)
        store.plant(try await Self.entry(key, in: store).encoded(), for: key, keptFor: .seconds(60))
        #expect(try await last.source(7) == .miss)
        #expect(try await last.source(7) == .hit)
    }

    @Test func sealedAndPlainRegionsReadNothingOfEachOther() async throws {
        let store = EmbeddedStore()
        let (plain, sealed) = (Process(store, nil), Process(store, try SealingKeys(current: Self.key(1))))
        for id in [7, 0] {
            #expect(try await plain.source(id) == .miss)
            #expect(try await sealed.source(id) == .miss)
            #expect(try await sealed.source(id) == .hit)
            #expect(try await plain.source(id) == .miss)
        }
    }

    /// Though the value is at hand in the store.
    @Test func aRegionWithOtherKeysReadsNothing() async throws {
        let store = EmbeddedStore()
        _ = try await Process(store, try SealingKeys(current: Self.key(1))).source(7)
        #expect(try await Process(store, try SealingKeys(current: Self.key(2))).source(7) == .miss)
    }

    @Test func aSchemaOfZeroIsNotNone() throws {
        let seal = PayloadSeal(try SealingKeys(current: Self.key(1)), namespace: "shop")
        let key = CacheKey(namespace: "shop", region: "profile", 7)
        var entry = Entry(kind: .value, codec: .json, payload: ByteBuffer(string: "7"))
        try seal.close(&entry, under: key)
        entry.metadata.schema = 0
        #expect(throws: (any Error).self) { try seal.open(entry, under: key) }
    }

    @Test func aNamespaceHasAKeyOfItsOwn() throws {
        let keys = try SealingKeys(current: Self.key(1))
        let key = CacheKey(namespace: "shop", region: "profile", 7)
        var entry = Entry(kind: .value, codec: .json, payload: ByteBuffer(string: "7"))
        try PayloadSeal(keys, namespace: "shop").close(&entry, under: key)
        #expect(try PayloadSeal(keys, namespace: "shop").open(entry, under: key) == ByteBuffer(string: "7"))
        #expect(throws: (any Error).self) { try PayloadSeal(keys, namespace: "other").open(entry, under: key) }
    }

    @Test func badKeysAreRefused() throws {
        #expect { try SealingKeys.Key(id: 1, secret: [1, 2, 3]) } throws: {
            ($0 as? CacheError)?.code == .invalidSealingKey
        }
        #expect { try SealingKeys(current: Self.key(1), others: [Self.key(1)]) } throws: {
            ($0 as? CacheError)?.code == .invalidSealingKey
        }
    }
}
