// SPDX-License-Identifier: Apache-2.0

// Policies, tags and writes.

import Foundation
import Larder

// snippet.hide

struct Product: Codable, Sendable {
    var id: Int
    var category: Int
    var price: Int
    var version: UInt64
    var isOnSale: Bool
    var saleEnds: Date
}

struct Catalogue: Sendable {
    func product(_ id: Int) async throws -> Product? { nil }
    func setPrice(_ price: Int, of id: Int) async throws -> Product {
        Product(id: id, category: 1, price: price, version: 2, isOnSale: false, saleEnds: .distantFuture)
    }
}

let database = Catalogue()
let cache = Cache("shop", store: .embedded)
// snippet.show

// snippet.policies
extension CachePolicy {
    /// Shown on every page and seldom changed; a moment of age does no harm, an empty page would.
    static let catalogue = CachePolicy.ttl(.seconds(300))
        .staleWhileRevalidate(for: .seconds(60))
        .staleIfError(for: .seconds(3_600))
        .absences(for: .seconds(30))
    /// Never older than its invalidation, and never loaded by more than eight at a time.
    static let price = CachePolicy.ttl(.seconds(60)).refreshedEarly().maximumLoads(8)
    /// What a user has open stays; what nobody looks at goes.
    static let profile = CachePolicy.sliding(idle: .seconds(900), atMost: .seconds(14_400))
    /// Who a user is; rather an error than a look at the database by everybody at once.
    static let session = CachePolicy.sliding(idle: .seconds(1_800), atMost: .seconds(43_200)).onStoreFailure(.throw)
    /// A flag that is an hour old is better than none.
    static let flags = CachePolicy.ttl(.seconds(30)).staleIfError(for: .seconds(3_600))
    /// A search may take two seconds and no more.
    static let search = CachePolicy.ttl(.seconds(30)).loadTimeout(soft: .milliseconds(500), hard: .seconds(2))
        .staleIfError(for: .seconds(600))
}
// snippet.end

// snippet.byValue
let product = cache.function("product", .catalogue) { (id: Int) in
    try await database.product(id)
}.policy { product in
    guard let product else { return .ttl(.seconds(10)) }
    return product.isOnSale ? .at(product.saleEnds) : .catalogue
}
// snippet.end

// snippet.tags
let page = cache.function("page", .catalogue) { (id: Int) in
    try await database.product(id)
}.tagged { product, id in
    ["product:\(id)"] + (product.map { ["category:\($0.category)"] } ?? [])
}
// snippet.end

// snippet.write
let (tea, outcome) = try await cache.write { write in
    let tea = try await database.setPrice(1499, of: 42)
    write.invalidate(product.key(42))
    try write.invalidate(tags: ["category:\(tea.category)"])
    return tea
}
print(tea.price, outcome)
// snippet.end

// snippet.through
let versioned = product.versioned { $0?.version ?? 0 }
try await cache.write { write in
    let tea = try await database.setPrice(1499, of: 42)
    versioned.replace(42, with: tea, in: write)
}
// snippet.end

// snippet.pattern
let (count, _) = await cache.invalidate(matching: "product:*") { print("\($0) so far") }
print(count)
// snippet.end

// snippet.explain
print(await cache.explain(product.key(42)))
// snippet.end
