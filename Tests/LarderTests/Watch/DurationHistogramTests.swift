// SPDX-License-Identifier: Apache-2.0

import LarderTesting
import Testing

@testable import Larder

@Suite struct DurationHistogramTests {
    @Test func thereIsNoQuantileOfNothing() {
        #expect(DurationHistogram().quantile(0.5) == nil)
    }

    @Test func aQuantileIsNotShortOfWhatItStandsForAndNotMuchLonger() throws {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<1_000 {
            let nanoseconds =
                Int64(2).power(.random(in: 0...41, using: &generator)) &+ .random(in: 0..<1_000, using: &generator)
            var histogram = DurationHistogram()
            histogram.add(.nanoseconds(nanoseconds))
            let quantile = try #require(histogram.quantile(0.5))
            #expect(quantile >= .nanoseconds(nanoseconds))
            #expect(quantile <= max(.nanoseconds(nanoseconds * 3 / 2 + 1), .microseconds(1)), "\(nanoseconds)")
        }
    }

    @Test func sharesAreCountedFromTheShortest() {
        var histogram = DurationHistogram()
        for _ in 0..<98 { histogram.add(.microseconds(1)) }
        histogram.add(.milliseconds(1))
        histogram.add(.seconds(1))
        #expect(histogram.quantile(0) == .microseconds(1))
        #expect(histogram.quantile(0.98) == .microseconds(1))
        #expect(histogram.quantile(0.99) == .microseconds(1_024))
        #expect(histogram.quantile(1) == .microseconds(1_048_576))
        var both = DurationHistogram()
        both.add(.microseconds(2))
        both.add(histogram)
        #expect(both.count == 101 && both.quantile(1) == histogram.quantile(1))
    }

    @Test func whatNoOneWaitsForIsCountedToo() {
        var histogram = DurationHistogram()
        for duration in [Duration.zero, .seconds(-1), .seconds(Int64.max)] { histogram.add(duration) }
        #expect(histogram.count == 3)
        #expect(histogram.quantile(0.5) == .microseconds(1))
        #expect(histogram.quantile(1).map { $0 > .seconds(3_600) } == true)
    }
}

extension Int64 {
    fileprivate func power(_ exponent: Int) -> Int64 { (0..<exponent).reduce(1) { product, _ in product * self } }
}
