// SPDX-License-Identifier: Apache-2.0

// The first example of the README, on a Redis or Valkey server.

import Larder
import LarderRedis
import RedisDriver

// snippet.hide
struct Product: Codable, Sendable {
    var category: String
    var price: Int
}

actor Database {
    private var price = 1_299

    func product(id: Int) -> Product { Product(category: "tea", price: self.price) }
    func setPrice(_ price: Int, of id: Int) { self.price = price }
}

let database = Database()
// snippet.show
// snippet.first
let redis = try RedisClient(url: "redis://localhost:6379")
let cache = Cache("shop", store: .redis(redis))  // or .embedded: no server at all

let product = cache.function("product", .ttl(.seconds(300))) { (id: Int) in
    await database.product(id: id)
}.tagged { product, id in ["product:\(id)", "category:\(product.category)"] }

let tea = try await product(42)  // loaded once, then from the cache
await database.setPrice(1_499, of: 42)
await product.invalidate(42)  // after the commit: nobody gets the old price from here on
// snippet.end
// snippet.hide
print(tea.price)
