// SPDX-License-Identifier: Apache-2.0

import Foundation
import LarderTesting
import NIOConcurrencyHelpers
import NIOCore
import Testing

@testable import Larder

@Suite struct CacheTests {
    @Test func tagsThatCannotBeAreRefused() async {
        let cache = Cache("test", store: .embedded)
        let bad: [[String]] = [
            [""], ["ok", ""], [String(repeating: "x", count: 513)], (0...1_000).map { "tag\($0)" },
            [String(repeating: "x", count: 1 << 20)],
        ]
        for tags in bad {
            let error = await #expect(throws: CacheError.self) { try await cache.invalidate(tags: tags) }
            #expect(error?.code == .invalidTag)
        }
        await #expect(throws: Never.self) { try await cache.invalidate(tags: []) }
    }

    @Test func aValueWithBadTagsIsAnsweredAndNotStored() async throws {
        let cache = Cache("test", store: .embedded)
        let function = cache.function("f", .ttl(.seconds(60))) { (id: Int) in id }.tagged { _, _ in [""] }
        #expect(try await function(1) == 1)
        #expect(try await function.result(1).source == .miss)
        #expect(cache.statistics["f"]?.refusedFills == 2)
    }

    /// What is pending may be for a later version than the one that gets through.
    @Test func aWriteThatIsStoredEndsNothingThatIsPending() async throws {
        struct Broken: Error {}
        let isBroken = NIOLockedValueBox(false)
        let store = InterceptedStore(
            EmbeddedStore(),
            before: { operation in
                if case .invalidate = operation, isBroken.withLockedValue({ $0 }) { throw Broken() }
            })
        let outage = OutageConfiguration(maximumFailures: 100, recoveryPause: .seconds(1_000))
        let cache = Cache("test", store: store, configuration: CacheConfiguration(outage: outage))
        let function = cache.function("f", .ttl(.seconds(60))) { (_: Int) in 1 }.versioned { UInt64($0) }
        _ = try await function(1)
        await cache.settle()
        let write = await cache.beginWrite()
        isBroken.withLockedValue { $0 = true }
        #expect(await function.invalidate(1) == .queued)
        function.replace(1, with: 2, in: write)
        #expect(await write.finish() == .applied)
        #expect(await cache.health().queuedInvalidations == 1)
        isBroken.withLockedValue { $0 = false }
        #expect(await cache.flush(within: .seconds(5)) == 0)
        #expect(try await function.result(1).source == .miss)
    }

    /// The strongest way of ending entries that a region is told holds for all who use it.
    @Test func aRegionHoldsOffWhoeverNamedItFirst() async throws {
        let cache = Cache("test", store: .embedded)
        _ = cache.region("f", of: Int.self, .ttl(.seconds(60)))
        let function = cache.function("f", .ttl(.seconds(60)).holdOff(.seconds(60))) { (id: Int) in id }
        await cache.invalidate(function.key(1))
        #expect(await cache.explain(function.key(1)).verdict == .heldOff)
    }

    @Test func aLifetimeOfNothingStoresNothing() async throws {
        let cache = Cache("test", store: .embedded)
        for lifetime in [Duration.zero, .seconds(-1)] {
            let function = cache.function("f", .ttl(lifetime)) { (id: Int) in id }
            #expect(try await function(1) == 1)
            #expect(try await function.result(1).source == .miss)
        }
    }

    @Test func bytesAreTheStoredOnes() async throws {
        struct Item: Codable, Sendable {
            var path = "a/b"
            var id = 1
        }
        let cache = Cache("test", store: .embedded)
        let item = cache.function("item", .ttl(.seconds(60))) { (id: Int) in id == 1 ? Item() : nil }
        let missed = try await item.bytes(1)
        let hit = try await item.bytes(1)
        #expect(missed.value.map { String(buffer: $0) } == #"{"id":1,"path":"a/b"}"#)
        #expect(hit.value == missed.value)
        #expect((missed.source, hit.source) == (.miss, .hit))
        #expect(try await item.bytes(2).value == nil)
        #expect(try await item.bytes(2).source == .hit)
    }

    @Test func bytesOfWhatCannotBeWrittenAreAnError() async throws {
        let cache = Cache("test", store: .embedded)
        let function = cache.function("f", .ttl(.seconds(60))) { (_: Int) in Double.nan }
        let error = await #expect(throws: CacheError.self) { try await function.bytes(1) }
        #expect(error?.code == .notEncodable)
        #expect(try await function(1).isNaN)
    }

    @Test func aLoadersErrorIsTheCallers() async throws {
        struct Broken: Error {}
        let cache = Cache("test", store: .embedded)
        let function = cache.function("f", .ttl(.seconds(60))) { (_: Int) -> Int in throw Broken() }
        await #expect(throws: Broken.self) { try await function(1) }
        let statistics = try #require(cache.statistics["f"])
        #expect(statistics.requests == 1 && statistics.misses == 1)
        #expect(statistics.loads == 1 && statistics.loadFailures == 1)
        #expect(statistics.storedFills == 0)
    }

    @Test func everyLoadIsStoredRefusedOrFailed() async throws {
        struct Broken: Error {}
        let store = InterceptedStore(EmbeddedStore(), before: { _ in throw Broken() })
        let broken = Cache("test", store: store)
        let small = Cache("test", store: EmbeddedStore(maximumBytes: 2_000))
        for cache in [broken, small] {
            let function = cache.function("f", .ttl(.seconds(60))) { (_: Int) in String(repeating: "x", count: 5_000) }
            for _ in 0..<3 { #expect(try await function(1).count == 5_000) }
            let statistics = try #require(cache.statistics["f"])
            #expect(statistics.loads == 3)
            #expect(statistics.storedFills == 0 && statistics.refusedFills == 3)
        }
    }

    @Test func aCallerWhoHasLeftStartsNoLoad() async throws {
        let cache = Cache("test", store: .embedded)
        let function = cache.function("f", .ttl(.seconds(60))) { (id: Int) in id }
        let gate = Gate()
        let task = Task {
            await gate.wait()
            return try await function(1)
        }
        task.cancel()
        gate.open()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(cache.statistics["f"]?.loads == 0)
    }

    @Test func everyRequestIsAHitOrAMiss() async throws {
        let cache = Cache("test", store: .embedded)
        let function = cache.function("f", .ttl(.seconds(60))) { (id: Int) in id }
        for id in [1, 1, 2, 1, 2] { _ = try await function(id) }
        let statistics = try #require(cache.statistics["f"])
        #expect(statistics.requests == 5 && statistics.hits == 3 && statistics.misses == 2)
        #expect(statistics.loads == 2 && statistics.storedFills == 2)
    }

    @Test func functionsTakeNoneToManyArguments() async throws {
        let cache = Cache("test", store: .embedded)
        let none = cache.function("none", .ttl(.seconds(60))) { () in 1 }
        let three = cache.function("three", .ttl(.seconds(60))) { (a: Int, b: String, c: Bool?) in
            "\(a)\(b)\(c ?? false)"
        }
        #expect(try await none() == 1)
        #expect(try await none.result().source == .hit)
        #expect(try await three(1, "b", nil) == "1bfalse")
        #expect(try await three(1, "b", false) == "1bfalse")
        #expect(cache.statistics["three"]?.loads == 2)
        #expect(three.key(1, "b", nil).text == "test:three:i.1:s.b:n")
    }

    @Test func somebodysEntriesAreHisOwn() async throws {
        let cache = Cache("test", store: .embedded)
        let orders = cache.function("orders", .ttl(.seconds(60))) { (who: Principal, page: Int) in
            "\(who.user ?? "") \(page)"
        }
        #expect(try await orders(Principal(user: "ann"), 1) == "ann 1")
        #expect(try await orders(Principal(user: "ben"), 1) == "ben 1")
        #expect(try await orders(Principal(user: "ann"), 1) == "ann 1")
        #expect(cache.statistics["orders"]?.loads == 2)
    }

    @Test func cachesOfOtherNamesShareNothing() async throws {
        let store = EmbeddedStore()
        let (one, other) = (Cache("one", store: store), Cache("other", store: store))
        let loads = NIOLockedValueBox(0)
        let functions = [one, other].map { cache in
            cache.function("f", .ttl(.seconds(60))) { (id: Int) in
                loads.withLockedValue { $0 += 1 }
                return id
            }
        }
        for function in functions { _ = try await function(1) }
        #expect(loads.withLockedValue { $0 } == 2)
        await one.clear()
        #expect(try await functions[0].result(1).source == .miss)
        #expect(try await functions[1].result(1).source == .hit)
    }

    @Test func aLifetimeEnds() async throws {
        let clock = ManualClock()
        let cache = Cache("test", store: EmbeddedStore(clock: clock), clock: clock)
        let function = cache.function("f", .ttl(.seconds(60)).jitter(0)) { (id: Int) in id }
        // The caller has the value before the store has it.
        while try await function.result(1).source != .hit {}
        clock.advance(by: .milliseconds(59_999))
        #expect(try await function.result(1).source == .hit)
        clock.advance(by: .milliseconds(1))
        #expect(try await function.result(1).source == .miss)
    }

    @Test func theWallClockDecidesNothing() async throws {
        let clock = ManualClock()
        let cache = Cache("test", store: EmbeddedStore(clock: clock), clock: clock)
        let function = cache.function("f", .ttl(.seconds(60))) { (id: Int) in id }.tagged { _, _ in ["t"] }
        _ = try await function(1)
        for years in [-50.0, 50] {
            clock.setWallTime(clock.wallTime.addingTimeInterval(years * 31_557_600))
            #expect(try await function.result(1).source == .hit)
            try await cache.invalidate(tags: ["t"])
            #expect(try await function.result(1).source == .miss)
        }
    }

    @Test func memoryOfTheEmbeddedStoreIsBounded() async throws {
        let store = EmbeddedStore(maximumBytes: 100_000, maximumTags: 50)
        let cache = Cache("test", store: store, configuration: CacheConfiguration(maximumTags: 50))
        let function = cache.function("f", .ttl(.seconds(60))) { (_: Int) in String(repeating: "x", count: 1_000) }
            .tagged { _, id in ["t\(id)"] }
        for id in 0..<500 {
            _ = try await function(id)
            try await cache.invalidate(tags: ["other\(id)"])
        }
        #expect(store.weight <= 100_000)
        guard case .changes(let log) = try await store.log(of: "test", since: nil) else {
            Issue.record("no log")
            return
        }
        #expect(log.tags.count <= 50)
    }

    // MARK: Hits in the process

    /// A value that cannot be read back, so that whoever gets it has not decoded it.
    private struct WrittenOnly: Codable, Sendable, Equatable {
        var number = 7

        init() {}

        init(from decoder: any Decoder) throws {
            throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: "it is not to be read"))
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            try container.encode(self.number)
        }
    }

    @Test func aHitInTheProcessDecodesNothing() async throws {
        let store = EmbeddedStore()
        let cache = Cache("shop", store: store)
        let value = cache.function("value", .ttl(.seconds(60))) { (_: Int) -> WrittenOnly? in WrittenOnly() }
        for source in [CacheSource.miss, .hit] {
            #expect(try await value.result(1) == CacheResult(value: WrittenOnly(), source: source))
            await cache.settle()
        }
        #expect(try await value.bytes(1).value.map { String(buffer: $0) } == "7")
        // Of another schema it is not read, though it is at hand.
        #expect(try await value.schema(2).result(1).source == .miss)
    }

    @Test func anEntryWithoutItsValueIsDecoded() async throws {
        let store = EmbeddedStore()
        let cache = Cache("shop", store: store)
        let value = cache.function("value", .ttl(.seconds(60))) { (number: Int) -> Int? in number }
        _ = try await value(1)
        await cache.settle()
        guard case .entry(let entry) = try await store.read(value.key(1), since: nil).record else {
            Issue.record("nothing is stored")
            return
        }
        store.plant(entry.encoded(), for: value.key(1), keptFor: .seconds(60))
        #expect(try await value.result(1) == CacheResult(value: 1, source: .hit))
    }

    @Test func anObjectIsNotShared() async throws {
        final class Counter: Codable, Sendable {
            let number: Int
            init(number: Int) { self.number = number }
        }
        let cache = Cache("shop", store: .embedded)
        let counter = cache.function("counter", .ttl(.seconds(60))) { (number: Int) -> Counter? in
            Counter(number: number)
        }
        _ = try await counter(1)
        await cache.settle()
        let (one, other) = (try await counter(1), try await counter(1))
        #expect(one !== other)
        #expect(one?.number == 1)
    }

    @Test func anEntryThatIsChangedHasNoValueAtHand() {
        var entry = Entry(kind: .value, payload: ByteBuffer(string: "1"))
        entry.keep(1)
        var other = entry
        other.freshUntil = StoreTime(milliseconds: 5)
        #expect(other.value != nil && entry.freshUntil == .zero)
        other.payload = ByteBuffer(string: "2")
        #expect(other.value == nil && entry.value != nil)
        entry.kind = .absence
        #expect(entry.value == nil)
    }
}
