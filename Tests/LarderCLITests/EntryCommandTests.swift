// SPDX-License-Identifier: Apache-2.0

#if CLI
import Foundation
import Larder
import LarderRedis
import RedisDriver
import ServerFixtures
import Testing

/// The commands that look at entries, and that end them.
@Suite(.timeLimit(.minutes(1))) struct EntryCommandTests {
    /// A server with products of a service, and how the tool asks it.
    private struct Shop {
        let server: RedisServer
        let cache: Cache
        let product: CacheFunction<Int, Int>

        init() async throws {
            self.server = try await RedisServer()
            let redis = try RedisClient(RedisClientConfiguration(port: self.server.port))
            self.cache = Cache(
                "shop",
                store: .redis(redis, configuration: RedisStoreConfiguration(timeout: .seconds(5), nearCache: nil)))
            self.product = self.cache.function("product", .ttl(.seconds(300))) { (id: Int) in id }
                .tagged { _, id in ["product:\(id)", "odd\u{1B}[31m\u{202E}"] }
        }

        func fill(_ ids: ClosedRange<Int>) async throws {
            for id in ids { _ = try await self.product(id) }
            await self.cache.settle()
        }

        /// How many of the products would be hits.
        func hits(_ ids: ClosedRange<Int>) async -> Int {
            var hits = 0
            for id in ids where await self.cache.explain(self.product.key(id)).verdict == .fresh { hits += 1 }
            return hits
        }

        func larder(_ arguments: String...) async throws -> LarderTool.Result {
            try await LarderTool.run(arguments, environment: ["REDIS_URL": self.server.url])
        }
    }

    @Test func explainTellsWhatACallWouldFind() async throws {
        let shop = try await Shop()
        try await shop.fill(1...1)
        let fresh = try await shop.larder("explain", "shop:product:i.1")
        #expect(fresh.status == 0 && fresh.output.hasPrefix("shop:product:i.1: fresh"))
        #expect(fresh.output.contains("tag product:1\n"))
        #expect(fresh.output.contains(#"tag odd\u{1b}[31m\u{202e}"#) && !fresh.output.contains("\u{1B}"))
        let json = try await shop.larder("explain", "shop:product:i.1", "--json")
        #expect(json.output.contains(#""verdict" : "fresh""#))
        let absent = try await shop.larder("explain", "shop:product:i.2")
        #expect(absent.status == 0 && absent.output.hasPrefix("shop:product:i.2: absent"))
        _ = try await shop.cache.invalidate(tags: ["product:1"])
        #expect(try await shop.larder("explain", "shop:product:i.1").output.contains(": invalidated"))
    }

    @Test func keysListsWhatThereIs() async throws {
        let shop = try await Shop()
        let none = try await shop.larder("keys", "shop")
        #expect(none.status == 1 && none.output.isEmpty && none.errors.contains("no cache shop"))
        let client = try RedisClient(RedisClientConfiguration(port: shop.server.port))
        #expect(try await client.execute(RawCommand("DBSIZE")).integer == 0, "a question left something behind")
        try await shop.fill(1...12)
        let all = try await shop.larder("keys", "shop")
        let lines = all.output.split(separator: "\n")
        #expect(all.status == 0 && lines.count == 13 && lines[0].hasPrefix("KEY ") && all.errors.isEmpty)
        #expect(lines.dropFirst().allSatisfy { $0.contains(" fresh ") && !$0.contains("\u{1B}") })
        let some = try await shop.larder("keys", "shop", "product:i.1?", "--json")
        let listed = try JSONSerialization.jsonObject(with: Data(some.output.utf8)) as? [[String: Any]]
        #expect(
            Set(listed?.compactMap { $0["key"] as? String } ?? [])
                == ["shop:product:i.10", "shop:product:i.11", "shop:product:i.12"])
        let few = try await shop.larder("keys", "shop", "--limit", "5")
        #expect(few.output.split(separator: "\n").count == 6 && few.errors.contains("more than 5"))
    }

    @Test func invalidateEndsWhatIsNamed() async throws {
        let shop = try await Shop()
        try await shop.fill(1...20)
        let one = try await shop.larder(
            "invalidate", "shop", "--key", "shop:product:i.1", "--tag", "product:2", "--yes")
        #expect(one.status == 0 && one.output == "ended: 1 tag, 1 key\n")
        #expect(await shop.hits(1...20) == 18)
        let matching = try await shop.larder("invalidate", "shop", "--pattern", "product:i.1*", "-y", "--json")
        #expect(matching.output.contains(#""matching" : 10"#) && matching.output.contains(#""isComplete" : true"#))
        #expect(await shop.hits(1...20) == 8)
        let all = try await shop.larder("invalidate", "shop", "--all", "--yes")
        #expect(all.status == 0 && all.output == "ended: all entries\n")
        #expect(await shop.hits(1...20) == 0)
    }

    @Test func whatIsMisspeltIsNoSuccess() async throws {
        let shop = try await Shop()
        try await shop.fill(1...1)
        for arguments in [["shpo", "--all"], ["shpo", "--tag", "product:1"]] {
            let result = try await LarderTool.run(
                ["invalidate", "--yes"] + arguments, environment: ["REDIS_URL": shop.server.url])
            #expect(result.status == 1 && result.output.isEmpty && result.errors.contains("no cache shpo"))
        }
        let key = try await shop.larder("invalidate", "shop", "--key", "shop:product:1", "--yes")
        #expect(key.errors.contains("shop:product:1 is not there"))
        let tag = try await shop.larder("invalidate", "shop", "--tag", "", "--yes")
        #expect(tag.status == 64, "\(tag)")
        #expect(await shop.hits(1...1) == 1)
    }

    @Test func nothingIsEndedWithoutASayingSo() async throws {
        let shop = try await Shop()
        try await shop.fill(1...1)
        for arguments in [
            ["--all"], ["--yes"], ["--all", "--tag", "a", "--yes"], ["--key", "other:product:i.1", "--yes"],
            ["--key", "shop:+session:x", "--yes"],
        ] {
            let result = try await LarderTool.run(
                ["invalidate", "shop"] + arguments, environment: ["REDIS_URL": shop.server.url])
            #expect(result.status == 64 && result.output.isEmpty, "\(arguments)")
        }
        #expect(await shop.hits(1...1) == 1)
    }

    @Test func whoInterruptsIsToldWhatWasDone() async throws {
        let shop = try await Shop()
        try await shop.fill(1...1)
        let admin = try RedisClient(RedisClientConfiguration(port: shop.server.port, commandTimeout: .seconds(30)))
        try await admin.execute(RawCommand("DEBUG", "POPULATE", 1_000_000, "shop:product", 10))
        let count = { try await admin.execute(RawCommand("DBSIZE")).integer ?? 0 }
        let tool = try LarderTool.start(
            ["invalidate", "shop", "--pattern", "*", "--yes"], environment: ["REDIS_URL": shop.server.url])
        while try await count() > 999_000 { try await Task.sleep(for: .milliseconds(1)) }
        tool.signal(SIGINT)
        let errors = await tool.rest(of: tool.errors)
        #expect(await tool.end() == 130 && errors.contains("interrupted; "), "\(errors)")
        #expect(try await count() > 0)
    }

    @Test func aServerThatCannotBeAskedIsSaid() async throws {
        let server = try await RedisServer(.init(settings: ["requirepass": "secret"]))
        for (url, word) in [
            (server.url, "NOAUTH"), ("redis://:wrong@127.0.0.1:\(server.port)", "WRONGPASS"),
            ("redis://127.0.0.1:1", "127.0.0.1"),
        ] {
            for arguments in [
                ["keys", "shop"], ["explain", "shop:product:i.1"], ["invalidate", "shop", "--all", "--yes"],
            ] {
                let result = try await LarderTool.run(arguments, environment: ["REDIS_URL": url])
                #expect(result.status == 69 && result.output.isEmpty && result.errors.contains(word), "\(result)")
                #expect(!result.errors.contains("wrong@"))
            }
        }
        let wrong = try await LarderTool.run("keys", "shop", "--url", "http://localhost")
        #expect(wrong.status == 64 && wrong.errors.contains("scheme"))
    }

    /// Who may only read is told so, and nothing of what was asked for is said to be done.
    @Test func whoMayNotEndEntriesIsTold() async throws {
        let shop = try await Shop()
        try await shop.fill(1...1)
        let admin = try RedisClient(RedisClientConfiguration(port: shop.server.port))
        try await admin.execute(RawCommand("ACL", "SETUSER", "reader", "on", ">secret", "~*", "+@read", "+@connection"))
        let url = "redis://reader:secret@127.0.0.1:\(shop.server.port)"
        let keys = try await LarderTool.run("keys", "shop", environment: ["REDIS_URL": url])
        #expect(keys.status == 69 && keys.output.isEmpty && keys.errors.contains("NOPERM"), "\(keys)")
        for what in [["--all"], ["--key", "shop:product:i.1"], ["--tag", "product:1"], ["--pattern", "*"]] {
            let result = try await LarderTool.run(
                ["invalidate", "shop", "--yes"] + what, environment: ["REDIS_URL": url])
            #expect(
                result.status == 69 && result.errors.contains("NOPERM") && !result.output.contains("all"),
                "\(what): \(result)")
        }
        #expect(await shop.hits(1...1) == 1)
    }
}
#endif
