// SPDX-License-Identifier: Apache-2.0

#if CLI
import Foundation
import Larder
import LarderRedis
import NIOCore
import RedisDriver
import ServerFixtures
import Testing

/// The commands that look at servers.
@Suite(.timeLimit(.minutes(1))) struct ServerCommandTests {
    /// As the guide wants a server that keeps a cache.
    private static let goodSettings = [
        "maxmemory": "256mb", "maxmemory-policy": "allkeys-lru",
        "client-output-buffer-limit": "normal 256mb 128mb 60",
    ]

    private static func larder(_ server: RedisServer, _ arguments: String...) async throws -> LarderTool.Result {
        try await LarderTool.run(arguments, environment: ["REDIS_URL": server.url])
    }

    /// Which findings the doctor has.
    private static func names(_ result: LarderTool.Result) throws -> Set<String> {
        let servers = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [[String: Any]]
        let findings = servers?.first?["findings"] as? [[String: Any]]
        return Set(findings?.compactMap { $0["name"] as? String } ?? [])
    }

    private static func cache(on server: RedisServer, user: String? = nil, near: NearCacheConfiguration? = nil) throws
        -> Cache
    {
        var configuration = RedisClientConfiguration(port: server.port)
        if let user { (configuration.username, configuration.password) = (user, "secret") }
        return Cache(
            "shop",
            store: .redis(
                try RedisClient(configuration),
                configuration: RedisStoreConfiguration(timeout: .seconds(5), nearCache: near)))
    }

    @Test func nothingIsSaidOfAGoodServer() async throws {
        let server = try await RedisServer(
            .init(
                users: ["shop on >secret \(RedisAccess(to: "shop").rules.joined(separator: " "))"],
                settings: Self.goodSettings))
        let cache = try Self.cache(on: server, user: "shop", near: NearCacheConfiguration())
        let product = cache.function("product", .ttl(.seconds(300))) { (id: Int) in id }
        for id in 0..<50 { _ = try await product(id) }
        await cache.settle()
        let text = try await Self.larder(server, "doctor")
        #expect(text.status == 0)
        #expect(text.output.hasSuffix(": nothing is to be changed\n"))
        let json = try await Self.larder(server, "doctor", "--json")
        #expect(try json.status == 0 && Self.names(json) == [])
    }

    @Test func mistakesOfACacheAreNamed() async throws {
        let server = try await RedisServer(
            .init(settings: [
                "save": "3600 1", "appendonly": "yes", "appendfsync": "always", "timeout": "300",
                "notify-keyspace-events": "KEA", "slowlog-log-slower-than": "-1", "tracking-table-max-keys": "10",
                "maxclients": "40", "protected-mode": "no", "client-output-buffer-limit": "normal 1mb 0 0",
            ]))
        let cache = try Self.cache(on: server, near: NearCacheConfiguration())
        let product = cache.function("product", .ttl(.seconds(300))) { (id: Int) in id }
        for id in 0..<50 { _ = try await product(id) }
        await cache.settle()
        // The server watches those that were found.
        for id in 0..<50 { _ = try await product(id) }
        let client = try RedisClient(RedisClientConfiguration(port: server.port))
        _ = try await client.execute(RawCommand("RPUSH", "celery", "a job"))
        _ = try await client.execute(RawCommand("KEYS", "nothing"))
        _ = try await client.execute(SET("shop:page:s.home", String(repeating: "x", count: 2 << 20)))
        let others = try (0..<32).map { _ in try RedisClient(RedisClientConfiguration(port: server.port)) }
        for other in others { try await other.execute(PING()) }
        let json = try await Self.larder(server, "doctor", "--json")
        #expect(json.status == 1)
        let planted: Set = [
            "maxmemory", "noeviction", "save", "fsync", "timeout", "keyspace-events", "slowlog", "tracking",
            "maxclients",
            "open", "output-limit", "queue", "keys", "large", "rights",
        ]
        let found = try Self.names(json)
        #expect(found == planted, "\(found.symmetricDifference(planted))")
        let text = try await Self.larder(server, "doctor")
        for other in others { await other.close() }
        #expect(text.output.contains("problem maxmemory: ") && text.output.contains("\n    CONFIG SET maxmemory "))
    }

    @Test func sessionsThatCanBeEvictedAreAProblem() async throws {
        let server = try await RedisServer(.init(settings: Self.goodSettings))
        let client = try RedisClient(RedisClientConfiguration(port: server.port))
        _ = try await client.execute(RawCommand("HSET", "shop:+session:x", "a", "b"))
        #expect(
            try await Self.names(Self.larder(server, "doctor", "--json")).isSuperset(of: [
                "sessions", "volatile-sessions",
            ]))
    }

    @Test func whatTheServerRefusesIsNamed() async throws {
        let server = try await RedisServer(
            .init(users: ["app on >secret ~* +@all -config -acl -client|list"], settings: Self.goodSettings))
        let result = try await LarderTool.run(
            "doctor", environment: ["REDIS_URL": "redis://app:secret@127.0.0.1:\(server.port)"])
        #expect(result.status == 0)
        #expect(result.output.hasSuffix("did not answer: CONFIG GET, CLIENT LIST, ACL GETUSER\n"))
    }

    @Test func eachServerOfAClusterIsLookedAt() async throws {
        let cluster = try await RedisServerCluster(primaries: 3)
        let url = "redis+cluster://127.0.0.1:\(cluster.servers[0].port)"
        let result = try await LarderTool.run("doctor", "--json", environment: ["REDIS_URL": url])
        let servers = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [[String: Any]]
        #expect(result.status == 1 && servers?.count == 3)
    }

    @Test func statsTellsWhatIsThere() async throws {
        let server = try await RedisServer(.init(settings: Self.goodSettings))
        let cache = try Self.cache(on: server)
        let product = cache.function("product", .ttl(.seconds(300))) { (id: Int) in id }
        for id in 0..<20 { _ = try await product(id) }
        await cache.settle()
        let client = try RedisClient(RedisClientConfiguration(port: server.port))
        _ = try await client.execute(SET("shop:odd\u{1B}[31m:s.x", String(repeating: "x", count: 100_000)))
        let text = try await Self.larder(server, "stats")
        #expect(text.status == 0)
        #expect(text.output.contains("  entries  21\n") && text.output.contains("  logs     1\n"))
        #expect(text.output.contains("of 256 MiB, allkeys-lru\n"))
        #expect(text.output.contains(#"shop:odd\u{1b}[31m:s.x"#) && !text.output.contains("\u{1B}"))
        let json = try await Self.larder(server, "stats", "--json")
        #expect(json.output.contains(#""maximumMemory" : 268435456"#) && json.output.contains(#""entries" : 21"#))
    }

    @Test func topShowsWhatIsDone() async throws {
        let server = try await RedisServer()
        let client = try RedisClient(RedisClientConfiguration(port: server.port))
        try await client.execute(SET("a", "b"))
        let loads: [Load] = [{ _ = try await client.execute(GET("a")) }]
        try await underLoad(loads) {
            let text = try await Self.larder(server, "top", "--count", "2", "--interval", "0.3")
            #expect(text.status == 0 && !text.output.contains("\u{1B}"))
            #expect(text.output.components(separatedBy: "by the second: commands ").count == 3)
            #expect(text.output.contains("hit ratio 100 %") && text.output.contains("  get\n"))
            let lines = try await Self.larder(server, "top", "--count", "2", "--interval", "0.3", "--json")
            #expect(lines.output.split(separator: "\n").count == 2)
        }
        let wrong = try await Self.larder(server, "top", "--interval", "0")
        #expect(wrong.status == 64)
    }

    @Test func getPrintsWhatAValueSays() async throws {
        struct Product: Codable, Sendable, Equatable {
            var name: String
            var price: Double?
            var picture = Data([1, 2, 3])
        }
        let server = try await RedisServer()
        let keys = try SealingKeys(current: .init(id: 7, secret: Array(repeating: 1, count: 32)))
        let cache = try Self.cache(on: server)
        let value = Product(name: "Tea\u{1B}[2J", price: nil)
        let packed = cache.function("packed", .ttl(.seconds(300)), codec: .messagePack) { (_: Int) in value }
        let json = cache.function("json", .ttl(.seconds(300)), codec: .json) { (_: Int) in value }
        let sealed = cache.function("sealed", .ttl(.seconds(300))) { (_: Int) in value }.sealed(with: keys)
        let absent = cache.function("absent", .ttl(.seconds(300)).absences(for: .seconds(300))) {
            (_: Int) -> Product? in nil
        }
        _ = try await (packed(1), json(1), sealed(1), absent(1))
        await cache.settle()
        for region in ["packed", "json"] {
            let result = try await Self.larder(server, "get", "shop:\(region):i.1")
            #expect(
                result.status == 0 && result.output.contains(#""name" : "Tea\u001b[2J""#), "\(region): \(result.errors)"
            )
            #expect(result.output.contains(#""picture" : "AQID""#))
        }
        #expect(try await Self.larder(server, "get", "shop:json:i.1", "--json").output.contains(#""codec" : "JSON""#))
        #expect(try await Self.larder(server, "get", "shop:json:i.1", "--raw").output.hasPrefix(#"{""#))
        let closed = try await Self.larder(server, "get", "shop:sealed:i.1")
        #expect(closed.status == 1 && closed.errors.contains("sealed by the key 7"))
        #expect(
            try await Self.larder(server, "get", "shop:absent:i.1").errors.contains(
                "stands for something that there is not"))
        #expect(try await Self.larder(server, "get", "shop:absent:i.2").errors.contains("is not there"))
    }
}
#endif
