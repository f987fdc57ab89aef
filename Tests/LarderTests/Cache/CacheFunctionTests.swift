// SPDX-License-Identifier: Apache-2.0

import Larder
import LarderTesting
import Testing

@Suite struct CacheFunctionTests {
    struct Product: Codable, Sendable, Equatable {
        var id: Int
        var price: Int
    }

    @Test func aValueIsLoadedOnce() async throws {
        let cache = Cache("test", store: .embedded)
        let product = cache.function("product", .ttl(.seconds(60))) { (id: Int) in
            Product(id: id, price: 100)
        }.tagged { product, id in ["product:\(id)"] }

        #expect(try await product(1) == Product(id: 1, price: 100))
        let second = try await product.result(1)
        #expect(second.value.price == 100)
        #expect(second.source == .hit)
        #expect(cache.statistics["product"]?.loads == 1)
        try await cache.invalidate(tags: ["product:1"])
        #expect(try await product.result(1).source == .miss)
        await product.invalidate(1)
        #expect(try await product.result(1).source == .miss)
        #expect(try await product.result(1).source == .hit)
        await cache.clear()
        #expect(try await product.result(1).source == .miss)
        #expect(cache.statistics["product"]?.loads == 4)
    }

    @Test(.timeLimit(.minutes(1))) func aThousandCallersShareOneLoad() async throws {
        let cache = Cache("test", store: .embedded)
        let gate = Gate()
        let slow = cache.function("slow", .ttl(.seconds(60))) { (id: Int) in
            await gate.wait()
            return id
        }
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<1_000 { group.addTask { try await slow(7) } }
            while cache.waiting < 1_000, !Task.isCancelled { await Task.yield() }
            gate.open()
            for try await value in group { #expect(value == 7) }
        }
        #expect(cache.statistics["slow"]?.loads == 1)
    }
}
