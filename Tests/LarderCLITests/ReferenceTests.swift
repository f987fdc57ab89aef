// SPDX-License-Identifier: Apache-2.0

#if CLI
import Foundation
import ServerFixtures
import Testing

@Suite(.timeLimit(.minutes(1))) struct ReferenceTests {
    @Test func theReferenceIsWhatTheToolSays() async throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let check = try ChildProcess(
            root.appending(path: "scripts/reference").path, ["--check"], environment: ["LARDER_TOOL": LarderTool.path])
        let errors = await check.rest(of: check.errors)
        #expect(await check.end() == 0, "\(errors)")
    }
}
#endif
