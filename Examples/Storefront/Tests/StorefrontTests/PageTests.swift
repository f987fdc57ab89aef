// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOCore
import NIOHTTP1
import Testing

@testable import Storefront

extension StorefrontTests {
    /// Whole responses that are cached.
    @Suite struct PageTests {
        @Test func bestsellersAreMadeOnce() async throws {
            try await RunningStorefront.run { storefront in
                let first = try await storefront.get("/bestsellers")
                #expect(first.status == 200 && first.cache == "MISS")
                let second = try await storefront.untilHit("/bestsellers")
                #expect(second.body == first.body && second.headers.first(name: "Age") != nil)
            }
        }

        @Test func aPageOfACategoryGoesWithTheLanguageAndItsGroup() async throws {
            try await RunningStorefront.run { storefront in
                let english = try await storefront.untilHit("/catalog/3", ["Accept-Language": "en"])
                let german = try await storefront.untilHit("/catalog/3", ["Accept-Language": "de"])
                #expect(english.text.contains("Category 3") && german.text.contains("Warengruppe 3"))
                let tag = try #require(english.headers.first(name: "ETag"))
                let known = try await storefront.get(
                    "/catalog/3", headers: ["Accept-Language": "en", "If-None-Match": tag])
                #expect(known.status == 304 && known.size == 0)
                #expect(try await storefront.untilHit("/catalog/4").text.contains("Category 4"))
                // Product 3 is of category 3.
                let written = try await storefront.put("/products/3", #"{"price": 1299}"#)
                #expect(written.headers.first(name: "Cache-Group-Invalidation") == "\"category-3\"")
                for language in ["en", "de"] {
                    let page = try await storefront.get("/catalog/3", headers: ["Accept-Language": language])
                    #expect(page.cache == "MISS" && page.text.contains("1299"))
                }
                #expect(try await storefront.get("/catalog/4").cache == "HIT")
            }
        }

        @Test func ordersAreForWhoAsksAlone() async throws {
            try await RunningStorefront.run { storefront in
                let anna = try await Shopper(logsInAs: 17, at: storefront).fields
                let ben = try await Shopper(logsInAs: 18, at: storefront).fields
                let mine = try await storefront.untilHit("/me/orders", anna)
                let theirs = try await storefront.get("/me/orders", headers: ben)
                #expect(theirs.cache == "MISS" && theirs.body != mine.body)
                for headers in [[:], ["Authorization": "Bearer 17"], ["Cookie": "id=17"]] {
                    #expect(try await storefront.get("/me/orders", headers: headers).status == 401)
                }
                #expect(try await storefront.untilHit("/me/orders", anna).body == mine.body)
            }
        }

        @Test func aPictureIsServedInParts() async throws {
            try await RunningStorefront.run { storefront in
                let picture = try await storefront.untilHit("/products/7/image")
                #expect(picture.size == 54 + 3 * 64 * 64)
                let part = try await storefront.get("/products/7/image", headers: ["Range": "bytes=0-1"])
                #expect(part.status == 206 && part.text == "BM")
                #expect(try await storefront.get("/products/0/image").status == 404)
            }
        }

        @Test func whatIsTooLargeIsStreamed() async throws {
            try await RunningStorefront.run { storefront in
                for _ in 0..<2 {
                    let export = try await storefront.get("/export.csv")
                    #expect(export.cache == "MISS" && export.size > 2 << 20)
                    #expect(export.text.split(separator: "\r\n").count == 10_001)
                }
            }
        }
    }
}

extension StorefrontClient {
    /// Asks until the answer comes from the cache.
    fileprivate func untilHit(_ path: String, _ headers: [String: String] = [:]) async throws -> Answer {
        while true {
            let answer = try await self.get(path, headers: headers)
            if answer.cache == "HIT" { return answer }
            try #require(answer.status == 200)
            try await Task.sleep(for: .milliseconds(5))
        }
    }
}
