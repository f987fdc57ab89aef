// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Larder

@Suite struct CachePolicyTests {
    private static let now = Date(timeIntervalSince1970: 1_800_000_000)

    private func fresh(_ policy: CachePolicy, _ kind: Entry.Kind = .value, draw: Double = 0) -> Duration {
        policy.lifetime(of: kind, at: Self.now, draw: draw).fresh
    }

    @Test func jitterShortensAndNeverProlongs() {
        let policy = CachePolicy.ttl(.seconds(100))
        #expect(self.fresh(policy) == .seconds(100))
        #expect(self.fresh(policy, draw: 1) == .seconds(90))
        #expect(self.fresh(policy.jitter(0.5), draw: 1) == .seconds(50))
        #expect(self.fresh(policy.jitter(0), draw: 1) == .seconds(100))
        #expect(policy.jitter(7).jitter == 1)
        #expect(policy.jitter(-1).jitter == 0)
        #expect(policy.jitter(.nan).jitter == 0)
    }

    @Test func absencesMayLiveShorter() {
        let policy = CachePolicy.ttl(.seconds(100))
        #expect(self.fresh(policy, .absence) == .seconds(100))
        #expect(self.fresh(policy.absences(for: .seconds(5)), .absence) == .seconds(5))
        #expect(self.fresh(policy.absences(for: .seconds(5))) == .seconds(100))
    }

    @Test func aDateIsAnEnd() {
        #expect(self.fresh(.at(Self.now + 60), draw: 1) == .seconds(60))
        #expect(self.fresh(.at(Self.now - 60)) == .zero)
        #expect(self.fresh(.at(Date(timeIntervalSinceReferenceDate: -1e300))) == .zero)
        #expect(self.fresh(.at(Date(timeIntervalSinceReferenceDate: .nan))) == .zero)
        #expect(self.fresh(.at(.distantFuture)) > .seconds(900_000_000))
    }

    @Test func whatMayBeServedLaterIsKeptLonger() {
        let policy = CachePolicy.ttl(.seconds(100)).staleWhileRevalidate(for: .seconds(10))
        #expect(policy.lifetime(of: .value, at: Self.now, draw: 0).kept == .seconds(110))
        let longer = policy.staleIfError(for: .seconds(50))
        #expect(longer.lifetime(of: .value, at: Self.now, draw: 0).kept == .seconds(150))
    }

    @Test func slidingLivesForItsIdleTimeAtFirst() {
        #expect(self.fresh(.sliding(idle: .seconds(10), atMost: .seconds(60)), draw: 1) == .seconds(10))
        #expect(self.fresh(.sliding(idle: .seconds(10), atMost: .seconds(6))) == .seconds(6))
        #expect(CachePolicy.ttl(.seconds(1)).invalidationMethod == .remove)
        #expect(CachePolicy.ttl(.seconds(1)).holdOff(.seconds(2)).invalidationMethod == .holdOff(.seconds(2)))
        #expect(
            CachePolicy.ttl(.seconds(1)).staleIfError(for: .seconds(1), afterInvalidation: true).invalidationMethod
                == .expire)
    }
}
