// SPDX-License-Identifier: Apache-2.0

import Larder
import LarderSessions
import LarderTesting
import NIOCore
import Testing

@Suite struct EmbeddedSessionStoreTests {
    @Test(arguments: SessionStoreConformance.cases)
    func conforms(_ testCase: SessionStoreConformance.Case) async throws {
        try await testCase.run(on: EmbeddedSessionStoreUnderTest())
    }

    @Test func itHoldsSoManyOwnersAndForgetsTheExpired() async throws {
        let clock = ManualClock()
        let store = EmbeddedSessionStore(maximumOwners: 100, clock: clock)
        let terms = SessionTerms(
            idleTimeout: .seconds(60), absoluteTimeout: .seconds(3_600), touchInterval: .seconds(1),
            maximumPerOwner: 1, refusesExcess: false)
        func create(_ number: Int) async throws {
            _ = try await store.create(
                SessionDigest("\(number)"), payload: ByteBuffer(), authenticates: false, under: "\(number)", terms)
        }
        for number in 0..<100 { try await create(number) }
        await #expect { try await create(100) } throws: { ($0 as? SessionError)?.code == .unavailable }
        try await create(99)
        clock.advance(by: .seconds(61))
        for number in 100..<200 { try await create(number) }
        #expect(try await store.read(SessionDigest("99"), under: "99", terms) == .none)
    }
}
