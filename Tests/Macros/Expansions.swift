// SPDX-License-Identifier: Apache-2.0

// What the macros make of functions and types. Compiled by scripts/macros, never run.

import Larder
import LarderMacros

@CacheSchema
struct Product: Codable, Sendable {
    var id: Int
    var name, category: String
    let parts: [Product]
    static let none = "none"
    var title: String { name }

    enum CodingKeys: String, CodingKey {
        case id = "key"
        case name, category, parts
    }
}

@CacheSchema
public enum Price: Codable, Sendable {
    case free
    case fixed(amount: Int, in: String)
}

@propertyWrapper
struct Clamped: Codable, Sendable {
    var wrappedValue: Int
}

@CacheSchema
struct Wrapped: Codable, Sendable {
    @Clamped var count: Int
    var next: String?
}

@CacheSchema
enum Number: Int, Codable, Sendable {
    case two, one
    case three
}

@CacheSchema
enum Size: String, Codable, Sendable {
    case small = "S"
    case large
}

struct Catalogue: CacheSharing {
    let caches: Caches

    @Cached(.ttl(.seconds(60)), tags: ["product:{id}", "in \"{{{result.category}}}\""], in: \Self.caches.shop)
    func product(id: Int, in locale: [String]?) async throws -> Product {
        guard id > 0 else { throw CancellationError() }
        return Product(id: id, name: "tea", category: "tea", parts: [])
    }

    @Cached(.ttl(.seconds(60)), key: "products", ignoring: ["limit"], codec: .messagePack, in: Catalogue.shared)
    static func products(_ ids: Int..., limit: Int) async throws -> [Product?] {
        []
    }

    @CacheInvalidate(tags: ["product:{id}", "category:{result.category}"], in: \Self.caches.shop)
    func rename(id: Int) async throws -> Product {
        Product(id: id, name: "tea", category: "tea", parts: [])
    }

    @CacheInvalidate(tags: ["product:{id}"], in: \Self.caches.shop)
    func remove(id: Int) async throws {}

    static let shared = Cache("shop", store: .embedded)
}

struct Caches: Sendable {
    let shop: Cache
}

extension Catalogue {
    @Cached(.ttl(.seconds(60)), in: \Self.caches.shop)
    func inExtension() async throws -> Int {
        1
    }

    private struct Part: CacheSharing {
        let cache: Cache

        @Cached(.ttl(.seconds(60)))
        func hidden(id: Int) async throws -> Int {
            id
        }
    }
}

@Cached(.ttl(.seconds(60)))
func free<Number: CacheKeyComponent & Sendable>(_ number: Number, cache: Cache) async throws -> Int {
    1
}
