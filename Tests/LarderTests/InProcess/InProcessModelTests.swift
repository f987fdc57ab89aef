// SPDX-License-Identifier: Apache-2.0

import LarderTesting
import NIOConcurrencyHelpers
import Testing

@testable import Larder

/// Random operations beside a plain dictionary that hears of every value that leaves: what was inserted and has not left
/// is exactly what is there, and it left for a reason.
@Suite struct InProcessModelTests {
    struct Item: Equatable {
        var value: Int
        var weight: Int
        var deadline: MonotonicInstant?
        var isDead = false
    }

    @Test(arguments: 0..<60 as Range<UInt64>)
    func doesAsADictionaryDoes(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let clock = ManualClock()
        let countsEntries = seed % 3 == 0
        let limit = Int.random(in: 1...(seed % 4 == 0 ? 2_000 : 80), using: &random)
        let heaviest = limit / Int.random(in: 1...5, using: &random) + 1
        let keys = 1 + Int(seed % 4 == 0 ? 1_500 : 60)
        let left = NIOLockedValueBox<[InProcessRemoval<Int, Int>]>([])
        let cache = InProcessCache<Int, Int>(
            limit: countsEntries ? .entries(limit) : .weight(limit, heaviest: heaviest), clock: clock
        ) { batch in
            left.withLockedValue { $0 += batch }
        }
        var model: [Int: Item] = [:]
        var dead: [Int: Int] = [:]  // values whose generation is over, by value
        var counts = RemovalCounts()

        for step in 0..<3_000 {
            let key = Int.random(in: 0..<keys, using: &random)
            let now = clock.now
            func isOver(_ item: Item) -> Bool { item.deadline.map { $0 <= now } ?? false }
            let weightBefore = model.values.reduce(0) { $0 + $1.weight }
            var inserted: Int?
            var removed: Int?
            switch Int.random(in: 0..<1_000, using: &random) {
            case 0..<350:
                let weight = Int.random(in: -1...max(heaviest / 2, 3), using: &random)
                let deadline =
                    Bool.random(using: &random)
                    ? now.advanced(by: .seconds(Int.random(in: 0...20, using: &random))) : nil
                inserted = key
                let old = model[key]
                let isKept = cache.insert(step, for: key, weight: weight, deadline: deadline)
                let reported = left.withLockedValue { $0 }
                let isReported = reported.contains { $0.key == key && $0.value == step }
                if weight < 0 && !countsEntries || deadline == now {
                    #expect(!isKept && !isReported)
                    if old == nil { #expect(cache.value(for: key) == nil) }
                } else if isKept || isReported {
                    #expect(isKept != isReported, "seed \(seed), step \(step): kept, or reported as gone")
                    if let old { dead[old.value] = key }
                    model[key] = Item(
                        value: step, weight: countsEntries ? 1 : max(weight, 1), deadline: deadline)
                }
            case 350..<850:
                let value = cache.value(for: key)
                let expected = model[key].flatMap { isOver($0) ? nil : $0.value }
                #expect(value == expected, "seed \(seed), step \(step)")
            case 850..<900:
                removed = key
                #expect(cache.remove(key) == model[key].flatMap { isOver($0) ? nil : $0.value })
            case 900..<905:
                cache.removeAll()
                for (key, item) in model { dead[item.value] = key }
                model = [:]
            default:
                clock.advance(by: .seconds(Int.random(in: 0...2, using: &random)))
            }

            for removal in left.withLockedValue({ left in
                defer { left = [] }
                return left
            }) {
                counts[removal.cause] += 1
                if let key = dead.removeValue(forKey: removal.value) {
                    #expect(key == removal.key)
                    #expect(removal.cause != .size)
                    continue
                }
                guard let item = model.removeValue(forKey: removal.key), item.value == removal.value else {
                    Issue.record("seed \(seed), step \(step): \(removal) left, and was not there")
                    return
                }
                switch removal.cause {
                case .expired: #expect(isOver(item))
                case .invalidated: #expect(removed == removal.key || inserted == removal.key)
                case .size:
                    #expect(!isOver(item) && inserted != nil)
                    #expect(weightBefore + item.weight > limit / 8, "seed \(seed), step \(step): left without need")
                case .replaced: Issue.record("seed \(seed), step \(step): \(removal) was not replaced")
                }
            }
            #expect(cache.count == model.count, "seed \(seed), step \(step)")
            #expect(cache.weight == model.values.reduce(0) { $0 + $1.weight }, "seed \(seed), step \(step)")
            #expect(cache.weight <= limit)
        }
        #expect(cache.statistics.removals == counts)
        for (key, item) in model where item.deadline == nil { #expect(cache.value(for: key) == item.value) }
    }
}
