// SPDX-License-Identifier: Apache-2.0

import LarderTesting
import Testing

@testable import Larder

@Suite struct FrequencySketchTests {
    @Test func countsUpToFifteen() {
        var sketch = FrequencySketch(capacity: 1_000)
        #expect(sketch.frequency(of: 7) == 0)
        for count in 1...40 as ClosedRange<UInt64> {
            sketch.increment(7)
            #expect(sketch.frequency(of: 7) == min(count, 15))
        }
    }

    /// Too much for keys that meet others, too little for those whose line has aged: a few.
    @Test func countsMostKeysRight() {
        var random = SeededGenerator(seed: 1)
        var sketch = FrequencySketch(capacity: 40_960)
        let hashes = (0..<2_000).map { _ in UInt32.random(in: 0 ... .max, using: &random) }
        for (number, hash) in hashes.enumerated() {
            for _ in 0..<number % 4 { sketch.increment(hash) }
        }
        let errors = hashes.enumerated().map { Int(sketch.frequency(of: $1)) - $0 % 4 }
        #expect(errors.filter { $0 != 0 }.count < 100)
    }

    @Test func forgets() {
        var random = SeededGenerator(seed: 2)
        var sketch = FrequencySketch(capacity: 2_048)
        for _ in 0..<15 { sketch.increment(42) }
        // Ten for each key of the capacity halve every count once, the counts of these keys included.
        for _ in 0..<2_048 * 10 { sketch.increment(.random(in: 0 ... .max, using: &random)) }
        #expect((6...13).contains(sketch.frequency(of: 42)))
        for _ in 0..<2_048 * 100 { sketch.increment(.random(in: 0 ... .max, using: &random)) }
        #expect(sketch.frequency(of: 42) <= 10)
    }

    @Test func growsAndAgesBySize() {
        var sketch = FrequencySketch(capacity: 16)
        sketch.increment(3)
        sketch.grow(capacity: 32)
        #expect(sketch.frequency(of: 3) == 1, "there was room")
        sketch.grow(capacity: 100_000)
        #expect(sketch.frequency(of: 3) == 0)
        sketch.increment(3)
        #expect(sketch.frequency(of: 3) == 1)
    }
}
