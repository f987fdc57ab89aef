// SPDX-License-Identifier: Apache-2.0

import Larder
import LarderRedis
import NIOCore
import RedisDriver
import ServerFixtures
import Testing

/// Round trips as a proxy between cache and server counts them.
@Suite(.timeLimit(.minutes(1))) struct RoundTripTests {
    @Test func eachOperationTakesAsManyAsItMust() async throws {
        let server = try await RedisServer()
        let proxy = try await FaultProxy(to: server.port)
        let register = Register()
        let process = try Register.Process(register, port: proxy.port)
        // Connections, scripts and the log are there from the first use on.
        _ = try await process.readUntilHit(0)
        await process.read.invalidate(0)
        try await process.cache.invalidate(tags: ["other"])
        await process.cache.clear()
        _ = try await process.readUntilHit(1)

        func roundTrips<Value>(_ body: () async throws -> Value) async throws -> Int {
            proxy.resetCount()
            _ = try await body()
            return proxy.roundTrips
        }
        let hit = try await roundTrips { _ = try await process.read(1) }
        #expect(hit == 1)
        let miss = try await roundTrips {
            _ = try await process.read(2)
            // The caller is answered before the fill is.
            while process.cache.statistics["value"]?.storedFills != 3 { await Task.yield() }
        }
        #expect(miss == 3)
        let invalidation = try await roundTrips { await process.read.invalidate(2) }
        #expect(invalidation == 1)
        let tags = try await roundTrips { try await process.cache.invalidate(tags: ["id:1", "id:2"]) }
        #expect(tags == 1)
        let clear = try await roundTrips { await process.cache.clear() }
        #expect(clear == 1)
    }

    @Test func aThousandEntriesAreReadInOneRoundTrip() async throws {
        let server = try await RedisServer()
        let proxy = try await FaultProxy(to: server.port)
        let process = try Register.Process(Register(), port: proxy.port)
        let numbers = process.cache.batch("number", .ttl(.seconds(3_600))) { (ids: [Int]) in
            Dictionary(uniqueKeysWithValues: ids.map { ($0, $0) })
        }
        _ = try await numbers.values(for: 0..<1_000)
        await process.cache.settle()
        // The server's part in replication is asked for now and then, with the same trip.
        for _ in 0..<3 {
            proxy.resetCount()
            #expect(try await numbers.values(for: 0..<1_000).count == 1_000)
            #expect(proxy.roundTrips == 1)
        }
        #expect(process.cache.statistics["number"]?.loads == 1)
    }

    @Test func aTagIsInvalidatedInOneRoundTripWhateverCarriesIt() async throws {
        let server = try await RedisServer()
        let proxy = try await FaultProxy(to: server.port)
        let register = Register()
        let process = try Register.Process(register, port: proxy.port)
        _ = try await process.readUntilHit(1)
        try await process.cache.invalidate(tags: ["other"])

        // A hundred thousand entries like this one.
        let count = 100_000
        let template = try #require(try await process.client.execute(GET(process.read.key(1).text)))
        let copy = RedisScript(
            "for i = 2, tonumber(ARGV[1]) do redis.call('SET', ARGV[2] .. i, ARGV[3]) end return redis.call('DBSIZE')")
        let prefix = String(process.read.key(1).text.dropLast())
        let size = try await process.client.evaluate(
            copy, keys: [], arguments: [count, prefix, template], timeout: .seconds(30))
        #expect(size.integer == Int64(count) + 1)
        for id in [2, count / 2, count] { #expect(try await process.read.result(id).source == .hit) }

        register[count] = 2
        proxy.resetCount()
        #expect(try await process.cache.invalidate(tags: ["all"]) == .applied)
        #expect(proxy.roundTrips == 1)
        for id in [1, 2, count / 2, count] { #expect(try await process.read.result(id).source == .miss) }
        #expect(try await process.read(count) == 2)
    }
}
