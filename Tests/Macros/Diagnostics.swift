// SPDX-License-Identifier: Apache-2.0

// What is said of code that a macro cannot stand on, and where. Compiled by scripts/macros, never run.

import Larder
import LarderMacros

struct Product: Codable, Sendable {
    var id: Int
}

struct Plain: Sendable {
    var id: Int
}

let ttl = Duration.seconds(60)

struct Catalogue: CacheSharing {
    let cache: Cache

    @Cached(.ttl(.seconds(60)))
    func neither(id: Int) -> Product {
        Product(id: id)
    }

    @Cached(.ttl(.seconds(60)))
    func notThrowing(id: Int) async -> Product {
        Product(id: id)
    }

    @Cached(.ttl(.seconds(60)))
    func notAsync(id: Int) throws -> Product {
        Product(id: id)
    }

    @Cached(.ttl(.seconds(60)))
    func typed(id: Int) async throws(CancellationError) -> Product {
        Product(id: id)
    }

    @Cached(.ttl(.seconds(60)))
    func nothing(id: Int) async throws {}

    @Cached(.ttl(.seconds(60)))
    func opaque(id: Int) async throws -> some Codable & Sendable {
        Product(id: id)
    }

    @Cached(.ttl(.seconds(60)))
    func tuple(id: Int) async throws -> (Int, Int) {
        (id, id)
    }

    @Cached(.ttl(.seconds(60)))
    mutating func changing(id: Int) async throws -> Product {
        Product(id: id)
    }

    @Cached(.ttl(.seconds(60)))
    func out(id: inout Int) async throws -> Product {
        Product(id: id)
    }

    @Cached(.ttl(.seconds(60)))
    func unnamed(_: Int) async throws -> Product {
        Product(id: 1)
    }

    @Cached(.ttl(.seconds(60)))
    func function(id: Int, log: @escaping @Sendable (Int) -> Void) async throws -> Product {
        Product(id: id)
    }

    @Cached(.ttl(.seconds(60)), tags: ["product:{idd}"])
    func unknown(id: Int) async throws -> Product {
        Product(id: id)
    }

    @Cached(.ttl(.seconds(60)), tags: ["product:{id", "product:id}", "product:{}", "product:{id + 1}"])
    func malformed(id: Int) async throws -> Product {
        Product(id: id)
    }

    @Cached(.ttl(.seconds(60)), ignoring: ["log"])
    func ignoring(id: Int) async throws -> Product {
        Product(id: id)
    }

    @CacheInvalidate(tags: [])
    func untagged(id: Int) async throws {}

    @CacheInvalidate(tags: ["product:{result.id}"])
    func resultless(id: Int) async throws {}

    @CacheInvalidate(tags: ["product:{id}"])
    func quiet(id: Int) {}

    @Cached(.ttl(.seconds(60)))
    func notAKey(plain: Plain) async throws -> Product {
        Product(id: plain.id)
    }

    @Cached(.ttl(.seconds(60)))
    func notCodable(id: Int) async throws -> Plain {
        Plain(id: id)
    }

    @Cached(.ttl(ttl))
    func shadowed(ttl: Duration) async throws -> Product {
        Product(id: 1)
    }

    @Cached(.ttl(.seconds(60)), key: "element")
    func element<Element: CacheKeyComponent & Sendable>(_ element: Element) async throws -> Product {
        Product(id: 1)
    }

    func outer(user: Int) async throws {
        @Cached(.ttl(.seconds(60)))
        func inner(id: Int) async throws -> Product {
            Product(id: user + id)
        }
        _ = try await inner(id: 1)
    }

    @CacheInvalidate(tags: ["product:{id}"])
    func opaqueResult(id: Int) async throws -> some Codable {
        Product(id: id)
    }

    @Cached(.ttl(.seconds(60)))
    func commented(id: Int)  // what it does
    {
    }

    @Cached(.ttl(.seconds(60)))
    var property: Product { get async throws { Product(id: 1) } }
}

@Cached(.ttl(.seconds(60)))
func free(plain: Plain, cache: Cache) async throws -> Product {
    Product(id: plain.id)
}

struct Basket: Codable, Sendable, PrincipalBound {}

struct Baskets {
    let cache: Cache

    func byHand() async throws {
        let basket = cache.function("basket", .ttl(.seconds(60))) { (user: Int) in Basket() }
        _ = try await basket(1)
        let keyed = cache.function("basket", .ttl(.seconds(60)), key: { $0 }) { (user: Int) in Basket() }
        _ = try await keyed(1)
    }
}

protocol Requirement {
    @Cached(.ttl(.seconds(60)))
    func product(id: Int) async throws -> Product
}

struct Unshared {
    let cache: Cache

    @Cached(.ttl(.seconds(60)))
    func product(id: Int) async throws -> Product {
        Product(id: id)
    }
}

@CacheSchema
struct Inferred: Codable {
    var count = 0
}

@CacheSchema
actor Nobody {}

@CacheSchema
final class Object: Codable {}

@CacheSchema
struct Conditional: Codable {
    #if DEBUG
    var id: Int
    #endif
}
