// SPDX-License-Identifier: Apache-2.0

import LarderTesting
import NIOConcurrencyHelpers
import Testing

@testable import Larder

@Suite(.timeLimit(.minutes(1))) struct BatchTests {
    // MARK: Functions that load one by one

    @Test func aBatchIsInOrderAndLoadsWhatIsMissing() async throws {
        let cache = Cache("shop", store: .embedded)
        let double = cache.function("double", .ttl(.seconds(60))) { (number: Int) in number * 2 }
        _ = try await double(7)
        await cache.settle()
        #expect(try await double.values(for: Array(0..<200)) == (0..<200).map { $0 * 2 })
        await cache.settle()
        #expect(cache.statistics["double"]?.loads == 200)
        #expect(try await double.values(for: Array((0..<200).reversed())) == (0..<200).reversed().map { $0 * 2 })
        #expect(cache.statistics["double"]?.loads == 200)
        #expect(try await double.values(for: []) == [])
    }

    @Test func aBatchTakesSeveralArguments() async throws {
        let cache = Cache("shop", store: .embedded)
        let greet = cache.function("greet", .ttl(.seconds(60))) { (name: String, times: Int) in
            String(repeating: name, count: times)
        }
        #expect(try await greet.values(for: [("a", 1), ("b", 2), ("a", 1)]) == ["a", "bb", "a"])
    }

    @Test func aBatchThrowsWhatALoadThrows() async throws {
        struct Failure: Error {}
        let cache = Cache("shop", store: .embedded)
        let half = cache.function("half", .ttl(.seconds(60))) { (number: Int) throws -> Int in
            guard number.isMultiple(of: 2) else { throw Failure() }
            return number / 2
        }
        await #expect(throws: Failure.self) { try await half.values(for: [2, 4, 5, 6]) }
        #expect(try await half.values(for: [2, 4, 6]) == [1, 2, 3])
    }

    // MARK: Functions that load many

    /// Doubles what is not negative, and keeps what it was asked for.
    private final class Doubler: Sendable {
        private let state = NIOLockedValueBox<(calls: [[Int]], gates: [Gate])>(([], []))

        var calls: [[Int]] { self.state.withLockedValue { $0.calls } }

        /// The next call stops at this gate.
        func hold(at gate: Gate) { self.state.withLockedValue { $0.gates.append(gate) } }

        func load(_ numbers: [Int]) async -> [Int: Int] {
            let gate = self.state.withLockedValue { state in
                state.calls.append(numbers.sorted())
                return state.gates.isEmpty ? nil : state.gates.removeFirst()
            }
            await gate?.wait()
            return Dictionary(uniqueKeysWithValues: numbers.filter { $0 >= 0 }.map { ($0, $0 * 2) })
        }

        func batch(_ cache: Cache, _ policy: CachePolicy = .ttl(.seconds(60))) -> CacheBatchFunction<Int, Int> {
            cache.batch("double", policy) { (numbers: [Int]) in await self.load(numbers) }
                .tagged { _, number in ["n:\(number)"] }
        }
    }

    private func pairs(_ numbers: some Sequence<Int>) -> [Int: Int] {
        Dictionary(uniqueKeysWithValues: numbers.map { ($0, $0 * 2) })
    }

    @Test func whatIsMissingIsLoadedByOneCall() async throws {
        let cache = Cache("shop", store: .embedded)
        let doubler = Doubler()
        let double = doubler.batch(cache)
        #expect(try await double.values(for: [3, 1, 2, 1]) == self.pairs(1...3))
        await cache.settle()
        #expect(try await double.values(for: 1...100) == self.pairs(1...100))
        await cache.settle()
        #expect(try await double.values(for: 1...100) == self.pairs(1...100))
        #expect(doubler.calls == [[1, 2, 3], Array(4...100)])
        let statistics = try #require(cache.statistics["double"])
        #expect((statistics.loads, statistics.hits, statistics.misses) == (2, 103, 100))
        #expect(statistics.storedFills == 100)
        #expect(try await double.values(for: []) == [:])
    }

    @Test func aFunctionOfOneArgumentSharesTheEntries() async throws {
        let cache = Cache("shop", store: .embedded)
        let doubler = Doubler()
        let (many, one) = (doubler.batch(cache), cache.function("double", .ttl(.seconds(60))) { (_: Int) in -1 })
        _ = try await many.values(for: [1, 2])
        await cache.settle()
        #expect(try await one.result(1) == CacheResult(value: 2, source: .hit))
        #expect(many.key(1) == one.key(1))
        await many.invalidate(1)
        try await cache.invalidate(tags: ["n:2"])
        #expect(try await one(1) == -1)
        #expect(try await one(2) == -1)
    }

    @Test func whatTheFunctionDoesNotGiveIsNotCached() async throws {
        let cache = Cache("shop", store: .embedded)
        let doubler = Doubler()
        let double = doubler.batch(cache)
        for _ in 0..<2 {
            #expect(try await double.values(for: [-1, 1]) == [1: 2])
            await cache.settle()
        }
        #expect(doubler.calls == [[-1, 1], [-1]])
        // Absences are, where the values can be absent.
        let optional = cache.batch("optional", .ttl(.seconds(60))) { (numbers: [Int]) in
            Dictionary(uniqueKeysWithValues: await doubler.load(numbers).map { ($0, Int?.some($1)) })
                .merging(numbers.map { ($0, Int?.none) }) { known, _ in known }
        }
        for _ in 0..<2 {
            let values = try await optional.values(for: [-1, 1])
            #expect(values == [-1: nil, 1: 2])
            await cache.settle()
        }
        #expect(doubler.calls.count == 3)
    }

    /// Who asks for one of them alone, while the call that does not know it runs, asks for itself.
    @Test func whoJoinsACallThatGivesNothingLoadsAlone() async throws {
        let cache = Cache("shop", store: .embedded)
        let doubler = Doubler()
        let gate = Gate()
        doubler.hold(at: gate)
        let many = doubler.batch(cache)
        let one = cache.function("double", .ttl(.seconds(60))) { (_: Int) in -7 }
        let calling = Task { try await many.values(for: [-1, 1]) }
        await gate.arrivals()
        let joining = Task { try await one(-1) }
        while cache.waiting < 3 { await Task.yield() }
        gate.open()
        #expect(try await calling.value == [1: 2])
        #expect(try await joining.value == -7)
    }

    @Test func aCallThatFailsFailsForAll() async throws {
        struct Failure: Error {}
        let cache = Cache("shop", store: .embedded)
        let broken = cache.batch("broken", .ttl(.seconds(60))) { (numbers: [Int]) throws -> [Int: Int] in
            throw Failure()
        }
        await #expect(throws: Failure.self) { try await broken.values(for: 1...10) }
        await cache.settle()
        #expect(cache.statistics["broken"]?.loads == 1 && cache.waiting == 0)
    }

    /// Two batches that overlap: each loads what it has the right for before it waits for the other's.
    @Test func batchesDoNotWaitForEachOtherInACircle() async throws {
        let cache = Cache("shop", store: .embedded)
        let doubler = Doubler()
        let double = doubler.batch(cache)
        let batches = (0..<50).map { number in
            Task { try await double.values(for: (0..<20).map { ($0 * 7 + number * 3) % 40 }) }
        }
        for (number, batch) in batches.enumerated() {
            #expect(try await batch.value == self.pairs(Set((0..<20).map { ($0 * 7 + number * 3) % 40 })))
        }
        await cache.settle()
        // Nothing was loaded twice.
        #expect(doubler.calls.flatMap { $0 }.sorted() == Array(Set(doubler.calls.flatMap { $0 })).sorted())
    }

    @Test func batchesOfTwoProcessesDoNotWaitForEachOtherInACircle() async throws {
        let store = EmbeddedStore()
        let doubler = Doubler()
        let batches = (0..<2).map { process in
            let double = doubler.batch(Cache("shop", store: store))
            return Task { try await double.values(for: process == 0 ? Array(0..<100) : Array((0..<100).reversed())) }
        }
        for batch in batches { #expect(try await batch.value == self.pairs(0..<100)) }
        #expect(doubler.calls.flatMap { $0 }.count < 150)
    }

    /// The loader asks the cache for a key that it is loading itself.
    @Test func aCallThatAsksForItsOwnKeysDoesNotWaitForItself() async throws {
        let cache = Cache("shop", store: .embedded)
        let single = cache.function("double", .ttl(.seconds(60))) { (number: Int) in number * 2 }
        let double = cache.batch("double", .ttl(.seconds(60))) { (numbers: [Int]) in
            var values: [Int: Int] = [:]
            for number in numbers { values[number] = try await single(number) }
            return values
        }
        #expect(try await double.values(for: 1...5) == self.pairs(1...5))
    }

    @Test func aBatchTakesOnePlaceAmongTheLoads() async throws {
        let cache = Cache("shop", store: .embedded)
        let doubler = Doubler()
        let double = doubler.batch(cache, .ttl(.seconds(60)).maximumLoads(1))
        let gates = [Gate(), Gate()]
        for gate in gates { doubler.hold(at: gate) }
        let first = Task { try await double.values(for: 0..<10) }
        await gates[0].arrivals()
        let second = Task { try await double.values(for: 10..<20) }
        while cache.waiting < 20 { await Task.yield() }
        for _ in 0..<100 { await Task.yield() }
        #expect(doubler.calls.count == 1)
        gates[0].open()
        #expect(try await first.value == self.pairs(0..<10))
        await gates[1].arrivals()
        gates[1].open()
        #expect(try await second.value == self.pairs(10..<20))
    }

    @Test func staleValuesAreServedAndLoadedTogetherBehindThem() async throws {
        let clock = ManualClock()
        let cache = Cache("shop", store: EmbeddedStore(clock: clock), clock: clock)
        let doubler = Doubler()
        let double = doubler.batch(cache, .ttl(.seconds(10)).jitter(0).staleWhileRevalidate(for: .seconds(60)))
        _ = try await double.values(for: 0..<20)
        await cache.settle()
        clock.advance(by: .seconds(11))
        #expect(try await double.values(for: 0..<25) == self.pairs(0..<25))
        await cache.settle()
        #expect(doubler.calls == [Array(0..<20), Array(0..<25)])
        #expect(try await double.values(for: 0..<25) == self.pairs(0..<25))
        #expect(doubler.calls.count == 2)
    }

    /// An entry of another shape, beside some that are served and some that are missing.
    @Test func whatCannotBeReadIsLoadedWithWhatIsMissing() async throws {
        let cache = Cache("shop", store: .embedded)
        let doubler = Doubler()
        let region = cache.region("double", of: Int.self, .ttl(.seconds(60)))
        let old = region.schema(1).batch { (numbers: [Int]) in await doubler.load(numbers) }
        _ = try await old.values(for: [1, 2])
        await cache.settle()
        let new = region.schema(2).batch { (numbers: [Int]) in await doubler.load(numbers) }
        _ = try await new.values(for: [3])
        await cache.settle()
        #expect(try await new.values(for: 0...4) == self.pairs(0...4))
        await cache.settle()
        #expect(doubler.calls == [[1, 2], [3], [0, 1, 2, 4]])
        let statistics = try #require(cache.statistics["double"])
        #expect((statistics.requests, statistics.hits, statistics.misses) == (8, 1, 7))
    }

    /// The source knows of it no more: the old value is not served in its place.
    @Test func whatIsGivenNoMoreIsNotServedFromBefore() async throws {
        let clock = ManualClock()
        let cache = Cache("shop", store: EmbeddedStore(clock: clock), clock: clock)
        let isThere = NIOLockedValueBox(true)
        let batch = cache.batch("row", .ttl(.seconds(10)).jitter(0).staleIfError(for: .seconds(600))) { (ids: [Int]) in
            isThere.withLockedValue { $0 } ? Dictionary(uniqueKeysWithValues: ids.map { ($0, $0) }) : [:]
        }
        #expect(try await batch.values(for: [1]) == [1: 1])
        await cache.settle()
        clock.advance(by: .seconds(11))
        isThere.withLockedValue { $0 = false }
        for _ in 0..<2 {
            #expect(try await batch.values(for: [1]) == [:])
            await cache.settle()
        }
    }

    @Test func aBatchThatStandsInLineIsNotDismissed() async throws {
        let cache = Cache("shop", store: .embedded)
        let doubler = Doubler()
        let double = doubler.batch(cache, .ttl(.seconds(60)).maximumLoads(1))
        for round in 0..<3 {
            let gate = Gate()
            doubler.hold(at: gate)
            let first = Task { try await double.values(for: [round * 10]) }
            await gate.arrivals()
            let second = Task { try await double.values(for: [round * 10 + 1]) }
            while cache.waiting < 2 { await Task.yield() }
            for _ in 0..<100 { await Task.yield() }
            second.cancel()
            await #expect(throws: CancellationError.self) { try await second.value }
            #expect(doubler.calls.count == round * 2 + 1)
            gate.open()
            _ = try await first.value
            await cache.settle()
        }
    }

    /// In line it keeps nobody else from loading.
    @Test func aBatchHoldsNoLeaseWhileItStandsInLine() async throws {
        let store = EmbeddedStore()
        let (one, other) = (Doubler(), Doubler())
        let (cache, elsewhere) = (Cache("shop", store: store), Cache("shop", store: store))
        let double = one.batch(cache, .ttl(.seconds(60)).maximumLoads(1))
        let gate = Gate()
        one.hold(at: gate)
        let first = Task { try await double.values(for: [1, 2]) }
        await gate.arrivals()
        let second = Task { try await double.values(for: [3, 4]) }
        while cache.waiting < 4 { await Task.yield() }
        for _ in 0..<100 { await Task.yield() }
        // Another process loads them meanwhile; who stood in line finds them then.
        #expect(try await other.batch(elsewhere).values(for: [3, 4]) == self.pairs(3...4))
        await elsewhere.settle()
        gate.open()
        #expect(try await first.value == self.pairs(1...2))
        #expect(try await second.value == self.pairs(3...4))
        #expect(one.calls == [[1, 2]] && other.calls == [[3, 4]])
        await cache.settle()
        #expect(try await double.values(for: [5, 6]) == self.pairs(5...6))
    }

    /// Loads that ask for each other's keys, within one around them.
    @Test func loadsThatAskForEachOtherEnd() async throws {
        let cache = Cache("shop", store: .embedded)
        let functions = NIOLockedValueBox<(one: CacheFunction<Int, Int>, many: CacheBatchFunction<Int, Int>)?>(nil)
        let one = cache.function("ring", .ttl(.seconds(60)).maximumLoads(1)) { (id: Int) in
            guard id == 1 || id == 4, let functions = functions.withLockedValue({ $0 }) else { return id }
            if id == 4 { return try await functions.one(3) + 1 }
            return try await functions.many.values(for: [2, 3]).count
        }
        let many = cache.batch("ring", .ttl(.seconds(60)).maximumLoads(1)) { (ids: [Int]) in
            if let functions = functions.withLockedValue({ $0 }) { _ = try await functions.one(4) }
            return Dictionary(uniqueKeysWithValues: ids.map { ($0, $0) })
        }
        functions.withLockedValue { $0 = (one, many) }
        #expect(try await one(1) == 2)
        #expect(try await many.values(for: [2, 3]) == [2: 2, 3: 3])
    }

    @Test func aBatchIsLoadedAnewByOneCall() async throws {
        let cache = Cache("shop", store: .embedded)
        let doubler = Doubler()
        let double = doubler.batch(cache)
        for _ in 0..<2 {
            #expect(try await double.refresh(0..<30) == self.pairs(0..<30))
            await cache.settle()
        }
        #expect(doubler.calls == [Array(0..<30), Array(0..<30)])
    }

    @Test func whoGivesUpKeepsNobodyElseWaiting() async throws {
        let cache = Cache("shop", store: .embedded)
        let doubler = Doubler()
        let gate = Gate()
        doubler.hold(at: gate)
        let double = doubler.batch(cache)
        let first = Task { try await double.values(for: 0..<10) }
        await gate.arrivals()
        let second = Task { try await double.values(for: 5..<15) }
        while cache.waiting < 15 || doubler.calls.count < 2 { await Task.yield() }
        first.cancel()
        await #expect(throws: CancellationError.self) { try await first.value }
        gate.open()
        #expect(try await second.value == self.pairs(5..<15))
        #expect(doubler.calls == [Array(0..<10), Array(10..<15)])
    }
}
