// SPDX-License-Identifier: Apache-2.0

#if Macros
import Larder
import LarderMacros
import Testing

/// The builds of one service, before and after a change of a type.
private enum Before {
    @CacheSchema
    struct Price: Codable, Sendable { var amount: Int }

    @CacheSchema
    struct Product: Codable, Sendable {
        var id: Int
        var price: Price
    }
}

private enum After {
    @CacheSchema
    struct Price: Codable, Sendable {
        var amount: Int
        var currency: String?
    }

    @CacheSchema
    struct Product: Codable, Sendable {
        var id: Int
        var price: Price
    }
}

private enum Reordered {
    @CacheSchema
    struct Price: Codable, Sendable { var amount: Int }

    @CacheSchema
    struct Product: Codable, Sendable {
        var price: Price
        var id: Int
        var isFree: Bool { price.amount == 0 }
    }
}

@Suite struct CacheSchemaTests {
    /// A type that has not changed itself, but what it holds, and bytes that both builds could read.
    @Test func buildsOfDifferentShapeReadNothingOfEachOther() async throws {
        let store = EmbeddedStore()
        let before = Cache("shop", store: store).function("product", .ttl(.seconds(60))) {
            (id: Int) -> Before.Product? in
            Before.Product(id: id, price: Before.Price(amount: 1))
        }
        let cache = Cache("shop", store: store)
        let after = cache.function("product", .ttl(.seconds(60))) { (id: Int) in
            After.Product(id: id, price: After.Price(amount: 100))
        }
        for _ in 0..<2 {
            #expect(try await before(7)?.price.amount == 1)
            #expect(try await after(7).price.amount == 100)
        }
        #expect(cache.statistics["product"]?.unreadable == 2)
    }

    @Test func theOrderAndWhatIsComputedDoNotCount() async throws {
        let store = EmbeddedStore()
        let cache = Cache("shop", store: store)
        let before = cache.function("product", .ttl(.seconds(60))) { (id: Int) -> Before.Product? in
            Before.Product(id: id, price: Before.Price(amount: 1))
        }
        let after = cache.function("product", .ttl(.seconds(60))) { (id: Int) in
            Reordered.Product(price: Reordered.Price(amount: 100), id: id)
        }
        _ = try await before(7)
        await cache.settle()
        #expect(try await after(7).price.amount == 1)
    }
}
#endif
