// SPDX-License-Identifier: Apache-2.0

import LarderTesting
import NIOConcurrencyHelpers
import Testing

@testable import Larder

@Suite struct InProcessCacheTests {
    @Test func keepsTheLatestValueUntilItsDeadline() {
        let clock = ManualClock()
        let cache = InProcessCache<String, Int>(limit: .entries(10), clock: clock)
        #expect(cache.value(for: "a") == nil)
        cache.insert(1, for: "a", deadline: clock.now.advanced(by: .seconds(10)))
        cache.insert(2, for: "a", deadline: clock.now.advanced(by: .seconds(20)))
        clock.advance(by: .seconds(19))
        #expect(cache.value(for: "a") == 2)
        clock.advance(by: .seconds(1))
        #expect(cache.value(for: "a") == nil)
        #expect(cache.count == 0)
        #expect(cache.weight == 0)
        #expect(cache.statistics.hits == 1)
        #expect(cache.statistics.misses == 2)
        #expect(cache.statistics.removals[.replaced] == 1)
        #expect(cache.statistics.removals[.expired] == 1)
        #expect(cache.statistics.removals.total == 2)
    }

    @Test func aLifetimeIsADeadlineFromNow() {
        let clock = ManualClock()
        let cache = InProcessCache<Int, Int>(limit: .entries(10), clock: clock)
        clock.advance(by: .seconds(100))
        #expect(cache.insert(1, for: 1, lifetime: .seconds(10)))
        #expect(!cache.insert(2, for: 2, lifetime: .zero))
        #expect(!cache.insert(2, for: 2, lifetime: .seconds(-1)))
        #expect(cache.insert(3, for: 3, lifetime: .seconds(Int64.max)))
        clock.advance(by: .seconds(9))
        #expect(cache.value(for: 1) == 1)
        clock.advance(by: .seconds(1))
        #expect(cache.value(for: 1) == nil)
        #expect(cache.value(for: 3) == 3)
    }

    /// Keys that agree in their whole hash are told apart all the same.
    @Test func keysAreComparedInFull() {
        struct Key: Hashable {
            var id: Int
            func hash(into hasher: inout Hasher) {}
        }
        let cache = InProcessCache<Key, Int>(limit: .entries(50))
        for id in 0..<60 { cache.insert(id, for: Key(id: id)) }
        #expect(cache.count == 50)
        #expect((0..<60).allSatisfy { [nil, $0].contains(cache.value(for: Key(id: $0))) })
        #expect(cache.remove(Key(id: 59)) == 59)
        #expect(cache.value(for: Key(id: 59)) == nil)
        #expect(cache.value(for: Key(id: 100)) == nil)
    }

    @Test func atTheEndOfTimeOnlyDeadlinesHavePassed() {
        let clock = ManualClock()
        let cache = InProcessCache<Int, Int>(limit: .entries(10), clock: clock)
        clock.advance(by: .seconds(Int64.max))
        #expect(clock.now == .distantFuture)
        #expect(cache.insert(1, for: 1))
        #expect(cache.insert(1, for: 1))
        #expect(cache.value(for: 1) == 1)
        #expect(cache.remove(1) == 1)
    }

    @Test func aClockThatStepsBackHarmsNothing() {
        let clock = ManualClock()
        let cache = InProcessCache<Int, Int>(limit: .entries(100), clock: clock)
        clock.advance(by: .seconds(100))
        for key in 0..<50 { cache.insert(key, for: key, deadline: clock.now.advanced(by: .seconds(key))) }
        clock.advance(by: .seconds(25))
        for key in 0..<50 { #expect(cache.value(for: key) == (key > 25 ? key : nil)) }
        clock.advance(by: .seconds(-1_000))
        for key in 0..<50 {
            #expect(cache.value(for: key) == (key > 25 ? key : nil), "what was seen expired stays away")
        }
        cache.insert(7, for: 7, deadline: clock.now.advanced(by: .seconds(1)))
        #expect(cache.value(for: 7) == 7)
        clock.advance(by: .seconds(1))
        #expect(cache.value(for: 7) == nil)
        #expect(cache.count == 24)
    }

    /// Keys that are used once in five times as many requests as fit, among others that never come again.
    @Test func whatIsUsedOutlivesAScan() {
        let cache = InProcessCache<Int, Int>(limit: .entries(100))
        var hits = 0
        for step in 0..<20_000 {
            let key = step.isMultiple(of: 10) ? step / 10 % 50 : 1_000 + step
            if cache.value(for: key) == nil { cache.insert(key, for: key) } else { hits += 1 }
        }
        #expect(hits >= 1_700, "of 1,950 that were possible")
    }

    /// A loop over twice as many keys as fit, where the least recently used order never hits.
    @Test func aLoopKeepsAPart() {
        let cache = InProcessCache<Int, Int>(limit: .entries(512))
        var hits = 0
        for _ in 0..<500 {
            for key in 0..<1_011 {
                if cache.value(for: key) == nil { cache.insert(key, for: key) } else { hits += 1 }
            }
        }
        #expect(hits >= 500 * 1_011 * 40 / 100)
    }

    @Test func weightsThatCannotFitAreRefused() {
        let cache = InProcessCache<Int, Int>(limit: .weight(100))
        #expect(cache.insert(1, for: 1, weight: 100))
        #expect(!cache.insert(2, for: 1, weight: 101))
        #expect(cache.value(for: 1) == nil, "an older value must not outlive a refused one")
        #expect(cache.insert(1, for: 1, weight: 50))
        #expect(!cache.insert(2, for: 1, deadline: MonotonicInstant(nanoseconds: .min)))
        #expect(cache.value(for: 1) == nil)
        #expect(cache.insert(1, for: 1, weight: 50))
        #expect(!cache.insert(2, for: 1, weight: -1))
        #expect(cache.value(for: 1) == nil)
        #expect(!cache.insert(2, for: 1, weight: .min))
        #expect(!cache.insert(2, for: 1, weight: .max))
        #expect(!InProcessCache<Int, Int>(limit: .entries(0)).insert(1, for: 1))
        #expect(!InProcessCache<Int, Int>(limit: .entries(-1)).insert(1, for: 1))
        #expect(!InProcessCache<Int, Int>(limit: .weight(.max)).insert(1, for: 1, weight: .max))
        #expect(InProcessCache<Int, Int>(limit: .entries(.max)).insert(1, for: 1, weight: .max))
    }

    /// More than one step of making room can remove.
    @Test func aHeavyValueDisplacesManyLightOnes() {
        let cache = InProcessCache<Int, Int>(limit: .weight(10_000))
        for key in 0..<10_000 { cache.insert(key, for: key) }
        cache.removeAll()
        #expect(cache.insert(-1, for: -1, weight: 9_900))
        #expect(cache.count == 1)
        #expect(cache.statistics.removals[.invalidated] >= 9_900)
        for key in 0..<100 { cache.insert(key, for: key) }
        #expect(cache.weight == 10_000)

        let full = InProcessCache<Int, Int>(limit: .weight(10_000))
        for key in 0..<10_000 { full.insert(key, for: key) }
        // Asked for more often than any of them, it gets in.
        for _ in 0..<16 where !full.insert(-1, for: -1, weight: 9_900) {}
        #expect(full.value(for: -1) == -1)
        #expect(full.weight <= 10_000)
        #expect(full.count <= 101)
    }

    @Test func nothingWeighsNothing() {
        let cache = InProcessCache<Int, Int>(limit: .weight(100))
        for key in 0..<1_000 { cache.insert(key, for: key, weight: 0) }
        #expect(cache.count == 100)
        #expect(cache.weight == 100)
    }

    @Test(arguments: [1, 2, 3, 6, 7, 20])
    func smallLimitsHold(limit: Int) {
        let cache = InProcessCache<Int, Int>(limit: .entries(limit))
        for key in 0..<100 {
            #expect(cache.insert(key, for: key))
            #expect(cache.value(for: key) == key, "the newest is there")
            #expect(cache.count == min(key + 1, limit))
        }
    }

    /// The whole limit belongs to all shards together, and each value up to the heaviest finds room.
    @Test func theLimitIsDividedAmongShards() {
        let cache = InProcessCache<Int, Int>(limit: .entries(5_003))
        for key in 0..<50_000 { cache.insert(key, for: key) }
        #expect(cache.count == 5_003)
        let heavy = InProcessCache<Int, Int>(limit: .weight(1_000, heaviest: 100))
        for key in 0..<100 { #expect(heavy.insert(key, for: key, weight: 100) || heavy.weight >= 900) }
        #expect(heavy.weight <= 1_000)
    }

    @Test func removesByKey() {
        let clock = ManualClock()
        let cache = InProcessCache<String, Int>(limit: .entries(10), clock: clock)
        cache.insert(1, for: "a")
        cache.insert(2, for: "b", deadline: clock.now.advanced(by: .seconds(1)))
        #expect(cache.remove("a") == 1)
        #expect(cache.remove("a") == nil)
        clock.advance(by: .seconds(1))
        #expect(cache.remove("b") == nil, "what has expired is not returned here either")
        #expect(cache.count == 0)
    }

    @Test func removesAllAtOnceAndGivesBackTheMemory() {
        final class Token: Sendable {}
        struct Weak { weak var token: Token? }
        let cache = InProcessCache<Int, Token>(limit: .entries(10_000))
        let tokens = (0..<1_000).map { key in
            let token = Token()
            cache.insert(token, for: key)
            return Weak(token: token)
        }
        cache.removeAll()
        #expect(cache.count == 0)
        #expect(cache.weight == 0)
        #expect((0..<1_000).allSatisfy { cache.value(for: $0) == nil })
        cache.removeAll()
        for key in 1_000..<1_600 { cache.insert(Token(), for: key) }
        #expect(cache.count == 600)
        #expect(tokens.allSatisfy { $0.token == nil }, "old values go faster than new ones come")
        #expect((1_000..<1_600).allSatisfy { cache.value(for: $0) != nil })
    }

    @Test func whatHasExpiredGoesBeforeWhatHasNot() {
        let clock = ManualClock()
        let cache = InProcessCache<Int, Int>(limit: .entries(100), clock: clock)
        for key in 0..<50 { cache.insert(key, for: key) }
        for key in 50..<100 { cache.insert(key, for: key, deadline: clock.now.advanced(by: .seconds(1))) }
        clock.advance(by: .seconds(1))
        for key in 100..<150 { cache.insert(key, for: key) }
        #expect(cache.statistics.removals[.expired] == 50)
        #expect(cache.statistics.removals[.size] <= 20, "the search takes a step of four with each insertion")
        for key in 150..<250 { cache.insert(key, for: key) }
        #expect(cache.count == 100)
    }

    @Test func reportsWhatLeavesInBatches() {
        let batches = NIOLockedValueBox<[[InProcessRemoval<String, Int>]]>([])
        let clock = ManualClock()
        let cache = InProcessCache<String, Int>(limit: .weight(100), clock: clock) { batch in
            batches.withLockedValue { $0.append(batch) }
        }
        func reported() -> [[String]] {
            batches.withLockedValue { batches in
                defer { batches = [] }
                return batches.map { $0.map { "\($0.key) \($0.value) \($0.cause)" }.sorted() }
            }
        }
        cache.insert(1, for: "a", weight: 10)
        #expect(reported().isEmpty)
        cache.insert(2, for: "a", weight: 10)
        #expect(reported() == [["a 1 replaced"]])
        cache.remove("a")
        #expect(reported() == [["a 2 invalidated"]])
        cache.remove("a")
        #expect(reported().isEmpty)
        cache.insert(3, for: "b", deadline: clock.now.advanced(by: .seconds(1)))
        clock.advance(by: .seconds(1))
        _ = cache.value(for: "b")
        #expect(reported() == [["b 3 expired"]])
        for key in ["c", "d", "e"] { cache.insert(4, for: key, weight: 30) }
        for _ in 0..<4 where !cache.insert(5, for: "f", weight: 95) {}
        #expect(cache.value(for: "f") == 5)
        let sizes = reported().filter { $0.contains("c 4 size") || $0.contains("d 4 size") || $0.contains("e 4 size") }
        #expect(sizes.joined().filter { $0.hasSuffix("4 size") }.count == 3)
        cache.removeAll()
        cache.insert(6, for: "g")
        #expect(reported() == [["f 5 invalidated"]])
    }

    @Test(.timeLimit(.minutes(1)))
    func aDeinitAndAListenerMayUseTheCache() {
        final class Reentrant: Sendable, Hashable {
            let cache: NIOLockedValueBox<InProcessCache<Reentrant, Reentrant>?>
            let id: Int
            init(_ id: Int, _ cache: NIOLockedValueBox<InProcessCache<Reentrant, Reentrant>?>) {
                self.id = id
                self.cache = cache
            }
            deinit {
                guard let cache = self.cache.withLockedValue({ $0 }) else { return }
                // A value of its own, for the one that goes must not be kept.
                _ = cache.value(for: Reentrant(-1, NIOLockedValueBox(nil)))
                _ = cache.count
            }
            static func == (left: Reentrant, right: Reentrant) -> Bool { left.id == right.id }
            func hash(into hasher: inout Hasher) { hasher.combine(self.id) }
        }
        let box = NIOLockedValueBox<InProcessCache<Reentrant, Reentrant>?>(nil)
        let clock = ManualClock()
        let cache = InProcessCache<Reentrant, Reentrant>(limit: .weight(20), clock: clock) { _ in
            _ = box.withLockedValue { $0 }?.count
        }
        box.withLockedValue { $0 = cache }
        for step in 0..<200 {
            let key = step % 7 == 0 ? step - 1 : step
            cache.insert(
                Reentrant(step, box), for: Reentrant(key, box), weight: step % 9,
                deadline: step % 5 == 0 ? clock.now.advanced(by: .seconds(3)) : nil)
            if step % 11 == 0 { cache.remove(Reentrant(step, box)) }
            if step % 13 == 0 { clock.advance(by: .seconds(1)) }
            if step % 17 == 0 { _ = cache.value(for: Reentrant(step - step % 5, box)) }
            if step % 50 == 0 { cache.removeAll() }
            if step % 19 == 0 { cache.insert(Reentrant(step, box), for: Reentrant(step, box), weight: 21) }
        }
        #expect(cache.weight <= 20)
        box.withLockedValue { $0 = nil }
    }

    @Test func isSharedBetweenTasks() async {
        let cache = InProcessCache<Int, Int>(limit: .entries(50))
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    for step in 0..<5_000 {
                        let key = (task * 31 + step) % 100
                        cache.insert(key, for: key)
                        if let value = cache.value(for: (key + 7) % 100) { #expect(value == (key + 7) % 100) }
                        if step % 1_000 == 0 { cache.removeAll() }
                    }
                }
            }
        }
        #expect(cache.count <= 50)
    }
}
