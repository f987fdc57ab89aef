// SPDX-License-Identifier: Apache-2.0

import LarderTesting
import Testing

@testable import Larder

@Suite struct RequestWatchTests {
    private let clock = ManualClock()
    private let cache: Cache
    private let double: CacheFunction<Int, Int>

    init() {
        self.cache = Cache("test", store: EmbeddedStore(clock: self.clock), clock: self.clock)
        self.double = self.cache.function("double", .ttl(.seconds(600))) { (number: Int) in 2 * number }
    }

    private func keys(_ requests: WatchedRequests) -> [String] { requests.hottest(10).map(\.key.text) }

    @Test func nothingIsNotedWhileNobodyLooks() async throws {
        _ = try await self.double(1)
        let requests = self.cache.watchRequests(for: .seconds(10))
        #expect(requests.hottest(10).isEmpty && requests.latencies(in: "double").answered.count == 0)
    }

    @Test func requestsAreCountedByKeyAndTimed() async throws {
        _ = self.cache.watchRequests(for: .seconds(60))
        for number in [1, 1, 2, 1] { _ = try await self.double(number) }
        await self.cache.settle()
        self.clock.advance(by: .seconds(2))
        let requests = self.cache.watchRequests(for: .seconds(60))
        #expect(requests.hottest(10).map(\.rate) == [1.5, 0.5])
        #expect(self.keys(requests) == ["test:double:i.1", "test:double:i.2"])
        let latencies = requests.latencies(in: "double")
        #expect(latencies.loaded.count == 2 && latencies.answered.count == 2)
    }

    @Test func aLoadTakesAsLongAsItsCallerWaits() async throws {
        let clock = self.clock
        let slow = self.cache.function("slow", .ttl(.seconds(600))) { (number: Int) in
            clock.advance(by: .milliseconds(100))
            return number
        }
        _ = self.cache.watchRequests(for: .seconds(60))
        _ = try await slow(1)
        let latencies = self.cache.watchRequests(for: .seconds(60)).latencies(in: "slow")
        let longest = try #require(latencies.loaded.quantile(1))
        #expect(longest >= .milliseconds(100) && longest <= .milliseconds(200))
    }

    @Test func whatIsPastIsForgotten() async throws {
        _ = self.cache.watchRequests(for: .seconds(60))
        _ = try await self.double(1)
        self.clock.advance(by: .seconds(6))
        _ = try await self.double(2)
        #expect(self.keys(self.cache.watchRequests(for: .seconds(60))).count == 2)
        self.clock.advance(by: .seconds(6))
        #expect(self.keys(self.cache.watchRequests(for: .seconds(60))) == ["test:double:i.2"])
        self.clock.advance(by: .seconds(30))
        let requests = self.cache.watchRequests(for: .seconds(60))
        #expect(requests.hottest(10).isEmpty)
    }

    @Test func notingEndsSomeTimeAfterTheLastLook() async throws {
        _ = self.cache.watchRequests(for: .seconds(3))
        _ = try await self.double(1)
        self.clock.advance(by: .seconds(4))
        // The first one sees that nobody looks any more.
        for _ in 0..<3 { _ = try await self.double(1) }
        #expect(self.cache.watch.begin(self.clock) == nil)
        #expect(self.cache.watchRequests(for: .seconds(3)).hottest(10).isEmpty)
    }

    @Test func thatAValueIsAtHandIsARequestToo() async throws {
        let region = self.cache.region("double", of: Int.self, .ttl(.seconds(600)))
        _ = self.cache.watchRequests(for: .seconds(60))
        // Who finds nothing there waits for nothing.
        #expect(await region.cached(region.key(1)) == nil)
        _ = try await self.double(1)
        await self.cache.settle()
        let sighting = try await region.look(at: region.key(1))
        region.served(sighting, under: region.key(1))
        #expect(await region.cached(region.key(1)) == 2)
        self.clock.advance(by: .seconds(1))
        let requests = self.cache.watchRequests(for: .seconds(60))
        #expect(requests.hottest(1).map(\.rate) == [3])
        #expect(requests.latencies(in: "double").answered.count == 2)
    }
}
