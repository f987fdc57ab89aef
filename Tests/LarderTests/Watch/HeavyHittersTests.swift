// SPDX-License-Identifier: Apache-2.0

import LarderTesting
import Testing

@testable import Larder

@Suite struct HeavyHittersTests {
    @Test func whatFitsIsCountedExactly() {
        var hitters = HeavyHitters<String>(capacity: 3)
        for element in ["a", "b", "a", "c", "a", "b"] { hitters.add(element) }
        #expect(hitters.counts == ["a": 3, "b": 2, "c": 1])
    }

    @Test(arguments: [1, 2, 3]) func amongManyEachCountIsShortByNoMoreThanItsShare(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var hitters = HeavyHitters<Int>(capacity: 99)
        var exact: [Int: Int] = [:]
        let total = 100_000
        for _ in 0..<total {
            // Some are asked for often, most once.
            let element =
                Int.random(in: 0..<4, using: &generator) == 0
                ? Int.random(in: 0..<10, using: &generator) : Int.random(in: 10...1_000_000_000, using: &generator)
            hitters.add(element)
            exact[element, default: 0] += 1
        }
        #expect(hitters.counts.count <= 99)
        for (element, count) in exact {
            let known = hitters.counts[element] ?? 0
            #expect(known <= count && known >= count - total / 100)
        }
        #expect(Set(hitters.counts.sorted { $0.value > $1.value }.prefix(10).map(\.key)) == Set(0..<10))
    }
}
