// SPDX-License-Identifier: Apache-2.0

import Larder
import LarderRedis
import LarderTesting
import RedisDriver
import ServerFixtures
import Testing

@Suite(.timeLimit(.minutes(2))) struct SurveyTests {
    private static let configuration = RedisStoreConfiguration(timeout: .seconds(5))

    private func cache(_ redis: RedisClient) -> Cache {
        Cache("shop", store: .redis(redis, configuration: Self.configuration))
    }

    /// Stores texts of some bytes, each with a tag of its own and one that all have.
    private func store(_ sizes: some Sequence<Int>, in cache: Cache, region: String = "text") async throws {
        let text = cache.function(region, .ttl(.seconds(600))) { (size: Int) in String(repeating: "x", count: size) }
            .tagged { _, size in ["all", "size:\(size)"] }
        for size in sizes { _ = try await text(size) }
        await cache.settle()
    }

    @Test func whatStandsOnAServerIsFound() async throws {
        let server = try await RedisServer()
        let redis = try RedisClient(url: server.url)
        let cache = self.cache(redis)
        try await self.store([10, 100_000, 3_000], in: cache)
        try await self.store([5], in: cache, region: "other")
        // What is none of the cache's.
        try await redis.execute(SET("elsewhere:text:i.1", "x"))
        try await redis.execute(SET("shop:+limit:x", "x"))
        try await redis.execute(LPUSH("shop:list", ["x"]))
        try await redis.execute(SET("shop:text:i.7", "nonsense"))
        try await cache.invalidate(tags: ["size:10"])
        // Judged by what another process has done, too.
        try await self.cache(redis).invalidate(tags: ["size:3000"])
        let survey = try await cache.survey(count: 100)
        #expect(survey.isAll && survey.keyCount >= 9)
        #expect(survey.regions.map(\.name) == ["text", "other"] && survey.regions.map(\.entries) == [4, 1])
        let largest = try #require(survey.largest(1).first)
        #expect(largest.explanation.key.text == "shop:text:i.100000" && largest.size > 100_000)
        #expect(largest.explanation.tags.map(\.name) == ["all", "size:100000"] && largest.explanation.size == nil)
        var verdicts: [String: CacheExplanation.Verdict] = [:]
        for item in survey.items { verdicts[item.explanation.key.text] = item.explanation.verdict }
        #expect(
            verdicts == [
                "shop:text:i.10": .invalidated, "shop:text:i.3000": .invalidated, "shop:text:i.100000": .fresh,
                "shop:other:i.5": .fresh, "shop:text:i.7": .unreadable,
            ])
        #expect(try await cache.survey(tag: "size:5", count: 100).items.map(\.explanation.key.region) == ["other"])
        withExtendedLifetime(server) {}
    }

    @Test func ofManyEntriesSomeStandForAll() async throws {
        let server = try await RedisServer()
        let redis = try RedisClient(url: server.url)
        let cache = self.cache(redis)
        try await self.store(1...20, in: cache)
        let bytes = try #require(try await redis.execute(GET("shop:text:i.20")))
        for part in 0..<20 {
            try await redis.execute(
                MSET(
                    Dictionary(
                        uniqueKeysWithValues: (0..<1_000).map { (RedisKey("shop:more:i.\(part * 1_000 + $0)"), bytes) })
                ))
        }
        let survey = try await cache.survey(count: 500)
        #expect(!survey.isAll && survey.items.count <= 502 && survey.keyCount >= 20_021)
        let more = try #require(survey.regions.first)
        #expect(more.name == "more" && (19_000...20_100).contains(more.entries))
        // One that is looked for is found among more.
        #expect(try await cache.survey(matching: "text:i.1?", count: 100).items.count == 10)
        withExtendedLifetime(server) {}
    }

    @Test func tagsThatTakeMoreThanTheRestAreReadToo() async throws {
        let server = try await RedisServer()
        let cache = self.cache(try RedisClient(url: server.url))
        let list = cache.function("list", .ttl(.seconds(600))) { (number: Int) in number }
            .tagged { _, _ in (0..<500).map { "a-tag-of-some-length:\($0)" } }
        _ = try await list(1)
        await cache.settle()
        let item = try #require(try await cache.survey(count: 100).items.first)
        #expect(item.explanation.verdict == .fresh && item.explanation.tags.count == 500)
        withExtendedLifetime(server) {}
    }

    @Test func eachServerOfAClusterIsLookedThroughOnce() async throws {
        let cluster = try await RedisServerCluster(primaries: 3)
        var configuration = RedisClientConfiguration()
        // By another name than the servers have for themselves.
        let names = cluster.addresses.map { RedisAddress(host: "localhost", port: $0.port) }
        configuration.topology = .cluster(names)
        let redis = try RedisClient(configuration)
        let cache = self.cache(redis)
        try await self.store(1...60, in: cache)
        let survey = try await cache.survey(count: 300)
        #expect(survey.isAll && survey.items.count == 60)
        #expect(survey.items.allSatisfy { $0.explanation.verdict == .fresh })
        withExtendedLifetime(cluster) {}
    }

    @Test func aUserWithTheRightsOfTheConsoleMayLookAndOthersAreToldWhatIsMissing() async throws {
        let users: [String: RedisAccess] = [
            "plain": RedisAccess(to: "shop", for: .cache), "console": RedisAccess(to: "shop", for: [.cache, .console]),
        ]
        let server = try await RedisServer(
            .init(users: users.map { "\($0) on >secret \($1.rules.joined(separator: " "))" }))
        func cache(_ user: String) throws -> Cache {
            self.cache(try RedisClient(url: "redis://\(user):secret@127.0.0.1:\(server.port)"))
        }
        try await self.store([10], in: try cache("plain"))
        #expect(try await cache("console").survey(count: 100).items.count == 1)
        do {
            _ = try await cache("plain").survey(count: 100)
            Issue.record("it may not look")
        } catch {
            #expect("\(error)".contains("scan"))
        }
        withExtendedLifetime(server) {}
    }
}
