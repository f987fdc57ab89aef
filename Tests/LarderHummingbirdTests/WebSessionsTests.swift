// SPDX-License-Identifier: Apache-2.0

#if Hummingbird
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Larder
import LarderHummingbird
import LarderSessions
import LarderTesting
import NIOConcurrencyHelpers
import NIOCore
import Testing

@Suite(.timeLimit(.minutes(1))) struct WebSessionsTests {
    /// A store that cannot be asked.
    private struct BrokenStore: SessionStore {
        private let error = SessionError(.unavailable, "broken")

        func create(
            _ digest: SessionDigest, payload: ByteBuffer, authenticates: Bool, under key: String, _ terms: SessionTerms
        ) async throws -> SessionCreation { throw self.error }
        func read(_ digest: SessionDigest, under key: String, _ terms: SessionTerms) async throws -> SessionReading {
            throw self.error
        }
        func save(
            _ digest: SessionDigest, payload: ByteBuffer, over version: UInt64, under key: String,
            _ terms: SessionTerms
        ) async throws -> SessionChange { throw self.error }
        func rotate(
            _ digest: SessionDigest, to other: SessionDigest, payload: ByteBuffer, over version: UInt64,
            authenticates: Bool, under key: String, _ terms: SessionTerms
        ) async throws -> SessionChange { throw self.error }
        func remove(_ digest: SessionDigest, at version: UInt64?, under key: String) async throws -> SessionChange {
            throw self.error
        }
        func removeAll(under key: String, but kept: SessionDigest?) async throws -> [SessionDigest] {
            throw self.error
        }
        func list(under key: String, _ terms: SessionTerms) async throws -> SessionListing { throw self.error }
    }

    @Test func whoOnlyLooksGetsNoSession() async throws {
        let site = try SessionSite()
        try await site.run { client in
            var browser = SessionSite.Browser()
            let response = try await browser.send(.get, "/basket", to: client)
            #expect(response.headers[.setCookie] == nil && response.text == "none")
        }
        #expect(site.events.withLockedValue { $0.isEmpty })
    }

    @Test func aStoreThatCannotBeAskedIsNeitherALoginNorALogout() async throws {
        let site = try SessionSite(store: BrokenStore())
        try await site.run { client in
            var browser = SessionSite.Browser(cookies: ["__Host-id": String(repeating: "A", count: 64)])
            for (method, path) in [(HTTPRequest.Method.get, "/account"), (.get, "/basket"), (.post, "/login/17")] {
                let response = try await browser.send(method, path, to: client)
                #expect(response.status == .serviceUnavailable)
                #expect(response.headers[.retryAfter] == "1" && response.headers[.setCookie] == nil)
                #expect(browser.id != nil)
            }
            // Who has no session can still look.
            browser = SessionSite.Browser()
            #expect(try await browser.send(.get, "/basket", to: client).text == "none")
            #expect(try await browser.send(.post, "/basket/tea", to: client).status == .serviceUnavailable)
        }
    }

    @Test(arguments: [
        "__Host-id=", "__Host-id=x", "__Host-id", "__Host-id=\(String(repeating: "x", count: 8_192))",
        "__Host-id=\(String(repeating: "A", count: 63))é", "__Host-id=\"\(String(repeating: "A", count: 64))\"",
        (0..<100).map { "__Host-id=\(String(repeating: "A", count: 62))\($0 % 90 + 10)" }.joined(separator: "; "),
        "__Host-id=\u{1}\u{2}",
    ])
    func aCookieThatIsNoIDIsNobodys(_ cookie: String) async throws {
        let site = try SessionSite(store: BrokenStore())
        try await site.run { client in
            // The store is not even asked.
            let response = try await client.execute(uri: "/basket", method: .get, headers: [.cookie: cookie])
            #expect(response.status == .ok && response.text == "none")
        }
    }

    @Test func ofTwoIDsNoneIsTaken() async throws {
        let site = try SessionSite()
        try await site.run { client in
            var browser = SessionSite.Browser()
            _ = try await browser.send(.post, "/login/17", to: client)
            let id = try #require(browser.id)
            let other = try await site.manager.login(Principal(user: "18")).id.text
            for cookie in ["__Host-id=\(id); __Host-id=\(other)", "__Host-id=\(id); a=b; __Host-id=\(id)"] {
                let response = try await client.execute(uri: "/account", method: .get, headers: [.cookie: cookie])
                #expect(response.status == .unauthorized)
            }
            let cookie = "a=b;__Host-id=\(id);\t__Host-id2=x; x__Host-id=y"
            let response = try await client.execute(uri: "/account", method: .get, headers: [.cookie: cookie])
            #expect(response.text == "17")
        }
    }

    @Test func aLoginIsToldAlsoWhenItsRequestFailsAfterwards() async throws {
        let site = try SessionSite()
        try await site.run { client in
            var browser = SessionSite.Browser()
            let response = try await browser.send(.post, "/fail-after-login", to: client)
            #expect(response.status == .badGateway && response.headers[.cacheControl] == "no-store")
            #expect(try await browser.send(.get, "/account", to: client).text == "17")
        }
    }

    @Test func aSessionThatHasEndedMeanwhileIsToldSo() async throws {
        let site = try SessionSite()
        try await site.run { client in
            var browser = SessionSite.Browser()
            _ = try await browser.send(.post, "/login/17", to: client)
            try await site.manager.revokeAll(of: Principal(user: "17"))
            browser.csrfToken = nil
            // It has no session any more, so it begins one of its own, and needs no token for that.
            let response = try await browser.send(.post, "/basket/tea", to: client)
            #expect(response.text == "tea")
            #expect(try await browser.send(.get, "/account", to: client).status == .unauthorized)
        }
    }
}
#endif
