// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOCore
import NIOHTTP1
import Testing

@testable import Storefront

extension StorefrontTests {
    /// Who gets to the console; what it does is tested with the library and, in a browser, by `scripts/console`.
    @Suite struct ConsoleTests {
        @Test(.timeLimit(.minutes(1))) func onAMachineOfOnesOwnItIsThere() async throws {
            try await RunningStorefront.run(console: .thisMachine) { client in
                _ = try await client.get("/products/42")
                #expect(try await client.get("/console/").status == 200)
                #expect(
                    try await client.get("/console/entries?tag=product:42").text.contains("storefront:product:i.42"))
                #expect(try await client.get("/console/", headers: ["X-Forwarded-For": "192.0.2.1"]).status == 403)
                let end = #"{"tag":"product:42"}"#
                #expect(try await client.post("/console/invalidate", end).status == 403)
                let ended = try await client.send(
                    .POST, "/console/invalidate", ByteBuffer(string: end), ["X-CSRF-Token": "console"])
                #expect(ended.text == #"{"outcome":"applied"}"#)
                #expect(try await client.get("/products/42").cache == "MISS")
            }
        }

        @Test(.timeLimit(.minutes(1))) func operatorsLogIn() async throws {
            try await RunningStorefront.run(console: .operators(["3"])) { client in
                #expect(try await client.get("/console/").status == 401)
                var other = try await Shopper(logsInAs: 4, at: client)
                #expect(try await other.send(.GET, "/console/overview").status == 403)
                var ann = try await Shopper(logsInAs: 3, at: client)
                let overview = try await ann.send(.GET, "/console/overview")
                #expect(overview.status == 200 && overview.text.contains(#""hasSessions":true"#))
                #expect(try await ann.send(.POST, "/console/invalidate", #"{"all":true}"#).status == 200)
                #expect(try await ann.send(.POST, "/console/sessions/end", #"{"user":"4"}"#).text == #"{"ended":1}"#)
                #expect(try await other.send(.GET, "/profile").status == 401)
            }
        }

        @Test(.timeLimit(.minutes(1))) func whereNobodyMayUseItItIsNotThere() async throws {
            try await RunningStorefront.run { client in
                let answer = try await client.get("/console/")
                #expect(answer.status == 404)
            }
        }
    }
}
