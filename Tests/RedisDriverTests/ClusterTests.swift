// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOConcurrencyHelpers
import NIOCore
import ServerFixtures
import Testing

@testable import RedisDriver

@Suite(.serialized, .timeLimit(.minutes(1))) struct ClusterTests {
    private static func client(
        _ servers: RedisServerCluster, readsFromReplicas: Bool = false,
        _ change: (inout RedisClientConfiguration) -> Void = { _ in }
    ) throws -> RedisClient {
        var configuration = RedisClientConfiguration(commandTimeout: .seconds(10), reconnectPause: .milliseconds(10))
        configuration.topology = .cluster(servers.addresses, readsFromReplicas: readsFromReplicas)
        change(&configuration)
        return try RedisClient(configuration)
    }

    private static func admins(_ servers: RedisServerCluster) throws -> [RedisClient] {
        try servers.servers.map { try RedisClient(RedisClientConfiguration(port: $0.port)) }
    }

    @Test func commandsFindTheirNodes() async throws {
        let servers = try await RedisServerCluster()
        let redis = try Self.client(servers)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<300 {
                group.addTask { try await redis.execute(SET("key:\(number)", number)) }
            }
            try await group.waitForAll()
        }
        for number in 0..<300 {
            #expect(try await redis.execute(GET("key:\(number)")) == ByteBuffer(string: "\(number)"))
        }
        for admin in try Self.admins(servers) { #expect(try await admin.execute(DBSIZE()) > 50) }
        var keys: Set<RedisKey> = []
        for try await key in redis.keys(matching: "key:*") { keys.insert(key) }
        #expect(keys.count == 300)
        try await redis.execute(PING())
    }

    @Test func whatIsForManyNodesIsDividedOrRefused() async throws {
        let servers = try await RedisServerCluster()
        let redis = try Self.client(servers)
        let keys = (0..<50).map { "key:\($0)" }
        try await redis.execute(MSET(Dictionary(uniqueKeysWithValues: keys.map { (RedisKey($0), $0) })))
        let values = try await redis.execute(MGET(keys + ["missing"]))
        #expect(values.map { $0.map { String(buffer: $0) } } == keys + [nil])
        #expect(try await redis.execute(EXISTS(keys)) == 50)
        let error = await #expect(throws: RedisError.self) { try await redis.execute(RENAME("key:1", to: "key:2")) }
        #expect(error?.code == .crossSlot)
        let refused = await #expect(throws: RedisError.self) {
            try await redis.transaction(SET("key:1", "a"), SET("key:2", "b"))
        }
        #expect(refused?.code == .crossSlot)
        #expect(try await redis.execute(UNLINK(keys)) == 50)
        #expect(try await redis.execute(EXISTS(keys)) == 0)
    }

    @Test func aPipelineIsSharedOutAndAnsweredInOrder() async throws {
        let servers = try await RedisServerCluster()
        let redis = try Self.client(servers)
        let sets = (0..<100).map { SET("key:\($0)", $0) }
        for result in try await redis.pipeline(sets) { #expect(try result.get()) }
        let values = try await redis.pipeline((0..<100).map { GET("key:\($0)") })
        #expect(try values.map { try $0.get().map { String(buffer: $0) } } == (0..<100).map { "\($0)" })
        let (one, two, length) = try await redis.pipeline(GET("key:1"), INCRBY("key:2", 5), STRLEN("key:3"))
        #expect(try one.get() == ByteBuffer(string: "1"))
        #expect(try two.get() == 7 && length.get() == 1)
    }

    @Test func transactionsScriptsAndWatchedKeysWorkWithinASlot() async throws {
        let servers = try await RedisServerCluster()
        let redis = try Self.client(servers)
        for number in 0..<20 {
            let (a, b) = ("{\(number)}a", "{\(number)}b")
            let (set, increased) = try await redis.transaction(SET(a, 1), INCRBY(b, 2))
            #expect(try set.get() && increased.get() == 2)
            let script = RedisScript("return redis.call('INCRBY', KEYS[1], ARGV[1])")
            #expect(try await redis.evaluate(script, keys: [a], arguments: [number]).integer == Int64(number) + 1)
            let sum = try await redis.watch([a, b]) { connection in
                let sum = try await connection.execute(INCRBY("{\(number)}c", 1))
                return try await connection.transaction(INCRBY(a, sum)).get()
            }
            #expect(sum == number + 2)
        }
    }

    @Test func aSlotMovesUnderLoadWithoutAWrongAnswer() async throws {
        let servers = try await RedisServerCluster()
        let redis = try Self.client(servers)
        let slot = HashSlot("{moving}")
        let home = try #require((0..<3).first { servers.slots(of: $0).contains(slot.number) })
        let keys = (0..<100).map { "{moving}:\($0)" }
        for key in keys { try await redis.execute(SET(key, key)) }
        let counts = NIOLockedValueBox((reads: 0, increments: 0, transactions: 0))
        let commands: Load = {
            let key = keys.randomElement() ?? ""
            #expect(try await redis.execute(GET(key)) == ByteBuffer(string: key))
            try await redis.execute(INCRBY("{moving}:count", 1))
            let few = Array(keys.shuffled().prefix(10))
            for (key, result) in zip(few, try await redis.pipeline(few.map { GET($0) })) {
                #expect(try result.get() == ByteBuffer(string: key))
            }
            counts.withLockedValue {
                $0.reads += 11
                $0.increments += 1
            }
        }
        let transactions: Load = {
            let (first, second) = try await redis.transaction(
                INCRBY("{moving}:first", 1), INCRBY("{moving}:second", 1))
            let pair = (try first.get(), try second.get())
            #expect(pair.0 == pair.1, "a part of a transaction was carried out, or all of it twice")
            counts.withLockedValue { $0.transactions += 1 }
        }
        try await underLoad(Array(repeating: commands, count: 8) + [transactions]) {
            for round in 0..<4 {
                let (source, target) = ((home + round) % 3, (home + round + 1) % 3)
                try await servers.move(slot: slot.number, from: source, to: target)
            }
        }
        let done = counts.withLockedValue { $0 }
        #expect(done.reads > 100 && done.transactions > 0)
        #expect(
            try await redis.execute(INCRBY("{moving}:count", 0)) == done.increments, "a write was lost or done twice")
        #expect(try await redis.execute(INCRBY("{moving}:first", 0)) == done.transactions)
    }

    @Test func aReplicaTakesOverAndIsFollowed() async throws {
        let servers = try await RedisServerCluster(hasReplicas: true)
        let redis = try Self.client(servers)
        let keys = (0..<60).map { "key:\($0)" }
        for key in keys {
            // Where the key is written, and nowhere else.
            let (set, copies) = try await redis.pipeline(SET(key, key), WAIT(1, blocking: .seconds(5)))
            #expect(try set.get() && copies.get() == 1)
        }
        await servers.servers[0].kill()
        let end = ContinuousClock.now + .seconds(20)
        for key in keys {
            var value: Result<ByteBuffer?, any Error>
            repeat {
                do { value = .success(try await redis.execute(GET(key))) } catch { value = .failure(error) }
            } while (try? value.get()) == nil && ContinuousClock.now < end
            #expect(try value.get() == ByteBuffer(string: key))
            while (try? await redis.execute(SET(key, key))) == nil, ContinuousClock.now < end {}
        }
    }

    @Test func readsMayGoToReplicas() async throws {
        let servers = try await RedisServerCluster(hasReplicas: true)
        let redis = try Self.client(servers, readsFromReplicas: true)
        for number in 0..<30 { try await redis.execute(SET("key:\(number)", number)) }
        let replicas = try servers.servers.dropFirst(3).map { try RedisClient(RedisClientConfiguration(port: $0.port)) }
        // Servers name a replica once they have heard how far it is.
        var reads = 0
        while reads < 100 {
            for number in 0..<30 {
                #expect(try await redis.execute(GET("key:\(number)")) == ByteBuffer(string: "\(number)"))
            }
            reads = 0
            for replica in replicas {
                reads += try await Int(replica.execute(INFO("stats"))["keyspace_hits"] ?? "") ?? 0
            }
        }
    }

    @Test func channelsAndShardChannelsAreHeardAlsoAfterASlotMoved() async throws {
        let servers = try await RedisServerCluster()
        let redis = try Self.client(servers)
        let admins = try Self.admins(servers)
        try await redis.subscribe(to: ["everywhere"]) { (subscription) async throws -> Void in
            var reader = subscription.makeAsyncIterator()
            for admin in admins {
                try await admin.execute(PUBLISH("everywhere", "hello"))
                guard case .message? = await reader.next() else {
                    Issue.record("not heard")
                    return
                }
            }
        }
        let slot = HashSlot("shard")
        let home = try #require((0..<3).first { servers.slots(of: $0).contains(slot.number) })
        try await redis.subscribe(shardChannels: ["shard"]) { (subscription) async throws -> Void in
            var reader = subscription.makeAsyncIterator()
            #expect(try await redis.execute(SPUBLISH("shard", "1")) == 1)
            guard case .message(let first)? = await reader.next() else {
                Issue.record("not heard")
                return
            }
            #expect(String(buffer: first.payload) == "1")
            try await servers.move(slot: slot.number, from: home, to: (home + 1) % 3)
            #expect(await reader.next() == .gap)
            #expect(try await redis.execute(SPUBLISH("shard", "2")) == 1)
            guard case .message(let second)? = await reader.next() else {
                Issue.record("not heard after the slot moved")
                return
            }
            #expect(String(buffer: second.payload) == "2")
        }
    }

    /// One server carries out its part, and the other cannot be reached.
    @Test func aCallThatIsDividedSaysThatAPartMayHaveRun() async throws {
        let servers = try await RedisServerCluster()
        let redis = try Self.client(servers) { $0.commandTimeout = .milliseconds(300) }
        func key(on server: Int) -> String {
            let keys = (0..<1_000).lazy.map { "key:\($0)" }
            return keys.first { servers.slots(of: server).contains(HashSlot(RedisKey($0)).number) } ?? ""
        }
        let (here, gone) = (key(on: 0), key(on: 1))
        try await redis.execute(SET(here, 0))
        try await redis.execute(SET(gone, 0))
        await servers.servers[1].kill()
        // Nothing is sent to it any more.
        while try await Self.error({ _ = try await redis.execute(GET(gone)) })?.mayHaveRun == true {}
        let error = try await Self.error { _ = try await redis.pipeline(INCRBY(here), INCRBY(gone)) }
        #expect(error?.mayHaveRun == true)
        let alone = try await Self.error { _ = try await redis.execute(INCRBY(gone)) }
        #expect(alone?.mayHaveRun == false)
    }

    private static func error(_ body: () async throws -> Void) async throws -> RedisError? {
        do {
            try await body()
            return nil
        } catch let error as RedisError {
            return error
        }
    }

    @Test func aClusterThatCannotBeReachedFailsInTime() async throws {
        var configuration = RedisClientConfiguration(commandTimeout: .milliseconds(300))
        configuration.topology = .cluster([RedisAddress(host: "127.0.0.1", port: 1)])
        let redis = try RedisClient(configuration)
        let start = ContinuousClock.now
        let error = await #expect(throws: RedisError.self) { try await redis.execute(GET("k")) }
        #expect(error?.code == .connectionFailed)
        #expect(ContinuousClock.now - start < .seconds(2))
        await redis.close()
    }
}
