// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Larder

@Suite struct CachePolicyTests {
    @Test func jitterShortensAndNeverProlongs() {
        let policy = CachePolicy.ttl(.seconds(100))
        #expect(policy.lifetime(of: .value, draw: 0).fresh == .seconds(100))
        #expect(policy.lifetime(of: .value, draw: 1).fresh == .seconds(90))
        #expect(policy.jitter(0.5).lifetime(of: .value, draw: 1).fresh == .seconds(50))
        #expect(policy.jitter(0).lifetime(of: .value, draw: 1).fresh == .seconds(100))
        #expect(policy.jitter(7).jitter == 1)
        #expect(policy.jitter(-1).jitter == 0)
        #expect(policy.jitter(.nan).jitter == 0)
    }

    @Test func absencesMayLiveShorter() {
        let policy = CachePolicy.ttl(.seconds(100)).jitter(0)
        #expect(policy.lifetime(of: .absence, draw: 0).fresh == .seconds(100))
        let shorter = policy.absences(for: .seconds(5))
        #expect(shorter.lifetime(of: .absence, draw: 0).fresh == .seconds(5))
        #expect(shorter.lifetime(of: .value, draw: 0).fresh == .seconds(100))
    }
}
