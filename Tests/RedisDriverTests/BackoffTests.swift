// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import RedisDriver

@Suite struct BackoffTests {
    @Test func thePauseDoublesUpToTheLongestAndStartsAnewAfterSuccess() {
        var backoff = Backoff(shortest: .milliseconds(50), longest: .milliseconds(300))
        let pauses = (0..<5).map { _ in backoff.failed(draw: 1) }
        #expect(pauses == [50, 100, 200, 300, 300].map { .milliseconds($0) })
        backoff.succeeded()
        #expect(backoff.failed(draw: 1) == .milliseconds(50))
    }

    @Test func thePauseIsRandomBetweenHalfAndWhole() {
        var backoff = Backoff(shortest: .milliseconds(100), longest: .seconds(1))
        #expect(backoff.failed(draw: 0) == .milliseconds(50))
        #expect(backoff.failed(draw: 0.5) == .milliseconds(150))
        for _ in 0..<1_000 { _ = backoff.failed(draw: 1) }
        #expect(backoff.failed(draw: 0) == .milliseconds(500))
    }

    @Test func aPauseOfNothingIsNoTightLoop() {
        var backoff = Backoff(shortest: .zero, longest: .zero)
        #expect(backoff.failed(draw: 1) >= .milliseconds(1))
    }
}
