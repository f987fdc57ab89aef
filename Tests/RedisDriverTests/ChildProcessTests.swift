// SPDX-License-Identifier: Apache-2.0

import Foundation
import ServerFixtures
import Testing

@Suite(.timeLimit(.minutes(1))) struct ChildProcessTests {
    /// Programs that are started at the same moment may get each other's descriptors.
    @Test func theEndOfAProgramIsSeenThoughOthersGoOn() async throws {
        for _ in 0..<100 {
            let others = try await withThrowingTaskGroup(of: ChildProcess?.self) { group in
                for index in 0..<8 {
                    group.addTask {
                        guard index.isMultiple(of: 2) else { return try ChildProcess("sleep", ["600"]) }
                        let program = try ChildProcess("false")
                        #expect(await program.end() == 1)
                        return nil
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            for other in others { other?.signal(SIGKILL) }
            for other in others { if let other { #expect(await other.end() == SIGKILL) } }
        }
    }
}
