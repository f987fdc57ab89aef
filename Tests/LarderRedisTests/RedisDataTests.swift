// SPDX-License-Identifier: Apache-2.0

import Larder
import LarderRedis
import LarderTesting
import NIOCore
import RedisDriver
import ServerFixtures
import Testing

/// What stands on the server, and what is made of it.
@Suite(.timeLimit(.minutes(1))) struct RedisDataTests {
    @Test func aKeyOfAnotherTypeIsAMissAndReplaced() async throws {
        let server = try await RedisServer()
        let register = Register()
        let process = try Register.Process(register, port: server.port, store: .patient, commandTimeout: .seconds(5))
        _ = try await process.readUntilHit(0)
        for (id, command) in [
            RawCommand("LPUSH", process.read.key(1).text, "x"), RawCommand("HSET", process.read.key(2).text, "f", "x"),
            RawCommand("SADD", process.read.key(3).text, "x"),
            RawCommand("XADD", process.read.key(4).text, "*", "f", "x"),
        ].enumerated() {
            _ = try await process.client.execute(command)
            #expect(try await process.readUntilHit(id + 1) == 1)
        }
        #expect(process.cache.statistics["value"]?.unreadable == 4)
    }

    @Test func aLogThatIsNoneIsMadeAnew() async throws {
        let server = try await RedisServer()
        let register = Register()
        let log = "{register}:inv"
        for (round, commands) in [
            [RawCommand("SET", log, "x")], [RawCommand("LPUSH", log, "x")], [RawCommand("ZADD", log, "1", "x")],
            [RawCommand("ZADD", log, "inf", "h:zz")], [RawCommand("ZADD", log, "1e18", "t:all")],
            [RawCommand("ZREM", log, "f:")], [RawCommand("ZADD", log, "-5", "t:q", "1.5", "foo", "7", "h:1")],
        ].enumerated() {
            let process = try Register.Process(
                register, port: server.port, store: .patient, commandTimeout: .seconds(5))
            register[1] = 10 * round
            #expect(try await process.cache.invalidate(tags: ["all"]) == .applied)
            #expect(try await process.readUntilHit(1) == 10 * round)
            _ = try await process.client.execute(UNLINK(log))
            for command in commands { _ = try await process.client.execute(command) }
            // Whoever writes and reads next finds a log.
            register[1] = 10 * round + 1
            #expect(try await process.cache.invalidate(tags: ["all"]) == .applied)
            #expect(try await process.readUntilHit(1) == 10 * round + 1)
        }
    }

    /// The same without anybody who invalidates: readers find out, one who had read before and one who had not.
    @Test func aLogThatIsNoneIsMadeAnewByReaders() async throws {
        let server = try await RedisServer()
        let register = Register()
        let log = "{register}:inv"
        for (round, command) in [
            RawCommand("SET", log, "x"), RawCommand("ZADD", log, "inf", "t:q"), RawCommand("ZADD", log, "1e18", "foo"),
            RawCommand("ZADD", log, "-5", "t:q", "1.5", "foo"), RawCommand("ZADD", log, "nan", "t:q"),
        ].enumerated() {
            let old = try Register.Process(register, port: server.port, store: .patient, commandTimeout: .seconds(5))
            _ = try await old.readUntilHit(round)
            if round == 0 { _ = try await old.client.execute(UNLINK(log)) }
            _ = try? await old.client.execute(command)
            let new = try Register.Process(register, port: server.port, store: .patient, commandTimeout: .seconds(5))
            for process in [old, new] { #expect(try await process.readUntilHit(round) == 1) }
            register[round] = 2
            #expect(try await new.cache.invalidate(tags: ["id:\(round)"]) == .applied)
            for process in [old, new] { #expect(try await process.readUntilHit(round) == 2) }
        }
    }

    /// A log of as many tags as there may be is not read whole.
    @Test func aNewProcessIsServedWithinItsDeadlineHoweverLongTheLog() async throws {
        let server = try await RedisServer()
        let register = Register()
        let old = try Register.Process(register, port: server.port, store: .patient, commandTimeout: .seconds(5))
        #expect(try await old.readUntilHit(1) == 1)
        let fill = RedisScript(
            """
            local head = redis.call('ZRANGE', KEYS[1], 0, 0, 'REV', 'WITHSCORES')
            for i = 1, 100000 do
                redis.call('ZADD', KEYS[1], string.format('%.0f', head[2] + i), 't:a tag of some length ' .. i)
            end
            redis.call('ZADD', KEYS[1], string.format('%.0f', head[2] + 100001), head[1])
            return redis.call('ZCARD', KEYS[1])
            """)
        #expect(
            try await old.client.evaluate(fill, keys: ["{register}:inv"], arguments: [], timeout: .seconds(30)).integer
                == 100_003)
        // The quickest of some, beside those whose log is short: a machine that is busy is slow to each now and then.
        func time(_ process: Register.Process, _ id: Int) async throws -> Duration {
            let start = ContinuousClock.now
            #expect(try await process.read(id) == 1)
            return ContinuousClock.now - start
        }
        var quickest = (long: Duration.seconds(60), short: Duration.seconds(60))
        for id in 2...5 {
            let new = try Register.Process(register, port: server.port, store: RedisStoreConfiguration())
            quickest.long = min(quickest.long, try await time(new, id))
            #expect(try await new.readUntilHit(id) == 1)
            let other = try Register.Process(
                register, port: server.port, namespace: "short", store: RedisStoreConfiguration())
            quickest.short = min(quickest.short, try await time(other, id))
        }
        #expect(quickest.long < quickest.short + .milliseconds(200), "\(quickest)")
        // Whoever fell behind catches up the same way; what was loaded before all that is no longer vouched for.
        #expect(try await old.read.result(2).source == .hit)
        #expect(try await old.read.result(1).source == .miss)
        register[2] = 2
        #expect(try await old.cache.invalidate(tags: ["id:2"]) == .applied)
        let new = try Register.Process(register, port: server.port, store: RedisStoreConfiguration())
        #expect(try await new.read(2) == 2)
    }

    @Test func theLogForgetsItsOldestTagsByInvalidatingWhatIsOlder() async throws {
        let server = try await RedisServer()
        let register = Register()
        let process = try Register.Process(
            register, port: server.port, store: RedisStoreConfiguration(timeout: .seconds(1), maximumTags: 100))
        #expect(try await process.readUntilHit(1) == 1)
        register[1] = 2
        #expect(try await process.cache.invalidate(tags: ["id:1"]) == .applied)
        for batch in 0..<53 {
            try await process.cache.invalidate(tags: (0..<100).map { "tag\(batch * 100 + $0)" })
        }
        let size = try await process.client.execute(RawCommand("ZCARD", "{register}:inv")).integer ?? 0
        #expect((4...103).contains(size), "\(size) members")
        #expect(try await process.readUntilHit(1) == 2)
        // A quiet log costs a reader nothing, however much happened last.
        let store = RedisStore(process.client)
        guard case .changes(let changes) = try await store.log(of: "register", since: nil) else {
            Issue.record("no log")
            return
        }
        #expect(try await store.read(process.read.key(1), since: changes.position).log == .quiet)
    }

    @Test func aNamespaceOfAnyCharactersHasALogOfItsOwn() async throws {
        let server = try await RedisServer()
        let register = Register()
        for namespace in ["a b", "a{b}c", "{x}", "ü:n", ""] {
            let process = try Register.Process(register, port: server.port, namespace: namespace)
            register[1] = 1
            #expect(try await process.readUntilHit(1) == 1)
            register[1] = 2
            #expect(try await process.cache.invalidate(tags: ["all"]) == .applied)
            #expect(try await process.readUntilHit(1) == 2)
            await process.cache.clear()
        }
    }

    @Test func severalConnectionsServeAsWellAsOne() async throws {
        let server = try await RedisServer()
        let register = Register()
        let client = try RedisClient(RedisClientConfiguration(port: server.port, connections: 3))
        let cache = Cache("many", store: .redis(client, configuration: RedisStoreConfiguration(timeout: .seconds(1))))
        let read = cache.function("value", .ttl(.seconds(60))) { (id: Int) in register[id] }.tagged { _, _ in ["all"] }
        for id in 1...30 { #expect(try await read(id) == 1) }
        for id in 1...30 { register[id] = 2 }
        #expect(try await cache.invalidate(tags: ["all"]) == .applied)
        for id in 1...30 { #expect(try await read(id) == 2) }
        for id in 1...30 { while try await read.result(id).source != .hit {} }
        #expect(cache.statistics["value"]?.loads == 60)
    }

    /// Of several connections one cannot be made: the others serve.
    @Test func aConnectionThatCannotBeMadeKeepsNoneOfTheOthersBack() async throws {
        let server = try await RedisServer(.init(settings: ["maxclients": "2"]))
        let register = Register()
        let client = try RedisClient(
            RedisClientConfiguration(
                port: server.port, connections: 3, reconnectPause: .seconds(60), maximumReconnectPause: .seconds(60)))
        let cache = Cache("many", store: .redis(client, configuration: RedisStoreConfiguration(timeout: .seconds(1))))
        let read = cache.function("value", .ttl(.seconds(60))) { (id: Int) in register[id] }
        var hits = 0
        for _ in 1...10 {
            for id in 1...20 { if try await read.result(id).source != .miss { hits += 1 } }
        }
        #expect(hits > 150, "\(hits) hits")
    }

    @Test func entriesOnTheServerHaveAnEnd() async throws {
        let server = try await RedisServer()
        let register = Register()
        let process = try Register.Process(register, port: server.port, store: .patient, commandTimeout: .seconds(5))
        _ = try await process.readUntilHit(1)
        let left = try await process.client.execute(RawCommand("PTTL", process.read.key(1).text)).integer ?? 0
        // An hour, less a jitter of at most a tenth.
        #expect((3_200_000...3_600_000).contains(left), "\(left) ms")
    }
}
