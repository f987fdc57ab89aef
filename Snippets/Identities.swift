// SPDX-License-Identifier: Apache-2.0

// Who may use which entries.

import Larder
import LarderRedis
import RedisDriver

// snippet.hide
struct Order: Codable, Sendable {
    var id: Int
}
struct Database: Sendable {
    func orders(of user: String?) async throws -> [Order] { [] }
    func product(_ id: Int) async throws -> String { "tea" }
}
let database = Database()
let redis = try RedisClient(url: "redis://localhost:6379")
let admin = redis
// snippet.show

// snippet.policy
let access = AccessPolicy([
    .allow(.everyone, to: .read, in: .shared.regions("product")),
    .allow(.users, to: .read, .invalidate, in: .own),
    .allow(.role("support"), to: .read, in: .ownTenant),
    .allow(.role("editor"), to: .read, .invalidate, in: .everything),
])
let cache = Cache("shop", store: .redis(redis), configuration: CacheConfiguration(access: access))

let product = cache.function("product", .ttl(.seconds(300))) { (id: Int) in try await database.product(id) }
let orders = cache.function("orders", .ttl(.seconds(60))) { (owner: Principal) in
    try await database.orders(of: owner.user)
}
// snippet.end

// snippet.identity
let ann = Principal(user: "ann", tenant: "acme")
try await Identity.$current.withValue(Identity(ann, roles: ["support"])) {
    _ = try await product(42)
    _ = try await orders(ann)
    // Of her tenant.
    _ = try await orders(Principal(user: "ben", tenant: "acme"))
    do {
        _ = try await orders(Principal(user: "cat", tenant: "other"))
    } catch let error as CacheError where error.code == .denied {
        print("not for ann")
    }
}
// snippet.end

// snippet.service
try await Identity.$current.withValue(.service) {
    for id in 1...100 { _ = try await product(id) }
}
// snippet.end

// snippet.rules
let service = RedisAccess(to: "shop", for: [.cache, .sessions, .limits])
print("ACL SETUSER shop reset on >a-long-password", service.rules.joined(separator: " "))

let worker = try RedisAccess(
    to: "shop", for: .cache, as: Identity(Principal(user: nil, tenant: "acme"), roles: ["support"]), by: access)
let deviations = try await worker.deviations(of: "acme", on: admin)
guard deviations.isEmpty else { fatalError("the rights of acme: \(deviations)") }
// snippet.end

// snippet.tenants
let acme = Cache("shop.acme", store: .redis(redis))
let other = Cache("shop.other", store: .redis(redis))
// snippet.end
