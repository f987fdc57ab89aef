// SPDX-License-Identifier: Apache-2.0

import Larder
import LarderTesting
import Testing

@Suite struct RateLimiterTests {
    private let clock = ManualClock()

    private func limiter(_ limit: RateLimit, store: EmbeddedRateLimitStore? = nil) -> RateLimiter {
        RateLimiter("test", limit, in: "shop", store: store ?? EmbeddedRateLimitStore(clock: self.clock))
    }

    @Test func aBurstPassesAndThenAsManyAsTheRateSays() async throws {
        let limiter = self.limiter(.rate(10, per: .seconds(1), burst: 5))
        for left in [4, 3, 2, 1, 0] {
            let decision = try await limiter.check("a")
            #expect(decision.outcome == .allowed && decision.remaining == left)
            #expect(decision.resetAfter == .milliseconds(100 * (5 - left)))
        }
        for _ in 0..<3 {
            let decision = try await limiter.check("a")
            #expect(
                decision
                    == RateDecision(
                        outcome: .denied, remaining: 0, retryAfter: .milliseconds(100),
                        resetAfter: .milliseconds(500)))
        }
        self.clock.advance(by: .microseconds(99_999))
        #expect(try await limiter.check("a").retryAfter == .microseconds(1))
        self.clock.advance(by: .microseconds(1))
        #expect(try await limiter.check("a").outcome == .allowed)
        #expect(try await limiter.check("a").outcome == .denied)
        #expect(try await limiter.check("b").outcome == .allowed)
        self.clock.advance(by: .seconds(10))
        for _ in 0..<5 { #expect(try await limiter.check("a").outcome == .allowed) }
        #expect(try await limiter.check("a").outcome == .denied)
    }

    /// However requests come, those that pass are what the rate and the burst make of the time.
    @Test(arguments: [(7, 1), (10, 5), (333, 333), (1, 1), (1_000, 17)])
    func neverMorePassThanTheRateAndTheBurst(_ count: Int, _ burst: Int) async throws {
        let limiter = self.limiter(.rate(count, per: .seconds(1), burst: burst))
        var passed = 0
        for _ in 0..<5_000 {
            if try await limiter.check("a").outcome == .allowed { passed += 1 }
            self.clock.advance(by: .microseconds(.random(in: 0...2_000)))
        }
        let emission = (1_000_000 / Double(count)).rounded(.up)
        let elapsed = Double(self.clock.now.nanoseconds) / 1_000
        #expect(passed <= burst + Int(elapsed / emission))
        // And not fewer, for they came more often than they could pass.
        if count <= 333 { #expect(passed >= Int(elapsed / emission)) }
    }

    @Test func somethingMayCostMoreThanOne() async throws {
        let limiter = self.limiter(.rate(10, per: .seconds(1)))
        #expect(try await limiter.check("a", cost: 7).remaining == 3)
        #expect(try await limiter.check("a", cost: 4).retryAfter == .milliseconds(100))
        #expect(try await limiter.check("a", cost: 0).remaining == 3)
        #expect(try await limiter.check("a", cost: 3).outcome == .allowed)
        let never = try await limiter.check("a", cost: 11)
        #expect(never.outcome == .denied && never.retryAfter == nil)
    }

    @Test func aWindowSlides() async throws {
        let limiter = self.limiter(.slidingWindow(10, per: .seconds(10)))
        for left in (0..<10).reversed() { #expect(try await limiter.check("a").remaining == left) }
        let denied = try await limiter.check("a")
        // In the next window a tenth of the ten has gone after a second.
        #expect(denied.outcome == .denied && denied.retryAfter == .seconds(11))
        #expect(denied.resetAfter == .seconds(20))
        self.clock.advance(by: .seconds(11))
        #expect(try await limiter.check("a").outcome == .allowed)
        let next = try await limiter.check("a")
        #expect(next.outcome == .denied && next.retryAfter == .seconds(1))
        self.clock.advance(by: .seconds(1))
        #expect(try await limiter.check("a").outcome == .allowed)
        self.clock.advance(by: .seconds(20))
        #expect(try await limiter.check("a").remaining == 9)
        #expect(try await limiter.check("a", cost: 11).retryAfter == nil)
    }

    @Test(arguments: [RateLimit.rate(5, per: .seconds(10)), .slidingWindow(5, per: .seconds(10))])
    func whatIsDeniedIsNotCounted(_ limit: RateLimit) async throws {
        let limiter = self.limiter(limit)
        for _ in 0..<5 { _ = try await limiter.check("a") }
        let first = try #require(try await limiter.check("a").retryAfter)
        for _ in 0..<100 { _ = try await limiter.check("a") }
        #expect(try await limiter.check("a").retryAfter == first)
        self.clock.advance(by: first)
        #expect(try await limiter.check("a").outcome == .allowed)
    }

    @Test func keysAreToldApart() async throws {
        let store = EmbeddedRateLimitStore(clock: self.clock)
        let one = self.limiter(.rate(1, per: .seconds(1)), store: store)
        let other = RateLimiter("other", .rate(1, per: .seconds(1)), in: "shop", store: store)
        #expect(try await one.check("a", "b").outcome == .allowed)
        #expect(try await one.check("a:b").outcome == .allowed)
        #expect(try await one.check("a", 1).outcome == .allowed)
        #expect(try await one.check("a", "1").outcome == .allowed)
        #expect(try await other.check("a", "b").outcome == .allowed)
        #expect(try await one.check("a", "b").outcome == .denied)
    }

    @Test func whatWasUsedIsGivenBack() async throws {
        let limiter = self.limiter(.rate(1, per: .seconds(1)))
        #expect(try await limiter.check("a").outcome == .allowed)
        #expect(try await limiter.check("b").outcome == .allowed)
        try await limiter.reset("a")
        #expect(try await limiter.check("a").outcome == .allowed)
        #expect(try await limiter.check("b").outcome == .denied)
    }

    @Test func whoHasNoRoomForMoreKeysDoesNotForgetThoseInUse() async throws {
        let store = EmbeddedRateLimitStore(maximumKeys: 10, clock: self.clock)
        let open = self.limiter(.rate(1, per: .seconds(1)), store: store)
        let closed = RateLimiter(
            "test", .rate(1, per: .seconds(1)), in: "shop", store: store, whenUnavailable: .closed)
        for key in 0..<10 { #expect(try await open.check(key).outcome == .allowed) }
        let decision = try await open.check(10)
        #expect(decision.outcome == .unknown && open.isPassing(decision) && !closed.isPassing(decision))
        for key in 0..<10 { #expect(try await open.check(key).outcome == .denied) }
        self.clock.advance(by: .seconds(1))
        #expect(try await open.check(10).outcome == .allowed)
    }

    @Test func aLimitThatIsMadeTighterDeniesNoLongerThanItCan() async throws {
        let store = EmbeddedRateLimitStore(clock: self.clock)
        for (loose, tight) in [
            (RateLimit.rate(100, per: .seconds(3_600)), RateLimit.rate(10, per: .seconds(60))),
            (.slidingWindow(100, per: .seconds(1)), .slidingWindow(10, per: .seconds(60))),
        ] {
            let before = self.limiter(loose, store: store)
            for _ in 0..<100 { _ = try await before.check("a") }
            let after = self.limiter(tight, store: store)
            let denied = try await after.check("a")
            #expect(denied.outcome == .denied && denied.remaining == 0)
            self.clock.advance(by: try #require(denied.retryAfter))
            #expect(try await after.check("a").outcome == .allowed)
            self.clock.advance(by: .seconds(7_200))
        }
    }

    @Test func limitsOutOfBoundsAreTakenAsTheNearestThatCanBe() async throws {
        for limit in [
            RateLimit.rate(0, per: .zero), .rate(.max, per: .seconds(.max / 4), burst: .max),
            .slidingWindow(.min, per: .seconds(-1)), .slidingWindow(.max, per: .seconds(1)),
        ] {
            let limiter = self.limiter(limit)
            #expect(try await limiter.check("a").outcome == .allowed)
            #expect(try await limiter.check("a", cost: .max).outcome == .denied)
            #expect(try await limiter.check("a", cost: -1).outcome == .allowed)
        }
    }
}
