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
    }

    /// A list of arguments that is empty where the server wants one is its error, and harms nobody else.
    @Test func whatTheServerRefusesIsAnError() async throws {
        let server = try await RedisServer()
        let redis = try RedisClient(RedisClientConfiguration(port: server.port))
        await #expect(throws: RedisError.self) { try await redis.execute(UNLINK([])) }
        await #expect(throws: RedisError.self) { try await redis.execute(HSET("h", [:])) }
        try await redis.execute(SET("text", "tea"))
        await #expect(throws: RedisError.self) { try await redis.execute(INCRBY("text")) }
        await #expect(throws: RedisError.self) { try await redis.execute(SADD("text", ["a"])) }
        #expect(try await redis.execute(GET("text")) == self.bytes("tea"))
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
