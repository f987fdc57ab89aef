// SPDX-License-Identifier: Apache-2.0

import ServerFixtures
import Testing

/// What other tests rely on to end.
@Suite(.timeLimit(.minutes(1))) struct UnderLoadTests {
    private struct Broken: Error {}

    private let pause: Load = { try await Task.sleep(for: .milliseconds(1)) }

    @Test func aLoadThatFailsEndsTheRest() async {
        let endless: Load = { try await Task.sleep(for: .seconds(3_600)) }
        await #expect(throws: Broken.self) {
            try await underLoad([self.pause, { throw Broken() }, { await Task.yield() }], endless)
        }
    }

    @Test func aBodyThatFailsEndsTheLoads() async {
        await #expect(throws: Broken.self) {
            try await underLoad([self.pause, { await Task.yield() }]) { throw Broken() }
        }
    }
}
