// SPDX-License-Identifier: Apache-2.0

import LarderTesting
import NIOConcurrencyHelpers
import Testing

@testable import Larder

@Suite struct RandomSourceTests {
    @Test func exponentialNumbersAreDistributedSo() {
        let generator = NIOLockedValueBox(SeededGenerator(seed: 1))
        let source = RandomSource { generator.withLockedValue { $0.next() } }
        let numbers = (0..<100_000).map { _ in source.exponential() }
        let mean = numbers.reduce(0, +) / 100_000
        #expect(abs(mean - 1) < 0.01)
        // e^-0.5, e^-1, e^-2.
        for (bound, share) in [(0.5, 0.6065), (1, 0.3679), (2, 0.1353)] {
            #expect(abs(Double(numbers.count { $0 > bound }) / 100_000 - share) < 0.005)
        }
    }
}
