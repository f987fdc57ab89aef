// SPDX-License-Identifier: Apache-2.0

#if Hummingbird
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Larder
import LarderHTTP
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
        // To characters these are semicolons, or take one away.
        "x=1\u{37E}__Host-id=\(String(repeating: "A", count: 64))",
        "__Host-id=\(String(repeating: "A", count: 64))\u{37E}x=1",
        "__Host-id=x; x=\u{600};__Host-id=\(String(repeating: "A", count: 64))",
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

    @Test func whatStandsBeforeASemicolonHidesNoCookie() async throws {
        let site = try SessionSite()
        try await site.run { client in
            let id = try await site.manager.login(Principal(user: "17")).id.text
            let response = try await client.execute(
                uri: "/account", method: .get, headers: [.cookie: "x=\u{600};__Host-id=\(id)"])
            #expect(response.text == "17")
        }
    }

    /// The response of a request that was read with an id that another has just replaced must not take the new cookie away.
    @Test func aCookieThatStandsForNothingIsLeftAlone() async throws {
        let site = try SessionSite()
        try await site.run { client in
            var browser = SessionSite.Browser()
            _ = try await browser.send(.post, "/login/17", to: client)
            let former = browser
            _ = try await browser.send(.post, "/elevate", to: client)
            var late = former
            let response = try await late.send(.get, "/basket", to: client)
            #expect(response.text == "none" && response.headers[.setCookie] == nil)
        }
    }

    /// Whoever protects routes without looking for sessions is told so, instead of protecting nothing.
    @Test func whatNeedsSessionsAndHasNoneFails() async throws {
        let limiter = RateLimiter("x", .rate(1, per: .seconds(1)), in: "shop", store: .embedded)
        let router = Router(context: SessionSite.Context.self)
        router.group("a").add(middleware: CSRFProtection()).post { _, _ in "passed" }
        router.group("b").add(middleware: RateLimiting(limiter, by: .identity)).post { _, _ in "passed" }
        router.group("c").add(middleware: RequireSession()).post { _, _ in "passed" }
        try await Application(router: router).test(.router) { client in
            for path in ["/a", "/b"] {
                let response = try await client.execute(uri: path, method: .post)
                #expect(response.status == .internalServerError)
            }
            let response = try await client.execute(uri: "/c", method: .post)
            #expect(response.status == .unauthorized)
        }
    }

    @Test func aLogoutThatMeetsAChangeOfTheIDIsNoLogout() async throws {
        let site = try SessionSite()
        try await site.run { client in
            var browser = SessionSite.Browser()
            _ = try await browser.send(.post, "/login/17", to: client)
            let response = try await browser.send(.post, "/logout-after-rotation", to: client)
            #expect(response.status == .conflict && response.headers[.setCookie] == nil)
        }
    }

    @Test func aResponseForWhichASessionWasLookedAtIsStoredForNobodyElse() async throws {
        let site = try SessionSite()
        let responses = ResponseCache(
            Cache.inMemory(clock: site.clock), context: SessionSite.Context.self,
            identify: { _, context in context.session.principal })
        let router = Router(context: SessionSite.Context.self)
        router.add(middleware: WebSessions(site.manager))
        router.get("shared", cached: .shared(.seconds(60)), in: responses) { _, context in
            context.session.principal?.user ?? "nobody"
        }
        router.get("changed", cached: .shared(.seconds(60)), in: responses) { _, context in
            try await context.session.update { $0.items = ["seen"] }
            return context.session.principal?.user ?? "nobody"
        }
        router.get("collected", cached: .shared(.seconds(60)), in: responses) { _, context in
            Response(
                status: .ok,
                body: ResponseBody(contentLength: 3) { writer in
                    try await writer.write(
                        ByteBuffer(string: String((context.session.principal?.user ?? "").prefix(3))))
                    try await writer.finish(nil)
                })
        }
        router.get("own", cached: .private(.seconds(60)), in: responses) { _, context in
            context.session.principal?.user ?? "nobody"
        }
        let anna = try await site.manager.login(Principal(user: "anna")).id.text
        let ben = try await site.manager.login(Principal(user: "ben")).id.text
        try await Application(router: router).test(.router) { client in
            for path in ["/shared", "/own", "/changed", "/shared", "/own", "/changed", "/collected", "/collected"] {
                for (user, id) in [("anna", anna), ("ben", ben)] {
                    let response = try await client.execute(
                        uri: path, method: .get, headers: [.cookie: "__Host-id=\(id)"])
                    #expect(response.text == (path == "/collected" ? String(user.prefix(3)) : user), "\(path)")
                }
            }
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
