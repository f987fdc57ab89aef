// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import ServerFixtures
import Testing

extension StorefrontTests {
    /// The program as an operator sees it.
    @Suite struct ProcessTests {
        @Test(.timeLimit(.minutes(1))) func aTerminatedServiceAnswersWhatItHasBegunAndExitsWithZero() async throws {
            let program = try StorefrontProcess(["PORT": "0", "QUERY_DELAY_MS": "1000"])
            let address = try await program.address()
            let request = Task {
                try await HTTPClient.shared.execute(
                    HTTPClientRequest(url: address + "/products/1"), timeout: .seconds(20))
            }
            // The load has begun when its region counts it.
            while true {
                let response = try await HTTPClient.shared.execute(
                    HTTPClientRequest(url: address + "/stats"), timeout: .seconds(20))
                let statistics = String(buffer: try await response.body.collect(upTo: 1 << 20))
                if statistics.contains(#""loads":1"#) { break }
            }
            program.terminate()
            let response = try await request.value
            #expect(response.status == .ok)
            #expect(try await response.body.collect(upTo: 1 << 20).readableBytes > 1_000)
            let (status, errors) = await program.end()
            #expect(status == 0, "\(errors)")
        }

        @Test(.timeLimit(.minutes(1))) func badConfigurationIsOneLineAndStatusTwo() async throws {
            let (status, errors) = await (try StorefrontProcess(["PORT": "http"])).end()
            #expect(status == 2)
            #expect(errors == "storefront: PORT=http: expected a number from 0 to 65535\n")
        }

        @Test(.timeLimit(.minutes(1))) func aBadRedisURLIsOneLineAndStatusTwo() async throws {
            let (status, errors) = await (try StorefrontProcess(["PORT": "0", "REDIS_URL": "redis://u:secret@"])).end()
            #expect(status == 2)
            #expect(errors == "storefront: REDIS_URL: the URL names no host\n")
        }

        @Test(.timeLimit(.minutes(1))) func aDatabaseThatCannotBeMadeIsOneLineAndStatusOne() async throws {
            let (status, errors) = await
                (try StorefrontProcess(["PORT": "0", "DATABASE_PATH": "/nowhere/catalogue.sqlite"])).end()
            #expect(status == 1)
            #expect(errors.hasPrefix("storefront: ") && errors.split(separator: "\n").count == 1, "\(errors)")
        }
    }
}
