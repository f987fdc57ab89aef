// SPDX-License-Identifier: Apache-2.0

import Larder
import LarderRedis
import LarderTesting
import NIOConcurrencyHelpers
import NIOCore
import RedisDriver
import ServerFixtures
import Testing

private let server = Task { try await RedisServer() }

@Suite(.timeLimit(.minutes(1))) struct RedisRateLimitTests {
    private func client() async throws -> RedisClient {
        try RedisClient(RedisClientConfiguration(port: try await server.value.port))
    }

    /// As many pass as the algorithm says, not one more or less: each that did has moved the arrival time by just what it costs.
    @Test func twoProcessesPassExactlyWhatTheLimitSays() async throws {
        let name = "exact-\(UInt64.random(in: 0 ... .max))"
        let processes = try await [self.client(), self.client()].map {
            RateLimiter(
                // A burst that a busy machine does not let come back unseen.
                name, .rate(10, per: .seconds(1), burst: 50), in: "limits",
                store: RedisRateLimitStore($0, timeout: .seconds(10)))
        }
        let admin = try await self.client()
        func arrival() async throws -> Int64 {
            try await admin.execute(GET("limits:+limit:s.\(name):s.a")).flatMap { Int64(String(buffer: $0)) } ?? 0
        }
        #expect(try await processes[0].check("a").outcome == .allowed)
        let first = try await arrival()
        let passed = NIOLockedValueBox(0)
        let start = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for process in processes {
                for _ in 0..<8 {
                    group.addTask {
                        while ContinuousClock.now - start < .seconds(1) {
                            if try await process.check("a").outcome == .allowed { passed.withLockedValue { $0 += 1 } }
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        let count = passed.withLockedValue { $0 }
        #expect(try await arrival() - first == Int64(count) * 100_000)
        let most = 49 + Int((ContinuousClock.now - start) / .milliseconds(100)) + 1
        #expect((59...most).contains(count), "\(count) after the first, of a burst of 50")
    }

    /// The scripts decide as the rules in the process do.
    @Test(arguments: [
        RateLimit.rate(10, per: .seconds(36_000)), .rate(7, per: .seconds(9_000), burst: 3),
        .slidingWindow(10, per: .seconds(8_640_000)),
    ])
    func scriptsDecideAsTheRulesDo(_ limit: RateLimit) async throws {
        let name = "rules-\(UInt64.random(in: 0 ... .max))"
        // At the same place in its window as the server.
        let time = try await self.client().execute(RawCommand("TIME"))
        guard case .array(let parts) = time, let now = parts.first?.integer else { return }
        let clock = ManualClock()
        clock.advance(by: .seconds(now))
        let embedded = RateLimiter(name, limit, in: "limits", store: EmbeddedRateLimitStore(clock: clock))
        let redis = RateLimiter(
            name, limit, in: "limits", store: RedisRateLimitStore(try await self.client(), timeout: .seconds(10)))
        for _ in 0..<40 {
            let cost = Int.random(in: 0...12)
            let (ours, theirs) = (try await embedded.check("a", cost: cost), try await redis.check("a", cost: cost))
            #expect(ours.outcome == theirs.outcome && ours.remaining == theirs.remaining, "\(ours) \(theirs)")
            #expect((ours.retryAfter == nil) == (theirs.retryAfter == nil))
            for (one, other) in [
                (ours.retryAfter ?? .zero, theirs.retryAfter ?? .zero), (ours.resetAfter, theirs.resetAfter),
            ] {
                #expect(one >= other - .seconds(20) && one <= other + .seconds(20), "\(one) \(other)")
            }
        }
    }

    @Test(arguments: [RateLimit.rate(2, per: .milliseconds(400)), .slidingWindow(2, per: .milliseconds(400))])
    func aDenialWritesNothingAndAKeyIsThereAsLongAsItMatters(_ limit: RateLimit) async throws {
        let server = try await RedisServer()
        let client = try RedisClient(RedisClientConfiguration(port: server.port))
        let limiter = RateLimiter("x", limit, in: "limits", store: RedisRateLimitStore(client, timeout: .seconds(10)))
        while try await limiter.check("a").outcome == .allowed {}
        _ = try await client.execute(RawCommand("CONFIG", "RESETSTAT"))
        let decision = try await limiter.check("a")
        let stats = try await client.execute(RawCommand("INFO", "commandstats")).text ?? ""
        if decision.outcome == .denied { #expect(!stats.contains("cmdstat_set:")) }
        #expect(try await client.execute(RawCommand("DBSIZE")).integer == 1)
        try await Task.sleep(for: .milliseconds(900))
        #expect(try await client.execute(RawCommand("DBSIZE")).integer == 0)
    }

    @Test func aDecisionIsOneRoundTrip() async throws {
        let proxy = try await FaultProxy(to: try await server.value.port)
        let client = try RedisClient(RedisClientConfiguration(port: proxy.port))
        let limiter = RateLimiter(
            "trips", .rate(10, per: .seconds(1)), in: "limits",
            store: RedisRateLimitStore(client, timeout: .seconds(10)))
        _ = try await limiter.check("a")
        proxy.resetCount()
        _ = try await limiter.check("a")
        #expect(proxy.roundTrips == 1)
    }

    @Test(arguments: ["x", "-1", "1e300", "nan", "99999999999999999999", "1 2", "9999999999999 5 5"])
    func foreignBytesAreNoLimit(_ bytes: String) async throws {
        let client = try await self.client()
        for (name, limit) in [
            ("foreign", RateLimit.rate(2, per: .seconds(60))), ("windows", .slidingWindow(2, per: .seconds(60))),
        ] {
            let limiter = RateLimiter(
                name, limit, in: "limits", store: RedisRateLimitStore(client, timeout: .seconds(10)))
            try await client.execute(SET("limits:+limit:s.\(name):s.\(bytes.utf8.count)", bytes))
            let decision = try await limiter.check("\(bytes.utf8.count)")
            #expect(decision.outcome != .unknown && decision.remaining >= 0)
            if let wait = decision.retryAfter { #expect(wait <= .seconds(120)) }
        }
    }

    /// What is remembered from ahead of the time, since the clock was set back, or the limit was a looser one, denies no longer than the
    /// limit itself can.
    @Test func whatLiesAheadIsHeldToTheTime() async throws {
        let client = try await self.client()
        for (name, limit, ahead) in [
            ("ahead-rate", RateLimit.rate(2, per: .milliseconds(400)), "4102444800000000"),
            ("ahead-window", .slidingWindow(2, per: .milliseconds(400)), "9102444800000 2 2"),
        ] {
            let limiter = RateLimiter(
                name, limit, in: "limits", store: RedisRateLimitStore(client, timeout: .seconds(10)))
            try await client.execute(SET("limits:+limit:s.\(name):s.a", ahead))
            #expect(try await limiter.check("a").outcome == .denied)
            try await Task.sleep(for: .milliseconds(850))
            #expect(try await limiter.check("a").outcome == .allowed, "\(name)")
        }
    }

    @Test func aServerThatDoesNotAnswerLetsPassOrNotAsIsToldAndInTime() async throws {
        let server = try await RedisServer()
        let client = try RedisClient(RedisClientConfiguration(port: server.port))
        func limiter(_ failure: RateLimiter.Failure) -> RateLimiter {
            RateLimiter(
                "x", .rate(2, per: .seconds(60)), in: "limits", store: .redis(client), whenUnavailable: failure)
        }
        _ = try await limiter(.open).check("a")
        server.pause()
        let start = ContinuousClock.now
        let decision = try await limiter(.open).check("a")
        #expect(decision.outcome == .unknown && ContinuousClock.now - start < .seconds(2))
        #expect(limiter(.open).isPassing(decision) && !limiter(.closed).isPassing(decision))
        server.resume()
    }
}
