// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Testing

@testable import Larder

/// Two builds of one type, side by side as in a rolling deploy.
@Suite struct SchemaTests {
    private struct Build {
        /// Prices in whole units, and later in hundredths: bytes that both can read.
        struct Price: Codable, Sendable, Equatable {
            var amount: Int
        }

        let cache: Cache
        let price: CacheFunction<Price, Int>

        init(_ store: EmbeddedStore, schema: UInt64?, unit: Int) {
            self.cache = Cache("shop", store: store)
            let price = self.cache.function("price", .ttl(.seconds(60))) { (id: Int) in Price(amount: id * unit) }
            self.price = schema.map { price.schema($0) } ?? price
        }

        func source(_ id: Int) async throws -> CacheSource {
            let source = try await self.price.result(id).source
            await self.cache.settle()
            return source
        }
    }

    @Test(arguments: [nil, 1] as [UInt64?])
    func noBuildReadsWhatAnotherWrote(old: UInt64?) async throws {
        let store = EmbeddedStore()
        let (before, after) = (Build(store, schema: old, unit: 1), Build(store, schema: 2, unit: 100))
        for _ in 0..<2 {
            #expect(try await before.source(7) == .miss)
            #expect(try await before.price(7).amount == 7)
            #expect(try await before.source(7) == .hit)
            #expect(try await after.source(7) == .miss)
            #expect(try await after.price(7).amount == 700)
            #expect(try await after.source(7) == .hit)
        }
        #expect(before.cache.statistics["price"]?.unreadable == 1)
        #expect(after.cache.statistics["price"]?.unreadable == 2)
    }

    @Test func anInvalidationByOneReachesTheOther() async throws {
        let store = EmbeddedStore()
        let (before, after) = (Build(store, schema: 1, unit: 1), Build(store, schema: 2, unit: 100))
        #expect(try await after.source(7) == .miss)
        #expect(try await after.source(7) == .hit)
        await before.price.invalidate(7)
        #expect(try await after.source(7) == .miss)
    }

    @Test func bytesAreOfTheOwnSchemaToo() async throws {
        let store = EmbeddedStore()
        let (before, after) = (Build(store, schema: 1, unit: 1), Build(store, schema: 2, unit: 100))
        #expect(try await before.source(7) == .miss)
        let bytes = try await after.price.bytes(7)
        #expect(bytes.value.map { String(buffer: $0) } == #"{"amount":700}"#)
    }

    @Test func anAbsenceHasNoShape() async throws {
        let store = EmbeddedStore()
        let (one, other) = (Cache("shop", store: store), Cache("shop", store: store))
        let before = one.function("f", .ttl(.seconds(60))) { (_: Int) in Int?.none }.schema(1)
        let after = other.function("f", .ttl(.seconds(60))) { (_: Int) in Int?.some(5) }.schema(2)
        #expect(try await before(1) == nil)
        await one.settle()
        #expect(try await after.result(1) == CacheResult(value: nil, source: .hit))
    }

    // MARK: Fingerprints

    private struct Part: CacheSchema {
        static func describe(to schema: inout SchemaFingerprint) { schema.add("id", Int.self) }
    }

    private struct Whole: CacheSchema {
        static func describe(to schema: inout SchemaFingerprint) {
            schema.add("part", Part.self)
            schema.add("wholes", [Whole].self)
        }
    }

    private struct Other: CacheSchema {
        static func describe(to schema: inout SchemaFingerprint) {
            schema.add("part", Int.self)
            schema.add("wholes", [Other].self)
        }
    }

    @Test func aFingerprintIsThatOfItsPartsAndStaysTheSame() {
        #expect(SchemaFingerprint.of(Int.self) == nil)
        #expect(SchemaFingerprint.of([Int].self) == nil)
        // Of "(2:id:Swift.Int;)", so that other builds and other programs get the same.
        #expect(SchemaFingerprint.of(Part.self) == 0xc3eb_d8cd_886e_77fa)
        #expect(SchemaFingerprint.of(Part?.self) == SchemaFingerprint.of(Part.self))
        #expect(SchemaFingerprint.of([Part].self) != SchemaFingerprint.of(Part.self))
        #expect(SchemaFingerprint.of([String: Part].self) != SchemaFingerprint.of([Int: Part].self))
        #expect(SchemaFingerprint.of(Whole.self) != SchemaFingerprint.of(Other.self))
    }
}
