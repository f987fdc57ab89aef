// SPDX-License-Identifier: Apache-2.0

import NIOCore
import ServerFixtures
import Testing

@testable import RedisDriver

/// Every command on a real server: what it does, and what it says when there is nothing.
@Suite(.timeLimit(.minutes(1))) struct CommandTests {
    /// Whether two lives differ by less than a second.
    private func isAbout(_ left: PTTL.Response, _ right: PTTL.Response) -> Bool {
        guard case .limited(let left) = left, case .limited(let right) = right else { return left == right }
        return left - right < .seconds(1) && right - left < .seconds(1)
    }

    private func bytes(_ text: String) -> ByteBuffer { ByteBuffer(string: text) }

    /// The words that a command writes.
    private func words(_ command: some RedisCommand) -> String {
        RedisCommandEncoder.with { encoder in
            command.encode(into: &encoder)
            encoder.finish()
            var bytes = ByteBuffer()
            encoder.copy(to: &bytes)
            let lines = String(buffer: bytes).split(separator: "\r\n", omittingEmptySubsequences: false)
            return encoder.problem ?? stride(from: 2, to: lines.count, by: 2).map { lines[$0] }.joined(separator: " ")
        }
    }

    @Test func timesAreSentToTheMillisecond() {
        for milliseconds in [1, 449_335, 86_400_000, 31_536_000_001] {
            #expect(Duration.milliseconds(milliseconds).wholeMilliseconds == milliseconds)
            #expect((Duration.milliseconds(milliseconds) - .nanoseconds(1)).wholeMilliseconds == milliseconds)
        }
        #expect(Duration.seconds(-5).wholeMilliseconds == 1)
        #expect(Duration.seconds(Int64.max).wholeMilliseconds == 100 * 366 * 86_400_000)
    }

    @Test func strings() async throws {
        let server = try await RedisServer()
        let redis = try RedisClient(RedisClientConfiguration(port: server.port))
        #expect(try await redis.execute(SET("a", "1")))
        #expect(try await !redis.execute(SET("a", 2, .ifMissing)))
        #expect(try await !redis.execute(SET("b", 2, .ifPresent)))
        #expect(try await redis.execute(SET("a", 2, for: .seconds(100), .ifPresent)))
        #expect(try await redis.execute(GETEX("a", for: nil)) == self.bytes("2"))
        #expect(try await redis.execute(PTTL("a")) == .endless)
        #expect(try await redis.execute(GETEX("a", for: .seconds(50))) == self.bytes("2"))
        let life = try await redis.execute(PTTL("a"))
        #expect((41...50).map { PTTL.Response.limited(.seconds($0)) }.contains { self.isAbout($0, life) })
        #expect(try await redis.execute(INCRBY("a", 40)) == 42)
        #expect(try await redis.execute(INCRBY("a", -2)) == 40)
        #expect(try await redis.execute(INCRBY("new")) == 1)
        #expect(try await redis.execute(INCRBYFLOAT("a", 0.5)) == 40.5)
        #expect(try await redis.execute(GETDEL("a")) == self.bytes("40.5"))
        #expect(try await redis.execute(GETDEL("a")) == nil)
        #expect(try await redis.execute(GETEX("a", for: nil)) == nil)
        #expect(try await redis.execute(APPEND("t", "green ")) == 6)
        #expect(try await redis.execute(APPEND("t", self.bytes("tea"))) == 9)
        #expect(try await redis.execute(STRLEN("t")) == 9)
        #expect(try await redis.execute(STRLEN("none")) == 0)
        #expect(try await redis.execute(GETRANGE("t", 6, 8)) == self.bytes("tea"))
        #expect(try await redis.execute(GETRANGE("t", -3, -1)) == self.bytes("tea"))
        #expect(try await redis.execute(GETRANGE("none", 0, 5)) == self.bytes(""))
        try await redis.execute(MSET(["x": "1", "y": 2]))
        #expect(try await redis.execute(MGET(["x", "none", "y"])) == [self.bytes("1"), nil, self.bytes("2")])
    }

    @Test func keys() async throws {
        let server = try await RedisServer()
        let redis = try RedisClient(RedisClientConfiguration(port: server.port))
        try await redis.execute(MSET(["a": "1", "b": "2"]))
        #expect(try await redis.execute(EXISTS("a", "a", "none")) == 2)
        #expect(try await redis.execute(TOUCH("a", "none")) == 1)
        #expect(try await redis.execute(TYPE("a")) == "string")
        #expect(try await redis.execute(TYPE("none")) == "none")
        #expect(try await redis.execute(PTTL("none")) == .missing)
        #expect(try await redis.execute(PEXPIRE("a", for: .seconds(10))))
        #expect(try await !redis.execute(PEXPIRE("a", for: .seconds(5), .ifLonger)))
        #expect(try await redis.execute(PEXPIRE("a", for: .seconds(5), .ifShorter)))
        #expect(try await !redis.execute(PEXPIRE("a", for: .seconds(5), .ifEndless)))
        #expect(try await !redis.execute(PEXPIRE("b", for: .seconds(5), .ifLimited)))
        #expect(try await !redis.execute(PEXPIRE("none", for: .seconds(5))))
        #expect(try await redis.execute(PERSIST("a")))
        #expect(try await !redis.execute(PERSIST("a")))
        try await redis.execute(RENAME("a", to: "c"))
        #expect(try await !redis.execute(COPY("c", to: "b")))
        #expect(try await redis.execute(COPY("c", to: "b", replaces: true)))
        #expect(try await redis.execute(GET("b")) == self.bytes("1"))
        #expect(try await redis.execute(MEMORYUSAGE("b")) ?? 0 > 0)
        #expect(try await redis.execute(MEMORYUSAGE("none")) == nil)
        #expect(try await redis.execute(UNLINK(["b", "c", "none"])) == 2)
        await #expect(throws: RedisError.self) { try await redis.execute(RENAME("none", to: "a")) }
        #expect(try await redis.execute(RANDOMKEY()) == nil)
        try await redis.execute(MSET(["a": "1", "b": "2"]))
        let key = try await redis.execute(RANDOMKEY())
        #expect(key == "a" || key == "b")
        #expect(try await redis.execute(DEL("a", "none")) == 1)
        #expect(try await redis.execute(DEL(["b"])) == 1)
    }

    @Test func endsOfKeys() async throws {
        let server = try await RedisServer()
        let redis = try RedisClient(RedisClientConfiguration(port: server.port))
        let end = try await Duration.seconds(redis.execute(TIME()).components.seconds + 60)
        try await redis.execute(SET("a", 1))
        #expect(try await redis.execute(PEXPIRETIME("a")) == .endless)
        #expect(try await redis.execute(PEXPIRETIME("none")) == .missing)
        #expect(try await redis.execute(PEXPIREAT("a", at: end + .microseconds(7900))))
        #expect(try await redis.execute(PEXPIRETIME("a")) == .until(end + .milliseconds(7)))
        #expect(try await !redis.execute(PEXPIREAT("a", at: end, .ifLonger)))
        #expect(try await redis.execute(PEXPIREAT("a", at: .seconds(Int64.max))))
        #expect(try await redis.execute(PEXPIRETIME("a")) == .until(.seconds(Int64(1) << 53)))
        #expect(try await redis.execute(PEXPIREAT("a", at: .seconds(-1))))
        #expect(try await redis.execute(EXISTS("a")) == 0)
        #expect(try await !redis.execute(PEXPIREAT("none", at: end)))
    }

    @Test func keysAsBytes() async throws {
        let server = try await RedisServer()
        let redis = try RedisClient(RedisClientConfiguration(port: server.port))
        #expect(try await redis.execute(RPUSH("l", ["a", "b"])) == 2)
        let answer = try await redis.execute(DUMP("l"))
        let dump = try #require(answer)
        #expect(try await redis.execute(DUMP("none")) == nil)
        try await redis.execute(RESTORE("copy", dump))
        #expect(try await redis.execute(LRANGE("copy", 0, -1)) == ["a", "b"].map(self.bytes))
        #expect(try await redis.execute(PTTL("copy")) == .endless)
        let error = await #expect(throws: RedisError.self) { try await redis.execute(RESTORE("copy", dump)) }
        #expect(error?.prefix == "BUSYKEY")
        try await redis.execute(RESTORE("copy", dump, for: .seconds(100), replaces: true))
        #expect(try await redis.execute(PTTL("copy")) != .endless)
    }

    @Test func useOfKeys() async throws {
        let server = try await RedisServer()
        let redis = try RedisClient(RedisClientConfiguration(port: server.port))
        try await redis.execute(SET("a", 1))
        let idleness = try await redis.execute(OBJECTIDLETIME("a"))
        #expect(idleness ?? .seconds(60) < .seconds(60))
        #expect(try await redis.execute(OBJECTIDLETIME("none")) == nil)
        await #expect(throws: RedisError.self) { try await redis.execute(OBJECTFREQ("a")) }
        try await redis.execute(RawCommand("CONFIG", "SET", "maxmemory-policy", "allkeys-lfu"))
        try await redis.execute(SET("b", "text"))
        #expect(try await redis.execute(OBJECTFREQ("b")) ?? 0 > 0)
        #expect(try await redis.execute(OBJECTFREQ("none")) == nil)
        await #expect(throws: RedisError.self) { try await redis.execute(OBJECTIDLETIME("b")) }
    }

    /// Names that are no text, or text that reads alike, are keys of their own.
    @Test func aKeyIsAnyBytes() async throws {
        let names: [RedisKey] = [
            "", " ", "\0", "a\r\nb", "é", "e\u{301}", RedisKey(ByteBuffer(bytes: [0xFF, 0, 0x80])),
            RedisKey(ByteBuffer(repeating: 7, count: 70_000)),
        ]
        #expect(Set(names).count == names.count)
        #expect(RedisKey("tea") == RedisKey(ByteBuffer(string: "tea")))
        #expect(RedisKey("tea").hashValue == RedisKey(ByteBuffer(string: "tea")).hashValue)
        let server = try await RedisServer()
        let redis = try RedisClient(RedisClientConfiguration(port: server.port))
        for (number, name) in names.enumerated() { try await redis.execute(SET(name, number)) }
        #expect(try await redis.execute(DBSIZE()) == names.count)
        for (number, name) in names.enumerated() {
            #expect(try await redis.execute(GET(name)) == self.bytes("\(number)"))
        }
        var found: Set<RedisKey> = []
        for try await key in redis.keys(count: 2) { found.insert(key) }
        #expect(found == Set(names))
    }

    @Test func scanning() async throws {
        let server = try await RedisServer()
        let redis = try RedisClient(RedisClientConfiguration(port: server.port))
        for number in 0..<300 { try await redis.execute(SET("product:\(number)", number)) }
        try await redis.execute(SET("other", 0))
        var found: Set<RedisKey> = []
        for try await key in redis.keys(matching: "product:*", count: 50) { found.insert(key) }
        #expect(found == Set((0..<300).map { "product:\($0)" }))
        for try await _ in redis.keys(matching: "none:*") { Issue.record() }

        try await redis.execute(SADD("set", (0..<200).map { $0 }))
        var members: Set<ByteBuffer> = []
        var cursor = "0"
        repeat {
            let page = try await redis.execute(SSCAN("set", cursor, matching: "1*", count: 20))
            members.formUnion(page.elements)
            cursor = page.cursor
        } while cursor != "0"
        #expect(members.count == 111)

        // Enough of them that the server does not answer all at once.
        var many: [RedisKey: any RedisArgument] = [:]
        var scored: [(member: any RedisArgument, score: Double)] = []
        for number in 0..<1000 {
            many["\(number)"] = number
            scored.append((number, Double(number) / 8))
        }
        try await redis.execute(HSET("hash", many))
        var fields: [RedisKey: ByteBuffer] = [:]
        cursor = "0"
        repeat {
            let page = try await redis.execute(HSCAN("hash", cursor, count: 100))
            for field in page.elements { fields[field.name] = field.value }
            cursor = page.cursor
        } while cursor != "0"
        #expect(try await redis.execute(HGETALL("hash")) == fields)
        #expect(fields.count == 1000)

        try await redis.execute(ZADD("sorted", scored))
        var scores: [ByteBuffer: Double] = [:]
        repeat {
            let page = try await redis.execute(ZSCAN("sorted", cursor, matching: "*5", count: 100))
            for member in page.elements { scores[member.member] = member.score }
            cursor = page.cursor
        } while cursor != "0"
        #expect(scores.count == 100)
        #expect(scores[self.bytes("335")] == 335 / 8.0)
        #expect(try await redis.execute(HSCAN("none")).elements == [])
    }

    @Test func hashes() async throws {
        let server = try await RedisServer()
        let redis = try RedisClient(RedisClientConfiguration(port: server.port))
        #expect(try await redis.execute(HSET("h", ["name": "tea", "price": 499])) == 2)
        #expect(try await redis.execute(HSET("h", ["price": self.bytes("500")])) == 0)
        #expect(try await !redis.execute(HSETNX("h", "name", "coffee")))
        #expect(try await redis.execute(HSETNX("h", "stock", 3)))
        #expect(try await redis.execute(HGET("h", "name")) == self.bytes("tea"))
        #expect(try await redis.execute(HGET("h", "none")) == nil)
        #expect(try await redis.execute(HMGET("h", ["price", "none"])) == [self.bytes("500"), nil])
        #expect(
            try await redis.execute(HGETALL("h")) == [
                "name": self.bytes("tea"), "price": self.bytes("500"), "stock": self.bytes("3"),
            ])
        #expect(try await redis.execute(HGETALL("none")) == [:])
        #expect(try await redis.execute(HINCRBY("h", "stock", -1)) == 2)
        #expect(try await redis.execute(HEXISTS("h", "stock")))
        #expect(try await redis.execute(HDEL("h", ["stock", "none"])) == 1)
        #expect(try await !redis.execute(HEXISTS("h", "stock")))
        #expect(try await redis.execute(HLEN("h")) == 2)
        #expect(try await Set(redis.execute(HKEYS("h"))) == ["name", "price"])
        #expect(try await Set(redis.execute(HVALS("h"))) == Set(["tea", "500"].map(self.bytes)))
        #expect(try await redis.execute(HKEYS("none")) == [])
        #expect(try await redis.execute(HVALS("none")) == [])
    }

    /// Not all servers know these.
    @Test func livesOfFields() throws {
        #expect(self.words(HPEXPIRE("h", ["a", 1], for: .seconds(10))) == "HPEXPIRE h 10000 FIELDS 2 a 1")
        #expect(self.words(HPEXPIRE("h", ["a"], for: .zero, .ifShorter)) == "HPEXPIRE h 1 LT FIELDS 1 a")
        #expect(self.words(HPTTL("h", ["a", "b"])) == "HPTTL h FIELDS 2 a b")
        #expect(self.words(HPERSIST("h", ["a", "b"])) == "HPERSIST h FIELDS 2 a b")
        let numbers = RedisValue.array([-2, -1, 0, 1, 2].map { .integer($0) })
        #expect(
            try HPTTL.response(from: .array([.integer(-2), .integer(-1), .integer(5)]))
                == [.missing, .endless, .limited(.milliseconds(5))])
        #expect(
            try HPEXPIRE.response(from: .array([.integer(-2), .integer(0), .integer(1), .integer(2)]))
                == [.missing, .unchanged, .limited, .removed])
        #expect(
            try HPERSIST.response(from: .array([.integer(-2), .integer(-1), .integer(1)]))
                == [.missing, .unchanged, .endless])
        #expect(throws: RedisError.self) { try HPTTL.response(from: .array([.null])) }
        #expect(throws: RedisError.self) { try HPEXPIRE.response(from: numbers) }
        #expect(throws: RedisError.self) { try HPERSIST.response(from: numbers) }
    }

    @Test func sets() async throws {
        let server = try await RedisServer()
        let redis = try RedisClient(RedisClientConfiguration(port: server.port))
        #expect(try await redis.execute(SADD("s", ["a", "b", "b", 3])) == 3)
        #expect(try await redis.execute(SCARD("s")) == 3)
        #expect(try await redis.execute(SISMEMBER("s", 3)))
        #expect(try await !redis.execute(SISMEMBER("s", 4)))
        #expect(try await Set(redis.execute(SMEMBERS("s"))) == Set(["a", "b", "3"].map(self.bytes)))
        #expect(try await redis.execute(SMEMBERS("none")) == [])
        #expect(try await redis.execute(SADD("t", ["z"])) == 1)
        #expect(try await redis.execute(SUNION("s", "t")).count == 4)
        #expect(try await redis.execute(SMISMEMBER("s", ["a", "z", 3])) == [true, false, true])
        #expect(try await redis.execute(SMISMEMBER("none", ["a"])) == [false])
        #expect(try await redis.execute(SADD("t", ["a"])) == 1)
        #expect(try await redis.execute(SINTER("s", "t")) == [self.bytes("a")])
        #expect(try await redis.execute(SINTER("s", "none")) == [])
        #expect(try await redis.execute(SDIFF("t", "s", "none")) == [self.bytes("z")])
        #expect(try await redis.execute(SREM("s", ["a", "none"])) == 1)
        #expect(try await redis.execute(SPOP("s", 5)).count == 2)
        #expect(try await redis.execute(SPOP("s")) == [])
    }

    @Test func sortedSets() async throws {
        let server = try await RedisServer()
        let redis = try RedisClient(RedisClientConfiguration(port: server.port))
        #expect(try await redis.execute(ZADD("z", [("a", 1), ("b", 2.5), ("c", .infinity)])) == 3)
        #expect(try await redis.execute(ZSCORE("z", "b")) == 2.5)
        #expect(try await redis.execute(ZSCORE("z", "c")) == .infinity)
        #expect(try await redis.execute(ZSCORE("z", "none")) == nil)
        #expect(try await redis.execute(ZINCRBY("z", 0.5, of: "a")) == 1.5)
        #expect(try await redis.execute(ZCARD("z")) == 3)
        #expect(try await redis.execute(ZRANGE("z", 0, -1)) == ["a", "b", "c"].map(self.bytes))
        #expect(try await redis.execute(ZCOUNT("z", 2 ... .infinity)) == 2)
        let members = try await redis.execute(ZRANGEBYSCORE("z", -.infinity...100))
        #expect(members.map(\.score) == [1.5, 2.5])
        #expect(try await redis.execute(ZRANGEBYSCORE("z", 0...100, limit: 1)).map(\.member) == [self.bytes("a")])
        #expect(try await redis.execute(ZRANGEBYSCORE("none", 0...100)) == [])
        #expect(try await redis.execute(ZREMRANGEBYSCORE("z", 0...2)) == 1)
        #expect(try await redis.execute(ZREM("z", ["b", "none"])) == 1)

        try await redis.execute(ZADD("y", [("a", 1), ("b", 2), ("c", 3), ("d", 4), ("e", .infinity)]))
        #expect(try await redis.execute(ZRANK("y", "c")) == 2)
        #expect(try await redis.execute(ZRANK("y", "none")) == nil)
        #expect(try await redis.execute(ZREMRANGEBYRANK("y", 1, -4)) == 1)
        let highest = try await redis.execute(ZPOPMAX("y", 2))
        #expect(highest.map(\.member) == ["e", "d"].map(self.bytes))
        #expect(highest.map(\.score) == [.infinity, 4])
        #expect(try await redis.execute(ZPOPMIN("y")).map(\.member) == [self.bytes("a")])
        #expect(try await redis.execute(ZPOPMIN("y", 5)).map(\.score) == [3])
        #expect(try await redis.execute(ZPOPMIN("y")) == [])
        #expect(try await redis.execute(ZPOPMAX("y")) == [])
    }

    @Test func lists() async throws {
        let server = try await RedisServer()
        let redis = try RedisClient(RedisClientConfiguration(port: server.port))
        #expect(try await redis.execute(RPUSH("l", ["b", "c"])) == 2)
        #expect(try await redis.execute(LPUSH("l", ["a"])) == 3)
        #expect(try await redis.execute(LLEN("l")) == 3)
        #expect(try await redis.execute(LRANGE("l", 0, -1)) == ["a", "b", "c"].map(self.bytes))
        try await redis.execute(LTRIM("l", 0, 1))
        #expect(try await redis.execute(RPOP("l")) == self.bytes("b"))
        #expect(try await redis.execute(LPOP("l")) == self.bytes("a"))
        #expect(try await redis.execute(LPOP("l")) == nil)
        #expect(try await redis.execute(LRANGE("l", 0, -1)) == [])

        try await redis.execute(RPUSH("l", ["a", 1, "a", "b", "a"]))
        #expect(try await redis.execute(LREM("l", "a", count: -1)) == 1)
        #expect(try await redis.execute(LREM("l", 1)) == 1)
        #expect(try await redis.execute(LREM("l", "none")) == 0)
        #expect(try await redis.execute(LMOVE("l", .last, to: "m", .first)) == self.bytes("b"))
        #expect(try await redis.execute(LMOVE("l", .first, to: "m", .last)) == self.bytes("a"))
        #expect(try await redis.execute(LMOVE("none", .first, to: "m", .last)) == nil)
        #expect(try await redis.execute(LRANGE("m", 0, -1)) == ["b", "a"].map(self.bytes))

        let first = try await redis.execute(BLPOP("none", "m", blocking: .seconds(20)))
        #expect(first?.key == "m" && first?.element == self.bytes("b"))
        #expect(try await redis.execute(BRPOP("l", "m", blocking: .seconds(20)))?.key == "l")
        #expect(try await redis.execute(BRPOP("l", "none", blocking: .zero)) == nil)
        #expect(try await redis.execute(BLPOP("l", blocking: .milliseconds(1))) == nil)
        #expect(self.words(BLPOP("l", "m", blocking: .milliseconds(1500))) == "BLPOP l m 1.5")
        #expect(self.words(BRPOP("l", blocking: .seconds(Int64.max))) == "BRPOP l 3162240000.0")
    }

    @Test func streams() async throws {
        let server = try await RedisServer()
        let redis = try RedisClient(RedisClientConfiguration(port: server.port))
        let oldest = try await redis.execute(
            XADD("s", [("name", "tea"), ("price", 499), ("name", "green")], id: "1-1"))
        #expect(oldest == "1-1")
        let newest = try await redis.execute(XADD("s", [("name", self.bytes("coffee"))]))
        #expect(try await redis.execute(XLEN("s")) == 2)
        #expect(try await redis.execute(XLEN("none")) == 0)
        let entries = try await redis.execute(XRANGE("s"))
        #expect(entries.map(\.id) == [oldest, newest])
        #expect(entries.first?.fields.map(\.name) == ["name", "price", "name"])
        #expect(entries.first?["name"] == self.bytes("tea"))
        #expect(entries.last?["price"] == nil)
        #expect(try await redis.execute(XRANGE("s", "(1-1", newest)).map(\.id) == [newest])
        #expect(try await redis.execute(XRANGE("s", limit: 1)).map(\.id) == ["1-1"])
        #expect(try await redis.execute(XRANGE("s", limit: 0)) == [])
        #expect(try await redis.execute(XRANGE("none")) == [])

        #expect(try await redis.execute(XREAD(["s": "0", "none": "0"])) == ["s": entries])
        #expect(try await redis.execute(XREAD(["s": "0"], limit: 1, blocking: .seconds(20)))["s"]?.count == 1)
        #expect(try await redis.execute(XREAD(["s": newest])) == [:])
        #expect(try await redis.execute(XREAD(["s": "$"], blocking: .milliseconds(1))) == [:])
        #expect(
            self.words(XREAD(["s": "0"], limit: 5, blocking: .seconds(2))) == "XREAD COUNT 5 BLOCK 2000 STREAMS s 0")

        #expect(try await redis.execute(XDEL("s", ["1-1", "7-7"])) == 1)
        for _ in 0..<5 { try await redis.execute(XADD("s", [("a", 1)], keeping: .exactly(3))) }
        #expect(try await redis.execute(XLEN("s")) == 3)
        #expect(try await redis.execute(XTRIM("s", keeping: .exactly(1))) == 2)
        #expect(try await redis.execute(XTRIM("s", keeping: .about(1))) == 0)
        #expect(self.words(XADD("s", [("a", 1)], keeping: .about(9))) == "XADD s MAXLEN ~ 9 * a 1")
    }

    @Test func servers() async throws {
        let server = try await RedisServer()
        let redis = try RedisClient(RedisClientConfiguration(port: server.port))
        try await redis.execute(SET("a", 1))
        #expect(try await redis.execute(DBSIZE()) == 1)
        try await redis.execute(FLUSHDB())
        #expect(try await redis.execute(DBSIZE()) == 0)
        let info = try await redis.execute(INFO("server", "replication"))
        #expect(info["role"] == "master")
        #expect(info["redis_version"] != nil)
        #expect(try await redis.execute(CONFIGGET("maxmemory")) == ["maxmemory": "0"])
        #expect(try await redis.execute(PUBLISH("nobody", "listens")) == 0)
        #expect(try await redis.execute(SPUBLISH("nobody", "listens")) == 0)
        let time = try await redis.execute(TIME())
        #expect(try await redis.execute(TIME()) >= time)
        #expect(time > .seconds(1_700_000_000))
        #expect(try await redis.execute(WAIT(0, blocking: .seconds(20))) == 0)
        #expect(try await redis.execute(WAIT(1, blocking: .zero)) == 0)
    }

    @Test func connectionsOfAServer() async throws {
        let server = try await RedisServer()
        let redis = try RedisClient(RedisClientConfiguration(port: server.port))
        let other = try RedisClient(RedisClientConfiguration(port: server.port))
        let id = try await redis.execute(CLIENTID())
        let otherID = try await other.execute(CLIENTID())
        #expect(try await redis.execute(CLIENTKILL(otherID)))
        #expect(try await !redis.execute(CLIENTKILL(otherID)))
        #expect(try await !redis.execute(CLIENTKILL(id)))
        #expect(try await redis.execute(CLIENTID()) == id)
    }

    @Test func whatTookAServerLong() async throws {
        var options = RedisServer.Options()
        options.settings = ["slowlog-log-slower-than": "0", "latency-monitor-threshold": "1"]
        let server = try await RedisServer(options)
        let redis = try RedisClient(RedisClientConfiguration(port: server.port))
        let time = try await redis.execute(TIME())
        let sum = RedisScript("local sum = 0; for number = 1, 3000000 do sum = sum + number end; return sum")
        _ = try await redis.evaluate(sum, keys: [], arguments: ["tea"])
        let soon = time - .seconds(2)...time + .seconds(60)
        let events = try await redis.execute(LATENCYLATEST())
        let event = try #require(events.first { $0.name == "command" })
        #expect(event.latest > .zero && event.longest >= event.latest)
        #expect(soon.contains(event.time))
        let entries = try await redis.execute(SLOWLOGGET(50))
        let slow = try #require(entries.first { $0.arguments.last == self.bytes("tea") })
        #expect(slow.arguments.count == 4)
        #expect(slow.duration > .zero && soon.contains(slow.time))
        #expect(slow.clientAddress.contains(":") && slow.id > 0)
        #expect(try await redis.execute(SLOWLOGGET(1)).count == 1)
    }

    /// By its keys a command finds its node; what reads may be sent twice, and what blocks keeps others waiting.
    @Test func whatACommandSaysOfItself() {
        let reads: [any RedisCommand] = [
            PEXPIRETIME("k"), OBJECTFREQ("k"), OBJECTIDLETIME("k"), DUMP("k"), HKEYS("k"), HVALS("k"), HSCAN("k"),
            HPTTL("k", ["f"]), SMISMEMBER("k", ["m"]), SINTER("k"), SDIFF("k"), ZRANK("k", "m"), ZSCAN("k"), XLEN("k"),
            XRANGE("k"), XREAD(["k": "0"]),
        ]
        let writes: [any RedisCommand] = [
            DEL("k"), DEL(["k"]), PEXPIREAT("k", at: .zero), RESTORE("k", ByteBuffer()), HPERSIST("k", ["f"]),
            HPEXPIRE("k", ["f"], for: .zero), LREM("k", "e"), XADD("k", [("f", 1)]), XTRIM("k", keeping: .about(1)),
            XDEL("k", ["1-1"]), ZPOPMIN("k"), ZPOPMAX("k"), ZREMRANGEBYRANK("k", 0, 0), SPUBLISH("k", "m"),
        ]
        let blocking: [any RedisCommand] = [
            BLPOP("k", blocking: .zero), BRPOP("k", blocking: .zero), XREAD(["k": "0"], blocking: .zero),
        ]
        for command in reads + writes + blocking { #expect(command.keys == ["k"], "\(command)") }
        for command in reads { #expect(command.isReadOnly, "\(command)") }
        for command in writes { #expect(!command.isReadOnly, "\(command)") }
        for command in reads + writes { #expect(command.blockingTime == nil, "\(command)") }
        for command in blocking { #expect(command.blockingTime != nil, "\(command)") }
        #expect(blocking.map { $0.isReadOnly } == [false, false, true])
        #expect(SDIFF("a", "b").keys == ["a", "b"] && BLPOP("a", "b", blocking: .zero).keys == ["a", "b"])
        #expect(LMOVE("a", .first, to: "b", .last).keys == ["a", "b"])
        #expect(XREAD(["a": "0", "b": "0"]).keys.count == 2)
        // Over another connection it would count replicas that lack what was written.
        #expect(WAIT(1, blocking: .zero).blockingTime != nil && !WAIT(1, blocking: .zero).isReadOnly)
        #expect(TIME().isReadOnly && CLIENTID().isReadOnly && RANDOMKEY().isReadOnly)
        #expect(SLOWLOGGET().isReadOnly && LATENCYLATEST().isReadOnly)
        #expect(!CLIENTKILL(1).isReadOnly)
    }

    /// A list of arguments that is empty where the server wants one is its error, and harms nobody else.
    @Test func whatTheServerRefusesIsAnError() async throws {
        let server = try await RedisServer()
        let redis = try RedisClient(RedisClientConfiguration(port: server.port))
        await #expect(throws: RedisError.self) { try await redis.execute(UNLINK([])) }
        await #expect(throws: RedisError.self) { try await redis.execute(HSET("h", [:])) }
        await #expect(throws: RedisError.self) { try await redis.execute(DEL()) }
        await #expect(throws: RedisError.self) { try await redis.execute(BLPOP(blocking: .seconds(20))) }
        await #expect(throws: RedisError.self) { try await redis.execute(XADD("s", [])) }
        await #expect(throws: RedisError.self) { try await redis.execute(XREAD([:])) }
        await #expect(throws: RedisError.self) { try await redis.execute(SMISMEMBER("s", [])) }
        try await redis.execute(SET("text", "tea"))
        await #expect(throws: RedisError.self) { try await redis.execute(INCRBY("text")) }
        await #expect(throws: RedisError.self) { try await redis.execute(SADD("text", ["a"])) }
        #expect(try await redis.execute(GET("text")) == self.bytes("tea"))
    }

    /// Numbers that no server should send harm nobody.
    @Test func whatIsNoReplyIsAnError() throws {
        let most = RedisValue.string(self.bytes("\(Int64.max)"))
        #expect(throws: RedisError.self) { try TIME.response(from: .array([most, most])) }
        #expect(throws: RedisError.self) { try TIME.response(from: .array([.integer(1)])) }
        #expect(throws: RedisError.self) { try HSCAN.response(from: .array([most, .array([most])])) }
        #expect(throws: RedisError.self) { try XREAD.response(from: .array([])) }
        #expect(throws: RedisError.self) { try XRANGE.response(from: .array([.array([most, .array([most])])])) }
        #expect(throws: RedisError.self) { try SLOWLOGGET.response(from: .array([.array([])])) }
        #expect(throws: RedisError.self) { try LATENCYLATEST.response(from: .array([.array([most])])) }
        #expect(throws: RedisError.self) { try BLPOP.response(from: .array([most])) }
        #expect(try PEXPIRETIME.response(from: .integer(.max)) == .until(.milliseconds(Int64.max)))
    }

    // MARK: Transactions

    @Test func aTransactionAnswersEachCommand() async throws {
        let server = try await RedisServer()
        let redis = try RedisClient(RedisClientConfiguration(port: server.port))
        try await redis.execute(SET("text", "tea"))
        let (count, failed, life, text) = try await redis.transaction(
            INCRBY("count", 5), INCRBY("text"), PEXPIRE("count", for: .seconds(10)), GET("text"))
        #expect(try count.get() == 5)
        let error = #expect(throws: RedisError.self) { _ = try failed.get() }
        #expect(error?.code == .commandFailed && error?.prefix == "ERR")
        #expect(try life.get())
        #expect(try text.get() == self.bytes("tea"))
    }

    @Test func aTransactionWithAnUnknownCommandDoesNothing() async throws {
        let server = try await RedisServer()
        let redis = try RedisClient(RedisClientConfiguration(port: server.port))
        let error = await #expect(throws: RedisError.self) {
            _ = try await redis.transaction(SET("a", 1), RawCommand("NOSUCHCOMMAND"))
        }
        #expect(error?.prefix == "EXECABORT")
        #expect(try await redis.execute(GET("a")) == nil)
        #expect(try await redis.execute(INCRBY("a")) == 1)
    }

    /// Without MULTI the commands run one by one, and nobody must think that they did not.
    @Test func aRefusedTransactionSaysThatItMayHaveRun() async throws {
        let server = try await RedisServer()
        let redis = try RedisClient(RedisClientConfiguration(port: server.port))
        try await redis.execute(RawCommand("ACL", "SETUSER", "default", "-multi"))
        let error = await #expect(throws: RedisError.self) { _ = try await redis.transaction(SET("a", 1)) }
        #expect(error?.prefix == "NOPERM")
        #expect(error?.mayHaveRun == true)
        #expect(try await redis.execute(GET("a")) == self.bytes("1"))
    }

    /// Callers that share a connection never stand between the commands of another's transaction.
    @Test func transactionsOfManyTasksDoNotMix() async throws {
        let server = try await RedisServer()
        let redis = try RedisClient(RedisClientConfiguration(port: server.port))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<200 {
                group.addTask {
                    let (first, second) = try await redis.transaction(INCRBY("n"), INCRBY("n"))
                    #expect(try second.get() == first.get() + 1)
                }
                group.addTask { try await redis.execute(INCRBY("n")) }
            }
            try await group.waitForAll()
        }
        #expect(try await redis.execute(GET("n")) == self.bytes("600"))
    }
}
