// SPDX-License-Identifier: Apache-2.0

import Larder
import Testing

@testable import LarderRedis

@Suite struct ServerTimeTests {
    private func instant(_ milliseconds: Int64) -> MonotonicInstant {
        MonotonicInstant(nanoseconds: milliseconds * 1_000_000)
    }

    private func server(_ milliseconds: UInt64) -> StoreTime { StoreTime(milliseconds: milliseconds) }

    @Test func theEstimateIsNeverBehind() {
        var time = ServerTime()
        #expect(time.now(at: self.instant(0)) == nil)
        // Sent at 0, answered at 10: the server said 5000 at any moment between.
        time.learn(self.server(5_000), sent: self.instant(0), received: self.instant(10))
        #expect(time.now(at: self.instant(10)) == self.server(5_010))
        #expect(time.now(at: self.instant(1_000)) == self.server(6_000))
    }

    @Test func aFastAnswerIsPreferredToASlowOne() {
        var time = ServerTime()
        time.learn(self.server(5_000), sent: self.instant(0), received: self.instant(1))
        time.learn(self.server(6_040), sent: self.instant(1_000), received: self.instant(1_050))
        #expect(time.now(at: self.instant(1_050)) == self.server(6_050))
        time.learn(self.server(7_000), sent: self.instant(2_000), received: self.instant(2_001))
        #expect(time.now(at: self.instant(2_001)) == self.server(7_001))
    }

    @Test func aClockThatSteppedIsFollowed() {
        for step in [UInt64(100_000), 3_000] {
            var time = ServerTime()
            time.learn(self.server(50_000), sent: self.instant(0), received: self.instant(1))
            time.learn(self.server(step), sent: self.instant(100), received: self.instant(150))
            #expect(time.now(at: self.instant(150)) == self.server(step + 50))
        }
    }

    @Test func anOldAnswerIsReplacedByAnyNewOne() {
        var time = ServerTime()
        time.learn(self.server(5_000), sent: self.instant(0), received: self.instant(1))
        #expect(!time.isStale(at: self.instant(30_000)))
        #expect(time.isStale(at: self.instant(30_001)))
        time.learn(self.server(36_000), sent: self.instant(31_000), received: self.instant(31_500))
        #expect(time.now(at: self.instant(31_500)) == self.server(36_500))
    }
}
