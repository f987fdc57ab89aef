// SPDX-License-Identifier: Apache-2.0

import Foundation
import Larder
import Synchronization

/// Nanoseconds for a hit among a thousand hot keys with deadlines, beside a dictionary under a lock that has none.
///
/// Keys are asked for in random order, and are other objects than those that were stored, as a request's are.
enum Speed {
    final class Value: Sendable {
        let number = 1
    }

    /// Prints medians of rounds, and the ratios of each to its bound; returns whether all are kept.
    static func print() -> Bool {
        // A process with one thread gets cheaper locks than any service has.
        Thread.detachNewThread { Thread.sleep(forTimeInterval: 3_600) }
        let names = (0..<1_000).map { 1_000_000 + $0 }
        let order = (0..<16_384).map { _ in Int.random(in: 0..<1_000) }
        let stored = names.map { "shop:product:i.\($0)" }
        let texts = order.map { String(decoding: Array(stored[$0].utf8), as: UTF8.self) }
        let keys = order.map { CacheKey(namespace: "shop", region: "product", names[$0]) }

        let deadline = SystemClock().now.advanced(by: .seconds(3_600))
        let dictionary = Mutex<[String: Value]>([:])
        let byNumber = InProcessCache<Int, Value>(limit: .entries(100_000))
        let byKey = InProcessCache<CacheKey, Value>(limit: .entries(100_000))
        let byText = InProcessCache<String, Value>(limit: .entries(100_000))
        let flooded = InProcessCache<Int, Value>(limit: .entries(100_000))
        for (index, name) in names.enumerated() {
            dictionary.withLock { $0[stored[index]] = Value() }
            byNumber.insert(Value(), for: index, deadline: deadline)
            byKey.insert(Value(), for: CacheKey(namespace: "shop", region: "product", name), deadline: deadline)
            byText.insert(Value(), for: stored[index], deadline: deadline)
            flooded.insert(Value(), for: index << 40, deadline: deadline)
        }
        let floodOrder = order.map { $0 << 40 }

        var times: [String: [Double]] = [:]
        for _ in 0..<7 {
            func measure(_ name: String, _ hits: () -> Int) { times[name, default: []].append(self.time(hits)) }
            measure("dictionary") { Self.count(texts) { text in dictionary.withLock { $0[text] } } }
            measure("Int") { Self.count(order) { byNumber.value(for: $0) } }
            measure("CacheKey") { Self.count(keys) { byKey.value(for: $0) } }
            measure("String") { Self.count(texts) { byText.value(for: $0) } }
            measure("Int, equal low bits") { Self.count(floodOrder) { flooded.value(for: $0) } }
            times["two threads", default: []].append(
                self.timeOfTwo(order) { keys in Self.count(keys) { byNumber.value(for: $0) } })
            times["dictionary, two threads", default: []].append(
                self.timeOfTwo(order) { keys in Self.count(keys) { key in dictionary.withLock { $0[stored[key]] } } })
        }

        func median(_ name: String, over base: String) -> Double {
            let ratios = zip(times[name] ?? [], times[base] ?? []).map { $0 / $1 }.sorted()
            return ratios[ratios.count / 2]
        }
        func nanoseconds(_ name: String) -> Double {
            let sorted = (times[name] ?? []).sorted()
            return sorted[sorted.count / 2]
        }
        var isGood = true
        func line(_ name: String, _ ratio: Double, _ relation: String, _ bound: Double, isKept: Bool) {
            isGood = isGood && isKept
            Swift.print(
                "\(name.padding(toLength: 28, withPad: " ", startingAt: 0))"
                    + String(format: "%6.1f ns  %5.2f ", nanoseconds(name), ratio)
                    + "(\(relation) \(bound))\(isKept ? "" : " MISSED")")
        }
        Swift.print(
            "Mutex<[String: Value]>      " + String(format: "%6.1f ns", nanoseconds("dictionary"))
                + String(format: ", two threads %.1f ns", nanoseconds("dictionary, two threads")))
        for (name, bound) in [("Int", 0.4), ("CacheKey", 0.6), ("String", 0.8)] {
            let ratio = median(name, over: "dictionary")
            line(name, ratio, "of the dictionary's, at most", bound, isKept: ratio <= bound)
        }
        let flood = median("Int, equal low bits", over: "Int")
        line("Int, equal low bits", flood, "of Int's, at most", 4, isKept: flood <= 4)
        let gain = 1 / median("two threads", over: "Int")
        line("two threads", gain, "times the throughput of one, at least", 1.5, isKept: gain >= 1.5)
        return isGood
    }

    @inline(__always)
    private static func count<Key>(_ keys: [Key], _ value: (Key) -> Value?) -> Int {
        var hits = 0
        for _ in 0..<100 {
            for key in keys {
                if let value = value(key) { hits += value.number }
            }
        }
        return hits
    }

    private static func time(_ hits: () -> Int) -> Double {
        let start = ContinuousClock.now
        let hits = hits()
        let time = (ContinuousClock.now - start) / .nanoseconds(1)
        precondition(hits == 100 * 16_384)
        return time / Double(hits)
    }

    /// Time by the number of all lookups, of two threads that ask for different keys.
    private static func timeOfTwo(_ order: [Int], _ count: @Sendable ([Int]) -> Int) -> Double {
        let halves = [order.filter { $0 < 500 }, order.filter { $0 >= 500 }].map { $0.prefix(8_000).map { $0 } }
        let start = ContinuousClock.now
        DispatchQueue.concurrentPerform(iterations: 2) { half in
            precondition(count(halves[half]) == halves[half].count * 100)
        }
        return (ContinuousClock.now - start) / .nanoseconds(1) / Double(100 * (halves[0].count + halves[1].count))
    }
}
