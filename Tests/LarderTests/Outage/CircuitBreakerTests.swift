// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Larder

@Suite struct CircuitBreakerTests {
    @Test func failuresInARowOpenItOnce() {
        var breaker = CircuitBreaker(threshold: 3)
        let opened = (0..<5).map { _ in breaker.failed() }
        #expect(opened == [false, false, true, false, false])
        #expect(breaker.isOpen)
    }

    @Test func aFewFailuresAmongAnswersDoNot() {
        var breaker = CircuitBreaker(threshold: 3)
        for _ in 0..<1_000 {
            _ = breaker.failed()
            _ = breaker.failed()
            for _ in 0..<3 { breaker.succeeded() }
        }
        #expect(!breaker.isOpen)
    }

    @Test func moreFailuresThanAnswersDo() {
        var breaker = CircuitBreaker(threshold: 3)
        for _ in 0..<10 {
            breaker.succeeded()
            _ = breaker.failed()
            _ = breaker.failed()
        }
        #expect(breaker.isOpen)
    }

    @Test func oldAnswersDoNotMakeUpForAnOutage() {
        var breaker = CircuitBreaker(threshold: 3)
        for _ in 0..<1_000_000 { breaker.succeeded() }
        for _ in 0..<3 { _ = breaker.failed() }
        #expect(breaker.isOpen)
    }

    @Test func aClosedOneCountsAnew() {
        var breaker = CircuitBreaker(threshold: 2)
        for _ in 0..<2 { _ = breaker.failed() }
        // An answer that was on its way does not close it; only a probe does.
        breaker.succeeded()
        #expect(breaker.isOpen)
        breaker.close()
        let first = breaker.failed()
        #expect(!first && !breaker.isOpen)
        let second = breaker.failed()
        #expect(second)
    }
}
