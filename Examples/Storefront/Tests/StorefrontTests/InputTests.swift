// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Storefront

extension StorefrontTests {
    /// What the routes answer to input of every kind.
    @Suite struct InputTests {
        private struct Failure: Decodable {
            struct Message: Decodable {
                var message: String
            }
            var error: Message
        }

        @Test func badInputGetsAClearError() async throws {
            try await RunningStorefront.run { storefront in
                let gets: [(String, UInt)] = [
                    ("/products/99999", 404), ("/products/0", 404), ("/products/-1", 404),
                    ("/products/abc", 400), ("/products/1.5", 400), ("/products/%20", 400),
                    ("/products/99999999999999999999", 400), ("/products/abc/uncached", 400),
                    ("/products/99999/uncached", 404), ("/products", 400),
                    ("/products?category=abc", 400), ("/products?category=41", 404),
                    ("/products?category=1&page=0", 400), ("/products?category=1&page=-1", 400),
                    ("/products?category=1&page=99999999999999999999", 400), ("/users/0", 404),
                    ("/users/x", 400), ("/nothing", 404),
                ]
                for (path, status) in gets {
                    let answer = try await storefront.get(path)
                    #expect(answer.status == status, "\(path)")
                    #expect(try !answer.json(Failure.self).error.message.isEmpty, "\(path)")
                }
                let untouched = try await storefront.get("/products/1/uncached").body
                let large = #"{"price": 1, "note": ""# + String(repeating: "x", count: 65 << 10) + #""}"#
                let puts: [(String, String, UInt)] = [
                    ("/products/1", "", 400), ("/products/1", "{", 400), ("/products/1", "[]", 400),
                    ("/products/1", #"{"price": "12"}"#, 400), ("/products/1", #"{"price": 1.5}"#, 400),
                    ("/products/1", #"{"price": -1}"#, 400), ("/products/1", #"{"price": null}"#, 400),
                    ("/products/1", #"{"price": 99999999999999999999}"#, 400),
                    ("/products/1", #"{"cost": 1}"#, 400), ("/products/1", large, 413),
                    ("/products/99999", #"{"price": 1}"#, 404), ("/products/abc", #"{"price": 1}"#, 400),
                    ("/users/1", #"{"name": ""}"#, 400), ("/users/99999", #"{"name": "x"}"#, 404),
                ]
                for (path, body, status) in puts {
                    let answer = try await storefront.put(path, body)
                    #expect(answer.status == status, "\(path) \(body.prefix(50))")
                    #expect(try !answer.json(Failure.self).error.message.isEmpty, "\(path) \(body.prefix(50))")
                }
                let posts = [
                    "", #"{"name": "x"}"#, #"{"name": "", "brand": "b", "category": 1, "price": 1}"#,
                    #"{"name": "x", "brand": "b", "category": 41, "price": 1}"#,
                    #"{"name": "x", "brand": "b", "category": 1, "price": -1}"#,
                ]
                for body in posts {
                    #expect(try await storefront.post("/products", body).status == 400, "\(body)")
                }
                // Nothing of the above has changed the product.
                #expect(try await storefront.get("/products/1").body == untouched)
                // A body just within the limit.
                let within = #"{"price": 5, "note": ""# + String(repeating: "x", count: 60 << 10) + #""}"#
                #expect(try await storefront.put("/products/2", within).status == 200)
            }
        }

        @Test func theServiceTellsHowItIs() async throws {
            try await RunningStorefront.run { storefront in
                #expect(try await storefront.get("/health/live").status == 200)
                #expect(try await storefront.get("/health/ready").status == 200)
                let health = try await storefront.get("/health").json(Health.self)
                #expect(health.status == "healthy")
                #expect(health.store.kind == "embedded" && health.store.state == "up")
                #expect(health.store.latencyMs >= 0)

                _ = try await storefront.get("/products/1")
                _ = try await storefront.get("/products/1")
                let statistics = try await storefront.get("/stats").text
                #expect(
                    statistics.contains(
                        #""product":{"hits":1,"invalidations":0,"loadFailures":0,"loadTimeouts":0,"loads":1,"misses":1,"#
                            + #""nearHits":0,"refreshes":0,"refusedFills":0,"requests":2,"stale":0,"storeFailures":0,"#
                            + #""storedFills":1,"unreadable":0,"waits":0}"#))
                #expect(
                    statistics.contains(
                        #""store":{"kind":"embedded","outages":0,"queuedInvalidations":0,"state":"up"}"#))
            }
        }

        @Test func theStaticBodyIsOfThePagesSize() async throws {
            try await RunningStorefront.run { storefront in
                let answer = try await storefront.get("/static")
                #expect(answer.status == 200)
                #expect((1_900...2_200).contains(answer.size))
                #expect(try JSONSerialization.jsonObject(with: Data(answer.text.utf8)) is [String: Any])
            }
        }
    }
}
