// SPDX-License-Identifier: Apache-2.0

// Reads products through a cache, and invalidates after a write.

import Larder

// snippet.hide
struct Product: Codable, Sendable {
    var id: Int
    var category: String
    var price: Int
}

actor Database {
    private var prices = [42: 1_299]

    func product(id: Int) -> Product? {
        self.prices[id].map { Product(id: id, category: "tea", price: $0) }
    }

    func setPrice(_ price: Int, of id: Int) {
        self.prices[id] = price
    }
}

let database = Database()
// snippet.show
// snippet.cache
let cache = Cache("shop", store: .embedded)
// snippet.end

// snippet.function
let product = cache.function("product", .ttl(.seconds(300))) { (id: Int) in
    await database.product(id: id)
}.tagged { product, id in
    ["product:\(id)"] + (product.map { ["category:\($0.category)"] } ?? [])
}
// snippet.end

// snippet.read
let tea = try await product(42)  // loaded from the database
let again = try await product(42)  // from the cache
let nothing = try await product(7)  // nil, and cached as an absence
// snippet.end

// snippet.write
await database.setPrice(1_499, of: 42)
await product.invalidate(42)
let cheaper = try await product(42)  // loaded anew
// snippet.end

// snippet.tags
try await cache.invalidate(tags: ["category:tea"])
await cache.clear()
// snippet.end

// snippet.result
let result = try await product.result(42)
print(result.source, result.value?.price ?? 0)  // miss 1499
// snippet.end

// snippet.refresh
let known = await product.cached(42)  // what there is, or nil
let newest = try await product.refresh(42)  // loaded anew, and stored
// snippet.end

// snippet.key
struct RequestContext: Sendable {
    var traceID: String
}

let traced = cache.function("product", .ttl(.seconds(300)), key: { id, _ in id }) {
    (id: Int, context: RequestContext) in
    print("loading \(id) for \(context.traceID)")
    return await database.product(id: id)
}
let same = try await traced(42, RequestContext(traceID: "4bf92f35"))  // the entry of product(42)
// snippet.end

// snippet.bytes
let response = try await product.bytes(42)  // the JSON as it is stored, ready to be sent
// snippet.end

// snippet.hide
print(known??.price ?? 0, newest?.price ?? 0, same?.price ?? 0)
print(tea?.price ?? 0, again?.price ?? 0, nothing == nil, cheaper?.price ?? 0, response.value?.readableBytes ?? 0)
