// SPDX-License-Identifier: Apache-2.0

#if CLI
import Foundation
import ServerFixtures
import Testing

@Suite(.timeLimit(.minutes(1))) struct ACLCommandTests {
    private func file(_ text: String) throws -> String {
        let url = FileManager.default.temporaryDirectory.appending(path: "policy-\(UUID()).json")
        try Data(text.utf8).write(to: url)
        return url.path
    }

    @Test func printsWhatTheServerTakes() async throws {
        let command = try await LarderTool.run("acl", "shop", "--use", "cache", "sessions")
        #expect(command.status == 0 && command.output.hasPrefix("ACL SETUSER shop on clearselectors resetkeys"))
        let rules = command.output.split(separator: " ").map(String.init)
        #expect(
            rules.contains("~shop:[^+]*") && rules.contains("~shop:+session:*") && !rules.contains("~shop:+limit:*"))
        let server = try await RedisServer(
            .init(users: [
                "shop on >secret \(rules.dropFirst(4).joined(separator: " "))".trimmingCharacters(in: .newlines)
            ]))
        let url = ["REDIS_URL": server.url]
        let fine = try await LarderTool.run("acl", "shop", "--use", "cache", "sessions", "--check", environment: url)
        #expect(fine.status == 0 && fine.output == "shop has these rights and no others\n")
        let less = try await LarderTool.run("acl", "shop", "--check", "--json", environment: url)
        #expect(less.status == 1 && less.output.contains(#""get shop:+limit:x is denied""#))
        let other = try await LarderTool.run("acl", "shop", "--name", "default", "--check", environment: url)
        #expect(other.status == 1 && other.output.contains("flushall is allowed\n"))
        let nobody = try await LarderTool.run("acl", "shop", "--name", "nobody", "--check", "--url", server.url)
        #expect(nobody.status == 69 && nobody.errors.contains("there is no user nobody") && nobody.output.isEmpty)
        await server.kill()
        let gone = try await LarderTool.run("acl", "shop", "--check", environment: url)
        #expect(gone.status == 69 && gone.output.isEmpty)
    }

    @Test func aPolicyGivesTheRightsOfWhomItIsAskedFor() async throws {
        let policy = try self.file(
            """
            {"rules": [{"subject": {"role": "clerk"}, "operations": ["read"], "space": {"owner": "tenant"}}]}
            """)
        let clerk = try await LarderTool.run(
            "acl", "shop", "--use", "cache", "--policy", policy, "--tenant", "acme", "--role", "clerk", "--name", "acme"
        )
        #expect(
            clerk.status == 0 && clerk.output.contains("ACL SETUSER acme on")
                && clerk.output.contains(" ~shop:@acme@* "))
        let nobody = try await LarderTool.run("acl", "shop", "--use", "cache", "--policy", policy)
        #expect(nobody.status == 0 && !nobody.output.contains("~"))
    }

    @Test func whatCannotBeAskedForIsToldClearly() async throws {
        for (arguments, status, word) in [
            (["acl"], 64, "namespace"), (["acl", "shop", "--tenant", "acme"], 64, "--policy"),
            (["acl", "shop", "--use", "magic"], 64, "magic"), (["acl", "shop", "--check"], 64, "REDIS_URL"),
            (["sing"], 64, "sing"), (["acl", "shop", "--policy", "/nowhere"], 66, "/nowhere"),
            (["acl", "shop", "--policy", try self.file(#"{"rules": [{}]}"#)], 66, "no policy"),
        ] as [([String], Int32, String)] {
            let result = try await LarderTool.run(arguments)
            #expect(result.status == status, "\(arguments)")
            #expect(result.errors.contains(word), "\(result.errors)")
        }
    }
}
#endif
