// SPDX-License-Identifier: Apache-2.0

import Foundation
import LarderTesting
import Testing

@testable import Larder

@Suite struct TimeTests {
    @Test func durationsAreHeldWithinTheWiresUnits() {
        #expect(Duration.seconds(-5).clampedMilliseconds == 0)
        #expect(Duration.zero.clampedMilliseconds == 0)
        #expect(Duration.microseconds(1).clampedMilliseconds == 1)
        #expect(Duration.milliseconds(1_500).clampedMilliseconds == 1_500)
        let century = Duration.seconds(Int64.max).clampedMilliseconds
        #expect(century == 100 * 366 * 86_400 * 1_000)
        #expect(Duration.seconds(Int64.max).clampedNanoseconds == .max)
        #expect(Duration.seconds(Int64.min).clampedNanoseconds == .min)
        #expect(Duration.milliseconds(-3).clampedNanoseconds == -3_000_000)
    }

    @Test func instantsSaturate() {
        let end = MonotonicInstant(nanoseconds: .max)
        #expect(end.advanced(by: .seconds(1)) == end)
        #expect(MonotonicInstant(nanoseconds: .min).advanced(by: .seconds(-1)).nanoseconds == .min)
        #expect(MonotonicInstant(nanoseconds: 5).duration(to: MonotonicInstant(nanoseconds: 2)) == .nanoseconds(-3))
        #expect(StoreTime(milliseconds: .max).advanced(by: .seconds(1)).milliseconds == .max)
        #expect(StoreTime(milliseconds: 5).duration(to: StoreTime(milliseconds: 2)) == .zero)
    }

    @Test func theSystemClockGoesOnAndWaits() async throws {
        let clock = SystemClock()
        let start = clock.now
        try await clock.sleep(for: .milliseconds(5))
        #expect(start.duration(to: clock.now) >= .milliseconds(5))
    }

    @Test func aManualClockStandsUntilItIsTold() async throws {
        let clock = ManualClock()
        let date = clock.wallTime
        let sleeper = Task { try await clock.sleep(for: .seconds(10)) }
        await clock.sleepers()
        clock.advance(by: .seconds(9))
        await clock.sleepers()
        clock.advance(by: .seconds(1))
        try await sleeper.value
        #expect(clock.wallTime == date.addingTimeInterval(10))
        #expect(clock.now.nanoseconds == 10_000_000_000)
    }

    @Test func whoIsCancelledWakesUp() async throws {
        let clock = ManualClock()
        let sleeper = Task { try await clock.sleep(for: .seconds(10)) }
        await clock.sleepers()
        sleeper.cancel()
        await #expect(throws: CancellationError.self) { try await sleeper.value }
        let late = Task { try await clock.sleep(for: .seconds(10)) }
        late.cancel()
        await #expect(throws: CancellationError.self) { try await late.value }
    }

    /// Read at every tick, it is never ahead of the exact reading, never goes back, and lags by ticks, not more.
    @Test func theCoarseReadingFollowsTheExactOne() {
        let clock = SystemClock()
        let end = clock.now.advanced(by: .milliseconds(100))
        var last = clock.coarseNow
        var distinct = 0
        while clock.now < end {
            let coarse = clock.coarseNow
            #expect(coarse <= clock.now)
            #expect(coarse >= last)
            if coarse != last { distinct += 1 }
            last = coarse
        }
        #expect(distinct >= 2)
        #expect(last.duration(to: end) < .seconds(1))
    }
}
