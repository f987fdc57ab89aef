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
import Testing

/// Each line of the session management cheat sheet.
/// <https://cheatsheetseries.owasp.org/cheatsheets/Session_Management_Cheat_Sheet.html>
@Suite(.timeLimit(.minutes(1))) struct OWASPSessionTests {
    @Test func sessionIDNameIsGeneric() async throws {
        let site = try SessionSite()
        try await site.run { client in
            var browser = SessionSite.Browser()
            _ = try await browser.send(.post, "/basket/tea", to: client)
            #expect(Array(browser.cookies.keys) == ["__Host-id"])
        }
    }

    @Test func sessionIDHasEntropy() async throws {
        let site = try SessionSite()
        var ones = Array(repeating: 0, count: 64 * 64)
        var texts: Set<String> = []
        for _ in 0..<2_000 {
            let text = try await site.manager.login(Principal(user: "17")).id.text
            texts.insert(text)
            for (index, character) in text.enumerated() {
                ones[index * 64 + Int(Self.values[character] ?? 0)] += 1
            }
        }
        #expect(texts.count == 2_000)
        // Each character stands at each place about 31 times; so seldom or often as this not in many lives.
        #expect(ones.allSatisfy { (1...90).contains($0) })
    }

    private static let values = Dictionary(
        uniqueKeysWithValues: zip("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", 0..<64))

    @Test func sessionIDIsMeaningless() async throws {
        let site = try SessionSite()
        let first = try await site.manager.login(Principal(user: "17")).id.text
        let second = try await site.manager.login(Principal(user: "17")).id.text
        #expect(zip(first, second).filter { $0 == $1 }.count < 16)
    }

    @Test func managementIsStrict() async throws {
        let site = try SessionSite()
        try await site.run { client in
            let forged = String(repeating: "A", count: 64)
            var browser = SessionSite.Browser(cookies: ["__Host-id": forged])
            #expect(try await browser.send(.get, "/basket", to: client).text == "none")
            browser.cookies["__Host-id"] = forged
            _ = try await browser.send(.post, "/basket/tea", to: client)
            let id = try #require(browser.id)
            #expect(id != forged)
            browser.cookies["__Host-id"] = forged
            _ = try await browser.send(.post, "/login/17", to: client)
            #expect(browser.id != forged && browser.id != id)
            var thief = SessionSite.Browser(cookies: ["__Host-id": forged])
            #expect(try await thief.send(.get, "/account", to: client).status == .unauthorized)
        }
    }

    @Test func idIsRenewedAfterAnyPrivilegeLevelChange() async throws {
        let site = try SessionSite()
        try await site.run { client in
            var browser = SessionSite.Browser()
            _ = try await browser.send(.post, "/basket/tea", to: client)
            let anonymous = try #require(browser.id)
            _ = try await browser.send(.post, "/login/17", to: client)
            let member = try #require(browser.id)
            _ = try await browser.send(.post, "/elevate", to: client)
            let elevated = try #require(browser.id)
            #expect(Set([anonymous, member, elevated]).count == 3)
            #expect(try await browser.send(.get, "/basket", to: client).text == "tea")
            for id in [anonymous, member] {
                var thief = SessionSite.Browser(cookies: ["__Host-id": id])
                #expect(try await thief.send(.get, "/basket", to: client).text == "none")
            }
        }
    }

    @Test func idleTimeoutIsEnforcedByTheServer() async throws {
        let site = try SessionSite(SessionConfiguration(idleTimeout: .seconds(900)))
        try await site.run { client in
            var browser = SessionSite.Browser()
            _ = try await browser.send(.post, "/login/17", to: client)
            let id = browser.id
            for _ in 0..<5 {
                site.clock.advance(by: .seconds(800))
                #expect(try await browser.send(.get, "/account", to: client).text == "17")
            }
            site.clock.advance(by: .seconds(901))
            #expect(try await browser.send(.get, "/account", to: client).status == .unauthorized)
            browser.cookies["__Host-id"] = id
            #expect(try await browser.send(.get, "/account", to: client).status == .unauthorized)
        }
        #expect(site.events.withLockedValue { $0.map(\.kind) } == [.created, .expired, .rejected])
    }

    @Test func absoluteTimeoutIsEnforcedByTheServer() async throws {
        let site = try SessionSite(
            SessionConfiguration(idleTimeout: .seconds(900), absoluteTimeout: .seconds(3_600)))
        try await site.run { client in
            var browser = SessionSite.Browser()
            _ = try await browser.send(.post, "/login/17", to: client)
            for _ in 0..<5 {
                site.clock.advance(by: .seconds(700))
                #expect(try await browser.send(.post, "/basket/tea", to: client).status == .ok)
            }
            site.clock.advance(by: .seconds(101))
            #expect(try await browser.send(.get, "/account", to: client).status == .unauthorized)
        }
    }

    @Test func cookieAttributesAreSet() async throws {
        for (cookie, attributes) in [
            (SessionCookie(), "; Path=/; HttpOnly; SameSite=Lax; Secure"),
            (
                SessionCookie(sameSite: .none, isPartitioned: true, lifetime: .seconds(3_600)),
                "; Path=/; HttpOnly; SameSite=None; Secure; Partitioned; Max-Age=3600"
            ),
        ] {
            let site = try SessionSite(cookie: cookie)
            try await site.run { client in
                var browser = SessionSite.Browser()
                let field = try await browser.send(.post, "/login/17", to: client).headers[.setCookie] ?? ""
                #expect(field == "__Host-id=\(browser.id ?? "")\(attributes)")
            }
        }
    }

    @Test func cookiesOverPlainHTTPAreForThisMachineAlone() async throws {
        let site = try SessionSite(cookie: .localDevelopment)
        try await site.run { client in
            var browser = SessionSite.Browser()
            let field = try await browser.send(.post, "/login/17", to: client).headers[.setCookie] ?? ""
            #expect(field == "id=\(browser.cookies["id"] ?? "-"); Path=/; HttpOnly; SameSite=Lax")
        }
        let router = Router(context: SessionSite.Context.self)
        router.add(middleware: Authority())
        router.add(middleware: WebSessions(site.manager, cookie: .localDevelopment))
        router.get("basket") { _, _ in "here" }
        try await Application(router: router).test(.router) { client in
            for (authority, status) in [
                ("localhost", HTTPResponse.Status.ok), ("127.0.0.1:8080", .ok), ("[::1]:80", .ok), ("127.1.2.3", .ok),
                ("shop.example", .misdirectedRequest), ("127.0.0.1.example", .misdirectedRequest),
                ("localhost.example", .misdirectedRequest), ("", .misdirectedRequest),
            ] {
                let response = try await client.execute(
                    uri: "/basket", method: .get, headers: [.init("X-Authority") ?? .server: authority])
                #expect(response.status == status, "\(authority)")
            }
        }
    }

    /// Lets requests be for the authority in `X-Authority`.
    private struct Authority: RouterMiddleware {
        func handle(
            _ request: Request, context: SessionSite.Context,
            next: @concurrent (Request, SessionSite.Context) async throws -> Response
        ) async throws -> Response {
            var head = request.head
            head.authority = request.headers[.init("X-Authority") ?? .server]
            return try await next(Request(head: head, body: request.body), context)
        }
    }

    @Test func logoutInvalidatesAtTheServerFirst() async throws {
        let site = try SessionSite()
        try await site.run { client in
            var browser = SessionSite.Browser()
            _ = try await browser.send(.post, "/login/17", to: client)
            let id = try #require(browser.id)
            let response = try await browser.send(.post, "/logout", to: client)
            #expect(response.headers[.setCookie] == "__Host-id=; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=0")
            #expect(response.headers[.cacheControl] == "no-store")
            #expect(response.headers[.clearSite] == #""cache", "cookies", "storage""#)
            browser.cookies["__Host-id"] = id
            #expect(try await browser.send(.get, "/account", to: client).status == .unauthorized)
        }
    }

    @Test func responsesThatSetTheCookieAreNotStored() async throws {
        let site = try SessionSite()
        try await site.run { client in
            var browser = SessionSite.Browser()
            let first = try await browser.send(.post, "/basket/tea", to: client)
            #expect(first.headers[.cacheControl] == "no-store" && first.headers[.setCookie] != nil)
            let second = try await browser.send(.get, "/basket", to: client)
            #expect(second.headers[.cacheControl] == "max-age=60" && second.headers[.setCookie] == nil)
        }
    }

    @Test func concurrentSessionsAreListedRevokedAndLimited() async throws {
        let site = try SessionSite(SessionConfiguration(maximumPerUser: 2))
        try await site.run { client in
            var browsers = [SessionSite.Browser(), SessionSite.Browser(), SessionSite.Browser()]
            for index in browsers.indices {
                _ = try await browsers[index].send(.post, "/login/17", to: client)
                site.clock.advance(by: .seconds(1))
            }
            #expect(try await browsers[0].send(.get, "/account", to: client).status == .unauthorized)
            let user = Principal(user: "17")
            #expect(try await site.manager.sessions(of: user).count == 2)
            #expect(try await browsers[2].send(.post, "/logout-everywhere", to: client).text == "2")
            for index in browsers.indices {
                #expect(try await browsers[index].send(.get, "/account", to: client).status == .unauthorized)
            }
        }
    }

    @Test func csrfTokenIsNeededBesideSameSite() async throws {
        let site = try SessionSite()
        try await site.run { client in
            var browser = SessionSite.Browser()
            let token = try await browser.send(.post, "/login/17", to: client).headers[.csrf]
            #expect(token?.count == 64)
            browser.csrfToken = nil
            var stranger = SessionSite.Browser()
            let foreign = try await stranger.send(.post, "/login/18", to: client).headers[.csrf] ?? ""
            for wrong in ["", "x", String(repeating: "A", count: 64), foreign, String(repeating: "A", count: 8_000)] {
                let response = try await browser.send(.post, "/basket/tea", to: client, [.csrf: wrong])
                #expect(response.status == .forbidden)
            }
            #expect(try await browser.send(.post, "/basket/tea", to: client).status == .forbidden)
            browser.csrfToken = token
            #expect(try await browser.send(.post, "/basket/tea", to: client).text == "tea")
            // Each page is given another, and all are good as long as the id is.
            let other = try await browser.send(.get, "/basket", to: client).headers[.csrf]
            #expect(other != token)
            browser.csrfToken = other
            #expect(try await browser.send(.post, "/basket/cup", to: client).text == "tea,cup")
            browser.csrfToken = token
            _ = try await browser.send(.post, "/elevate", to: client)
            browser.csrfToken = token
            #expect(try await browser.send(.post, "/basket/pot", to: client).status == .forbidden)
        }
    }

    @Test func requestsFromOtherSitesAreRefused() async throws {
        let site = try SessionSite()
        try await site.run { client in
            for (fields, isRefused) in [
                (HTTPFields(), false), ([.fetchSite: "same-origin"], false), ([.fetchSite: "none"], false),
                ([.fetchSite: "cross-site"], true), ([.fetchSite: "same-site"], true), ([.fetchSite: "odd"], true),
                ([.origin: "http://localhost"], false), ([.origin: "https://localhost"], false),
                ([.origin: "null"], true), ([.origin: "https://localhost.example"], true),
                ([.origin: "https://APP.example", .fetchSite: "cross-site"], false),
                ([.origin: "https://app.example.org"], true), ([.origin: ""], true),
            ] {
                // Also where there is no session yet, or others could log a user in as somebody else.
                var browser = SessionSite.Browser()
                let response = try await browser.send(.post, "/login/17", to: client, fields)
                #expect(response.status == (isRefused ? .forbidden : .ok), "\(fields)")
                #expect((browser.id == nil) == isRefused)
                #expect(try await browser.send(.get, "/basket", to: client, fields).status == .ok)
            }
        }
    }

    @Test func lifecycleEventsAreToldWithoutTheID() async throws {
        let site = try SessionSite()
        try await site.run { client in
            var browser = SessionSite.Browser()
            var secrets: [String] = []
            for path in ["/basket/tea", "/login/17", "/elevate", "/logout"] {
                _ = try await browser.send(.post, path, to: client)
                if let id = browser.id { secrets.append(id) }
            }
            var thief = SessionSite.Browser(cookies: ["__Host-id": secrets[0]])
            _ = try await thief.send(.get, "/basket", to: client)
            let events = site.events.withLockedValue { $0 }
            #expect(events.map(\.kind) == [.created, .rotated, .rotated, .revoked, .rejected])
            #expect(events[1].former == events[0].digest && events[2].former == events[1].digest)
            for secret in secrets { #expect(!"\(events)".contains(secret)) }
        }
    }

    @Test func reauthenticationIsAskedForAfterRiskEvents() async throws {
        let site = try SessionSite()
        try await site.run { client in
            var browser = SessionSite.Browser()
            #expect(try await browser.send(.get, "/password", to: client).status == .unauthorized)
            _ = try await browser.send(.post, "/login/17", to: client)
            #expect(try await browser.send(.get, "/password", to: client).status == .ok)
            site.clock.advance(by: .seconds(301))
            #expect(try await browser.send(.get, "/account", to: client).status == .ok)
            #expect(try await browser.send(.get, "/password", to: client).status == .unauthorized)
            _ = try await browser.send(.post, "/login/17", to: client)
            #expect(try await browser.send(.get, "/password", to: client).status == .ok)
        }
    }

    /// What a thief can say too is no proof of being the user, and a new version of a browser none of being a thief.
    @Test func bindingToTheClientIsDetectionOnly() async throws {
        let site = try SessionSite()
        try await site.run { client in
            var browser = SessionSite.Browser()
            _ = try await browser.send(.post, "/login/17", to: client, [.userAgent: "one"])
            for agent in ["one", "two", "two", "two"] {
                let response = try await browser.send(.get, "/account", to: client, [.userAgent: agent])
                #expect(response.status == .ok && response.headers[.setCookie] == nil)
            }
            let told = site.events.withLockedValue { $0 }.filter { $0.kind == .deviceChanged }
            #expect(told.map(\.device) == ["two"] && told.map(\.formerDevice) == ["one"])
        }
    }

    @Test func theSessionCookieIsNotPersistentButAnotherToken() async throws {
        let site = try SessionSite(SessionConfiguration(rememberTimeout: .seconds(86_400), rememberGrace: .seconds(10)))
        try await site.run { client in
            var browser = SessionSite.Browser()
            let fields = try await browser.send(.post, "/remember/17", to: client).headers[values: .setCookie]
            let (id, token) = (try #require(browser.id), try #require(browser.token))
            #expect(
                fields == [
                    "__Host-id=\(id); Path=/; HttpOnly; SameSite=Lax; Secure",
                    "__Host-id-remember=\(token); Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=86400",
                ])
            // As long as there is a session it is not taken.
            _ = try await browser.send(.get, "/account", to: client)
            #expect(browser.token == token)
            let thief = browser
            browser.cookies["__Host-id"] = nil
            let response = try await browser.send(.get, "/account", to: client)
            #expect(response.status == .ok && response.text == "17" && response.headers[.cacheControl] == "no-store")
            #expect(browser.id != nil && browser.id != id && browser.token != nil && browser.token != token)
            // It is no proof of who somebody is.
            #expect(try await browser.send(.get, "/password", to: client).status == .unauthorized)
            // Nor may another site use it.
            var forger = SessionSite.Browser(cookies: ["__Host-id-remember": try #require(browser.token)])
            #expect(try await forger.send(.post, "/basket/tea", to: client).status == .forbidden)
            browser.cookies["__Host-id-remember"] = forger.token

            var other = thief
            other.cookies["__Host-id"] = nil
            site.clock.advance(by: .seconds(11))
            #expect(try await other.send(.get, "/account", to: client).status == .unauthorized)
            #expect(try await browser.send(.get, "/account", to: client).status == .unauthorized)
        }
    }

    @Test func logoutEndsWhatAClientIsRememberedBy() async throws {
        for path in ["/logout", "/logout-everywhere"] {
            let site = try SessionSite()
            try await site.run { client in
                var browser = SessionSite.Browser()
                _ = try await browser.send(.post, "/remember/17", to: client)
                let before = browser
                #expect(try await browser.send(.post, path, to: client).status == .ok)
                #expect(browser.id == nil && browser.token == nil)
                var again = SessionSite.Browser(cookies: before.cookies)
                #expect(try await again.send(.get, "/account", to: client).status == .unauthorized)
            }
        }
    }

    /// A request that was sent before the id was another must not get what replaces that.
    @Test func aLateRequestWithAnIdThatWasReplacedChangesNoCookies() async throws {
        let site = try SessionSite()
        try await site.run { client in
            var browser = SessionSite.Browser()
            _ = try await browser.send(.post, "/remember/17", to: client)
            let before = browser
            #expect(try await browser.send(.post, "/elevate", to: client).status == .ok)
            #expect(browser.id != before.id && browser.token != before.token && browser.token != nil)
            var late = before
            let response = try await late.send(.get, "/basket", to: client)
            #expect(response.text == "none" && response.headers[.setCookie] == nil)
            browser.cookies["__Host-id"] = nil
            #expect(try await browser.send(.get, "/account", to: client).text == "17")
        }
    }

    /// A session that was stolen does not become one that lasts by another's token.
    @Test func anotherUsersTokenIsNotRenewed() async throws {
        let site = try SessionSite()
        try await site.run { client in
            var (ann, ben) = (SessionSite.Browser(), SessionSite.Browser())
            _ = try await ann.send(.post, "/login/ann", to: client)
            _ = try await ben.send(.post, "/remember/ben", to: client)
            var thief = ann
            thief.cookies["__Host-id-remember"] = ben.token
            #expect(try await thief.send(.post, "/elevate", to: client).headers[values: .setCookie].count == 1)
            #expect(thief.token == ben.token)
        }
    }

    @Test func whoIsRememberedTakesTheBasketAlongWhenTheyLogIn() async throws {
        let site = try SessionSite()
        try await site.run { client in
            var browser = SessionSite.Browser()
            _ = try await browser.send(.post, "/remember/17", to: client)
            browser.cookies["__Host-id"] = nil
            _ = try await browser.send(.get, "/basket", to: client)
            #expect(try await browser.send(.post, "/basket/tea", to: client).status == .ok)
            #expect(try await browser.send(.post, "/login/17", to: client).status == .ok)
            #expect(try await browser.send(.get, "/basket", to: client).text == "tea")
            #expect(try await browser.send(.get, "/password", to: client).status == .ok)
            #expect(browser.token == nil)
        }
    }

    @Test func aLoginAnewForgetsWhatTheClientWasRememberedBy() async throws {
        let site = try SessionSite()
        try await site.run { client in
            var browser = SessionSite.Browser()
            _ = try await browser.send(.post, "/remember/17", to: client)
            let token = try #require(browser.token)
            _ = try await browser.send(.post, "/login/18", to: client)
            #expect(browser.token == nil)
            var again = SessionSite.Browser(cookies: ["__Host-id-remember": token])
            #expect(try await again.send(.get, "/account", to: client).status == .unauthorized)
        }
    }
}
#endif
