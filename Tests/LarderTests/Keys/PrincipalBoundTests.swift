// SPDX-License-Identifier: Apache-2.0

import Larder
import Testing

@Suite struct PrincipalBoundTests {
    private struct Basket: Codable, Sendable, Equatable, PrincipalBound {
        var owner: String?
        var shop: Int
    }

    private let cache = Cache("shop", store: .embedded)
    private let ann = Principal(user: "ann")
    private let ben = Principal(user: "ben")

    @Test func aFunctionPerPrincipalKeepsThemApart() async throws {
        let basket = self.cache.function(perPrincipal: "basket", .ttl(.seconds(60))) { (owner: Principal, shop: Int) in
            Basket(owner: owner.user, shop: shop)
        }
        #expect(basket.key(self.ann, 7).text == "shop:@!@ann:basket:@:i.7")
        for source in [CacheSource.miss, .hit] {
            for principal in [self.ann, self.ben] {
                let expected = CacheResult(value: Basket(owner: principal.user, shop: 7), source: source)
                #expect(try await basket.result(principal, 7) == expected)
            }
            await self.cache.settle()
        }
    }

    /// Not even by those who make keys themselves.
    @Test func whatSaysNotWhoseItIsIsNotStored() async throws {
        let region = self.cache.region("basket", of: Basket?.self, .ttl(.seconds(60))).versioned { _ in 1 }
        for key in [region.key(7), region.key("ann", 7), region.key([self.ann]), region.key(Principal(user: nil), 7)] {
            for owner in ["ann", "ben"] {
                let result = try await region.result(for: key) { Basket(owner: owner, shop: 7) }
                #expect(result == CacheResult(value: Basket(owner: owner, shop: 7), source: .miss))
                #expect(try await region.bytes(for: key) { Basket(owner: owner, shop: 7) }.source == .miss)
                try await self.cache.write { region.replace(key, with: Basket(owner: owner, shop: 7), in: $0) }
                #expect(await region.cached(key) == nil)
                #expect(await self.cache.explain(key).verdict == .absent)
            }
        }
        let bound = region.key(self.ann, 7)
        _ = try await region.value(for: bound) { Basket(owner: "ann", shop: 7) }
        await self.cache.settle()
        #expect(await region.cached(bound) == Basket(owner: "ann", shop: 7))
    }

    @Test func whatHoldsSuchValuesIsNotStoredEither() async throws {
        let baskets = self.cache.region("baskets", of: [String: Basket].self, .ttl(.seconds(60)))
        _ = try await baskets.value(for: baskets.key(1)) { ["ann": Basket(owner: "ann", shop: 7)] }
        await self.cache.settle()
        #expect(await baskets.cached(baskets.key(1)) == nil)
    }
}
