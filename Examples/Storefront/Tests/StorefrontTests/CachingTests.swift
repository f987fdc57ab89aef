// SPDX-License-Identifier: Apache-2.0

import Larder
import Testing

@testable import Storefront

extension StorefrontTests {
    /// What the cache promises, seen from outside.
    @Suite struct CachingTests {
        private func statistics(_ storefront: StorefrontClient, _ region: String) async throws -> Statistics.Region {
            let statistics = try await storefront.get("/stats").json(Statistics.self)
            return try #require(statistics.regions[region])
        }

        private func price(_ storefront: StorefrontClient, _ id: Int) async throws -> Int {
            try await storefront.get("/products/\(id)").json(ProductPage.self).price
        }

        @Test func aHitSendsTheBytesOfTheMiss() async throws {
            try await RunningStorefront.run { storefront in
                let miss = try await storefront.get("/products/42")
                let hit = try await storefront.get("/products/42")
                #expect(miss.status == 200 && hit.status == 200)
                #expect(miss.cache == "MISS")
                #expect(hit.cache == "HIT")
                #expect(miss.body == hit.body)
                #expect((1_800...2_400).contains(hit.size))
                #expect(try await storefront.get("/products/42/uncached").body == hit.body)
                #expect(try await storefront.get("/products/42/uncached").cache == nil)
            }
        }

        @Test(.timeLimit(.minutes(1))) func fiveHundredCallersOfAColdProductShareOneLoad() async throws {
            try await RunningStorefront.run(queryDelay: .milliseconds(100)) { storefront in
                let answers = try await withThrowingTaskGroup(of: StorefrontClient.Answer.self) { group in
                    for _ in 0..<500 { group.addTask { try await storefront.get("/products/7") } }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                let truth = try await storefront.get("/products/7/uncached").body
                #expect(answers.count == 500)
                #expect(answers.allSatisfy { $0.status == 200 && $0.body == truth })
                #expect(try await self.statistics(storefront, "product").loads == 1)
            }
        }

        @Test(.timeLimit(.minutes(1))) func noReadAfterAWriteShowsTheOldPrice() async throws {
            try await RunningStorefront.run(queryDelay: .milliseconds(500)) { storefront in
                let oldPrice = try await storefront.get("/products/9/uncached").json(ProductPage.self).price
                let old = Task { try await self.price(storefront, 9) }
                // The region exists from the start; its first load is in flight.
                while try await self.statistics(storefront, "product").loads == 0 { await Task.yield() }
                #expect(try await storefront.put("/products/9", #"{"price": 1299}"#).status == 200)

                // At once, while the load of before is still in flight, and by many.
                try await withThrowingTaskGroup(of: Int.self) { group in
                    for _ in 0..<50 { group.addTask { try await self.price(storefront, 9) } }
                    for try await price in group { #expect(price == 1_299) }
                }
                // The first reader began before the write, and may have seen either side of it.
                #expect(try await [oldPrice, 1_299].contains(old.value))
                // And after it came back.
                for _ in 0..<20 { #expect(try await self.price(storefront, 9) == 1_299) }
                #expect(try await self.statistics(storefront, "product").loads == 2)
            }
        }

        @Test func aWriteChangesEveryListThatShowsTheProduct() async throws {
            try await RunningStorefront.run { storefront in
                let path = "/products?category=3&page=2"
                let before = try await storefront.get(path).json(ProductList.self)
                let id = try #require(before.products.last?.id)
                #expect(try await storefront.get(path).cache == "HIT")
                _ = try await storefront.get("/products?category=4")
                _ = try await storefront.put("/products/\(id)", #"{"price": 77}"#)
                let after = try await storefront.get(path)
                #expect(after.cache == "MISS")
                #expect(try after.json(ProductList.self).products.last?.price == 77)
                #expect(try await storefront.get("/products?category=4").cache == "HIT")
            }
        }

        @Test func aWriteChangesEveryPageThatShowsTheProduct() async throws {
            try await RunningStorefront.run { storefront in
                let before = try await storefront.get("/products/42").json(ProductPage.self)
                let companion = try #require(before.boughtTogether.last)
                #expect(try await storefront.get("/products/42").cache == "HIT")
                _ = try await storefront.put("/products/\(companion.id)", #"{"price": 77}"#)
                let after = try await storefront.get("/products/42")
                #expect(after.cache == "MISS")
                #expect(try after.json(ProductPage.self).boughtTogether.last?.price == 77)
                #expect(try await storefront.get("/products/42/uncached").body == after.body)
            }
        }

        @Test func aCachedAbsenceEndsWhenTheProductIsCreated() async throws {
            try await RunningStorefront.run { storefront in
                let id = SampleData.products + 1
                #expect(try await storefront.get("/products/\(id)").cache == "MISS")
                let absence = try await storefront.get("/products/\(id)")
                #expect(absence.status == 404)
                #expect(absence.cache == "HIT")
                let last = try await storefront.get("/products?category=5&page=13").json(ProductList.self)

                let created = try await storefront.post(
                    "/products", #"{"name": "Tea Pot", "brand": "Fern", "category": 5, "price": 2100}"#)
                #expect(created.status == 201)
                #expect(created.location == "/products/\(id)")
                let page = try await storefront.get("/products/\(id)")
                #expect(page.status == 200)
                #expect(try page.json(ProductPage.self).name == "Tea Pot")
                let list = try await storefront.get("/products?category=5&page=13").json(ProductList.self)
                #expect(list.products.map(\.id) == last.products.map(\.id) + [id])
            }
        }

        @Test(arguments: [false, true]) func aUserIsCachedUntilRenamed(isSealed: Bool) async throws {
            let keys = try SealingKeys(current: .init(id: 1, secret: [UInt8](repeating: 7, count: 32)))
            try await RunningStorefront.run(sealingKeys: isSealed ? keys : nil) { storefront in
                let old = try await storefront.get("/users/5").json(User.self)
                #expect(try await storefront.get("/users/5").cache == "HIT")
                let renamed = try await storefront.put("/users/5", #"{"name": "Zoë"}"#)
                #expect(try renamed.json(User.self).name == "Zoë")
                let new = try await storefront.get("/users/5")
                #expect(new.cache == "MISS")
                #expect(try new.json(User.self) == User(id: 5, name: "Zoë", email: old.email, orders: old.orders))
            }
        }
    }
}
