// SPDX-License-Identifier: Apache-2.0

import LarderTesting
import NIOCore
import Testing

@testable import Larder

@Suite struct CacheSurveyTests {
    private let clock = ManualClock()
    private let store: EmbeddedStore
    private let cache: Cache

    init() {
        self.store = EmbeddedStore(clock: self.clock)
        self.cache = Cache("test", store: self.store, clock: self.clock)
    }

    /// Stores texts of some bytes, each with a tag of its own and one that all have.
    private func store(_ sizes: Int..., in region: String = "text", tag: String = "all") async throws {
        let text = self.cache.function(region, .ttl(.seconds(60))) { (size: Int) in String(repeating: "x", count: size)
        }
        .tagged { _, size in [tag, "size:\(size)"] }
        for size in sizes { _ = try await text(size) }
        await self.cache.settle()
    }

    @Test func regionsEntriesAndTagsAreThoseThatThereAre() async throws {
        try await self.store(10, 1_000, 100)
        try await self.store(5, in: "other", tag: "few")
        let survey = try await self.cache.survey(count: 100)
        #expect(survey.isAll && survey.items.count == 4)
        #expect(survey.regions.map(\.name) == ["text", "other"])
        #expect(survey.regions.map(\.entries) == [3, 1])
        #expect(survey.regions.reduce(0) { $0 + $1.bytes } == self.store.weight)
        #expect(survey.largest(2).map(\.explanation.key.text) == ["test:text:i.1000", "test:text:i.100"])
        #expect(survey.largest(1).map(\.explanation.verdict) == [.fresh])
        #expect(survey.tags.prefix(2).map(\.name) == ["all", "few"] && survey.tags.prefix(2).map(\.entries) == [3, 1])
        #expect(
            try await self.cache.survey(tag: "size:10", count: 100).items.map(\.explanation.key.text) == [
                "test:text:i.10"
            ])
        #expect(try await self.cache.survey(matching: "other:*", count: 100).items.count == 1)
    }

    @Test func anInvalidatedTagIsSeenAndSoAreItsEntries() async throws {
        try await self.store(10, 20)
        try await self.cache.invalidate(tags: ["size:10"])
        let survey = try await self.cache.survey(count: 100)
        let verdicts = survey.items.sorted { $0.size < $1.size }.map(\.explanation.verdict)
        #expect(verdicts == [.invalidated, .fresh])
        #expect(survey.tags.filter { $0.invalidated != nil }.map(\.name) == ["size:10"])
    }

    @Test func ofManyEntriesSomeStandForAll() async throws {
        let number = self.cache.function("number", .ttl(.seconds(60))) { (number: Int) in number }
        for index in 0..<2_000 { _ = try await number(index) }
        await self.cache.settle()
        let survey = try await self.cache.survey(count: 100)
        #expect(!survey.isAll && survey.items.count <= 100 && survey.keyCount == 2_000)
        let entries = try #require(survey.regions.first?.entries)
        #expect((1_500...2_500).contains(entries))
        // One that is looked for is found among more.
        #expect(try await self.cache.survey(matching: "number:i.1234", count: 100).items.count == 1)
    }

    @Test func oldEntriesAreLookedAtAsOftenAsNewOnes() async throws {
        for region in ["old", "new"] {
            let number = self.cache.function(region, .ttl(.seconds(60))) { (number: Int) in number }
            for index in 0..<1_000 { _ = try await number(index) }
        }
        await self.cache.settle()
        let regions = try await self.cache.survey(count: 200).regions
        #expect(regions.count == 2 && regions.allSatisfy { (700...1_300).contains($0.entries) })
    }

    @Test func lookingThroughEntriesIsNoUseOfThem() async throws {
        try await self.store(10)
        let hits = self.cache.statistics["text"]?.hits
        _ = try await self.cache.survey(count: 100)
        #expect(self.cache.statistics["text"]?.hits == hits)
    }

    @Test func whatCannotBeReadIsShownAsThat() async throws {
        let key = CacheKey(namespace: "test", region: "text", 1)
        self.store.plant(ByteBuffer(string: "nonsense"), for: key, keptFor: .seconds(60))
        let item = try #require(try await self.cache.survey(count: 100).items.first)
        #expect(item.explanation.verdict == .unreadable && item.size > 0)
    }

    @Test func whoeverMayNotOperateSeesNothing() async throws {
        let policy = AccessPolicy([
            .allow(.everyone, to: .read, .invalidate, in: .everything),
            .allow(.role("operator"), to: .operate, in: .everything),
        ])
        let cache = Cache(
            "test", store: self.store, configuration: CacheConfiguration(access: policy), clock: self.clock)
        await #expect(throws: CacheError.self) { try await cache.survey(count: 100) }
        let items = try await Identity.$current.withValue(Identity(Principal(user: "1"), roles: ["operator"])) {
            try await cache.survey(count: 100).items
        }
        #expect(items.isEmpty)
    }

    @Test func aStoreThatCannotBeLookedThroughSaysSo() async throws {
        let cache = Cache("test", store: InterceptedStore(self.store, before: { _ in }), clock: self.clock)
        await #expect(throws: StoreRefusal.self) { try await cache.survey(count: 100) }
    }
}
