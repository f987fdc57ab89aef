// SPDX-License-Identifier: Apache-2.0

import Larder
import LarderTesting
import NIOConcurrencyHelpers
import NIOCore
import Testing

@Suite struct CacheFunctionTests {
    struct Product: Codable, Sendable, Equatable {
        var id: Int
        var price: Int
    }

    @Test func aValueIsLoadedOnce() async throws {
        let cache = Cache("test", store: .embedded)
        let loads = NIOLockedValueBox(0)
        let product = cache.function("product", .ttl(.seconds(60))) { (id: Int) in
            loads.withLockedValue { $0 += 1 }
            return Product(id: id, price: 100)
        }.tagged { product, id in ["product:\(id)"] }

        #expect(try await product(1) == Product(id: 1, price: 100))
        let second = try await product.result(1)
        #expect(second.value.price == 100)
        #expect(second.source == .hit)
        #expect(loads.withLockedValue { $0 } == 1)
        try await cache.invalidate(tags: ["product:1"])
        #expect(try await product.result(1).source == .miss)
        await product.invalidate(1)
        #expect(try await product.result(1).source == .miss)
        #expect(try await product.result(1).source == .hit)
        await cache.clear()
        #expect(try await product.result(1).source == .miss)
        #expect(cache.statistics["product"]?.loads == 4)
    }

    @Test func aThousandCallersShareOneLoad() async throws {
        let cache = Cache("test", store: .embedded)
        let loads = NIOLockedValueBox(0)
        let slow = cache.function("slow", .ttl(.seconds(60))) { (id: Int) in
            loads.withLockedValue { $0 += 1 }
            try await Task.sleep(for: .milliseconds(50))
            return id
        }
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<1_000 { group.addTask { try await slow(7) } }
            for try await value in group { #expect(value == 7) }
        }
        #expect(loads.withLockedValue { $0 } == 1)
    }
}
