// SPDX-License-Identifier: Apache-2.0

// How many values are read and loaded together.

import Larder

struct Product: Codable, Sendable {
    var id: Int
    var name: String
}

struct Database: Sendable {
    func products(_ ids: [Int]) async throws -> [Int: Product] {
        Dictionary(uniqueKeysWithValues: ids.filter { $0 > 0 }.map { ($0, Product(id: $0, name: "Tea \($0)")) })
    }

    func product(_ id: Int) async throws -> Product { Product(id: id, name: "Tea \(id)") }
}

let cache = Cache("shop", store: .embedded)
let database = Database()

// snippet.batch
let products = cache.batch("product", .ttl(.seconds(300))) { (ids: [Int]) in
    try await database.products(ids)  // [Int: Product]
}.tagged { product, id in ["product:\(id)"] }

let found = try await products.values(for: [1, 2, 3])
// snippet.end
print(found.count, "found")

// snippet.single
let product = cache.function("product", .ttl(.seconds(300))) { (id: Int) in
    try await database.product(id)
}
let inOrder = try await product.values(for: [3, 1, 2])
// snippet.end
print(inOrder.map(\.id))

// snippet.absences
let known = cache.batch("known", .ttl(.seconds(300)).absences(for: .seconds(30))) { (ids: [Int]) in
    let found = try await database.products(ids)
    return Dictionary(uniqueKeysWithValues: ids.map { ($0, found[$0]) })  // [Int: Product?]
}
// snippet.end
print(try await known.values(for: [-1, 1]).count)
