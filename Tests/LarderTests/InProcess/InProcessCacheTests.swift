// SPDX-License-Identifier: Apache-2.0

import Larder
import LarderTesting
import NIOConcurrencyHelpers
import Testing

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
    }

    @Test func theLeastRecentlyUsedGoesFirst() {
        let cache = InProcessCache<Int, Int>(limit: .entries(3))
        for key in 1...3 { cache.insert(key, for: key) }
        _ = cache.value(for: 1)
        cache.insert(4, for: 4)
        #expect(cache.value(for: 2) == nil)
        #expect([1, 3, 4].allSatisfy { cache.value(for: $0) == $0 })
    }

    @Test func weightsThatCannotFitAreRefused() {
        let cache = InProcessCache<Int, Int>(limit: .weight(100))
        #expect(cache.insert(1, for: 1, weight: 100))
        #expect(!cache.insert(2, for: 1, weight: 101))
        #expect(cache.value(for: 1) == nil, "an older value must not outlive a refused one")
        #expect(!cache.insert(1, for: 2, weight: -1))
        #expect(cache.insert(1, for: 3, weight: 0))
        #expect(!InProcessCache<Int, Int>(limit: .entries(0)).insert(1, for: 1))
        #expect(!InProcessCache<Int, Int>(limit: .entries(-1)).insert(1, for: 1))
    }

    @Test func aDeinitMayUseTheCache() {
        final class Reentrant: Sendable {
            let cache: InProcessCache<Int, Reentrant>
            init(_ cache: InProcessCache<Int, Reentrant>) { self.cache = cache }
            deinit { _ = self.cache.value(for: 0) }
        }
        let cache = InProcessCache<Int, Reentrant>(limit: .entries(2))
        for key in 0..<10 { cache.insert(Reentrant(cache), for: key) }
        cache.insert(Reentrant(cache), for: 9)
        cache.remove(9)
        cache.removeAll()
        #expect(cache.count == 0)
    }

    /// Random operations against a model that is plainly right.
    @Test func doesAsItsModelDoes() {
        struct Item {
            var value: Int
            var weight: Int
            var deadline: MonotonicInstant?
        }
        for seed in 0..<20 as Range<UInt64> {
            var random = SeededGenerator(seed: seed)
            let clock = ManualClock()
            let limit = Int.random(in: 1...60, using: &random)
            let cache = InProcessCache<Int, Int>(limit: .weight(limit), clock: clock)
            var model: [(key: Int, item: Item)] = []  // the most recently used last
            for step in 0..<2_000 {
                let key = Int.random(in: 0..<30, using: &random)
                let index = model.firstIndex { $0.key == key }
                switch Int.random(in: 0..<10, using: &random) {
                case 0...3:
                    let weight = Int.random(in: 0...12, using: &random)
                    let deadline =
                        Bool.random(using: &random)
                        ? clock.now.advanced(by: .seconds(Int.random(in: 0...20, using: &random))) : nil
                    if let index { model.remove(at: index) }
                    if weight <= limit {
                        while model.reduce(weight, { $0 + $1.item.weight }) > limit { model.removeFirst() }
                        model.append((key, Item(value: step, weight: weight, deadline: deadline)))
                    }
                    cache.insert(step, for: key, weight: weight, deadline: deadline)
                case 4...7:
                    var expected: Int?
                    if let index {
                        let (_, item) = model.remove(at: index)
                        if item.deadline.map({ $0 > clock.now }) ?? true {
                            expected = item.value
                            model.append((key, item))
                        }
                    }
                    #expect(cache.value(for: key) == expected, "seed \(seed), step \(step)")
                case 8:
                    #expect(cache.remove(key) == index.map { model.remove(at: $0).item.value })
                default:
                    clock.advance(by: .seconds(Int.random(in: 0...2, using: &random)))
                }
                #expect(cache.count == model.count)
                #expect(cache.weight == model.reduce(0) { $0 + $1.item.weight })
                #expect(cache.weight <= limit)
            }
        }
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
                    }
                }
            }
        }
        #expect(cache.count == 50)
    }
}
