// SPDX-License-Identifier: Apache-2.0

import Larder
import LarderTesting
import Testing

@Suite(.cache) struct CacheTraitTests {
    @Test(arguments: 1...3) func eachTestHasAnEmptyCacheThatStandsStill(number: Int) async throws {
        let test = CacheUnderTest.current
        let double = test.cache.function("double", .ttl(.seconds(60)).jitter(0)) { (number: Int) in number * 2 }
        #expect(try await double.result(1).source == .miss)
        await test.cache.settle()
        test.clock.advance(by: .seconds(59))
        #expect(try await double.result(1).source == .hit)
        test.clock.advance(by: .seconds(1))
        #expect(try await double.result(1).source == .miss)
    }

    @Test(.disabledCache) func aDisabledCacheKeepsNothing() async throws {
        let cache = CacheUnderTest.current.cache
        let double = cache.function("double", .ttl(.seconds(60)).onStoreFailure(.throw)) { (number: Int) in number * 2 }
            .tagged(byArguments: { ["number:\($0)"] })
        for _ in 0..<3 {
            #expect(try await double.result(1) == CacheResult(value: 2, source: .miss))
            await cache.settle()
            #expect(await double.cached(1) == nil)
        }
        #expect(try await double.values(for: [1, 2, 3]) == [2, 4, 6])
        #expect(await double.invalidate(1) == .applied)
        #expect(try await cache.invalidate(tags: ["number:1"]) == .applied)
        #expect(await cache.invalidate(matching: "*").outcome == .applied)
        #expect(await cache.clear() == .applied)
        #expect(cache.statistics["double"]?.loads == 6)
        #expect(await cache.health().state == .up)
    }
}
