// SPDX-License-Identifier: Apache-2.0

// What is usually written with decorators and a Redis client, as cached functions.

import Foundation
import Larder
import Logging

// snippet.hide
struct Product: Codable, Sendable {
    var id: Int
    var category: Int
}

struct Basket: Codable, Sendable, PrincipalBound {
    var lines: [Int]
}

struct Database: Sendable {
    func product(id: Int, logger: Logger? = nil) async throws -> Product? { Product(id: id, category: 3) }
    func products(in category: Int) async throws -> [Product] { [] }
    func setPrice(_ price: Int, of id: Int) async throws {}
    func basket(of owner: Principal) async throws -> Basket { Basket(lines: []) }
    func flags() async throws -> [String: Bool] { [:] }
}

let database = Database()
let cache = Cache("shop", store: .embedded)
let logger = Logger(label: "shop")
// snippet.show

// snippet.decorator
let product = cache.function("product", .ttl(.seconds(300))) { (id: Int) in try await database.product(id: id) }

func updateProduct(id: Int, price: Int) async throws {
    try await database.setPrice(price, of: id)
    await product.invalidate(id)
}
// snippet.end

// snippet.ignored
let logged = cache.function("product", .ttl(.seconds(300)), key: { id, _ in id }) { (id: Int, logger: Logger) in
    try await database.product(id: id, logger: logger)
}
// snippet.end

// snippet.tags
let category = cache.function("category", .ttl(.seconds(300))) { (id: Int) in
    try await database.products(in: id)
}.tagged { products, id in ["category:\(id)"] + products.map { "product:\($0.id)" } }

try await cache.invalidate(tags: ["product:42"])
// snippet.end

// snippet.pattern
await cache.invalidate(matching: "product:*")
await cache.clear()
// snippet.end

// snippet.expiry
let midnight = Calendar.current.startOfDay(for: .now.addingTimeInterval(86_400))
let offer = cache.function("offer", .at(midnight)) { (id: Int) in try await database.product(id: id) }
let recent = cache.function("recent", .sliding(idle: .seconds(900), atMost: .seconds(86_400))) { (id: Int) in
    try await database.product(id: id)
}
let list = cache.function("list", .ttl(.seconds(60)).staleWhileRevalidate(for: .seconds(300))) { (id: Int) in
    try await database.products(in: id)
}
// snippet.end

// snippet.failure
let flags = cache.function("flags", .ttl(.seconds(30)).staleIfError(for: .seconds(3_600))) {
    try await database.flags()
}
// snippet.end

// snippet.owner
let basket = cache.function(perPrincipal: "basket", .ttl(.seconds(60))) { (owner: Principal) in
    try await database.basket(of: owner)
}
let mine = try await basket(Principal(user: "ann", tenant: "acme"))
// snippet.end

// snippet.hide
let ids = try await product.values(for: [1, 2, 3]).compactMap { $0?.id }
print(ids, mine.lines, try await logged(1, logger)?.id ?? 0, try await category(3).count)
print(try await offer(1)?.id ?? 0, try await recent(1)?.id ?? 0, try await list(1).count, try await flags().count)
try await updateProduct(id: 1, price: 2)
