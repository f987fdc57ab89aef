// SPDX-License-Identifier: Apache-2.0

#if Hummingbird
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Larder
import LarderHummingbird
import LarderSessions
import LarderTesting
import NIOCore
import Testing

@Suite(.timeLimit(.minutes(1))) struct ConsoleTests {
    /// A client at an address of its own, who asks for a host.
    private struct Context: RemoteAddressRequestContext {
        var coreContext: CoreRequestContextStorage
        var remoteAddress: SocketAddress?

        init(source: ApplicationRequestContextSource) {
            self.coreContext = .init(source: source)
        }
    }

    private struct Client: RouterMiddleware {
        func handle(
            _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
        ) async throws -> Response {
            var (head, context) = (request.head, context)
            head.authority = request.headers[.authority] ?? "localhost:8080"
            context.remoteAddress = try SocketAddress(ipAddress: request.headers[.peer] ?? "127.0.0.1", port: 1)
            return try await next(Request(head: head, body: request.body), context)
        }
    }

    private let cache: Cache
    private let product: CacheFunction<Int, Int>

    init() {
        let policy = AccessPolicy([.allow(.role("nobody"), to: .read, in: .everything)])
        self.cache = Cache("shop", store: .embedded, configuration: CacheConfiguration(access: policy))
        self.product = self.cache.function("product", .ttl(.seconds(300))) { (id: Int) in id }
            .tagged { _, id in ["product:\(id)", "all"] }
    }

    private func fill(_ ids: Int...) async throws {
        try await Identity.$current.withValue(.service) {
            for id in ids { _ = try await self.product(id) }
        }
        await self.cache.settle()
    }

    /// A service on the machine of whoever asks.
    private func run(
        sessions: SessionDirectory? = nil, _ body: @escaping @Sendable (any TestClientProtocol) async throws -> Void
    ) async throws {
        let router = Router(context: Context.self)
        router.add(middleware: Client())
        router.addRoutes(self.cache.consoleRoutes(for: .thisMachine, sessions: sessions), atPath: "/ops/console")
        try await Application(router: router).test(.router) { try await body($0) }
    }

    private static func post(
        _ path: String, _ body: String, to client: any TestClientProtocol, _ fields: HTTPFields = [.csrf: "console"]
    ) async throws -> TestResponse {
        try await client.execute(
            uri: "/ops/console/\(path)", method: .post, headers: fields, body: ByteBuffer(string: body))
    }

    // MARK: Who may use it

    @Test(
        arguments: [
            [.authority: "shop.example"], [.authority: ""], [.authority: "127.0.0.1.example"], [.peer: "192.0.2.1"],
            [.peer: "::ffff:192.0.2.1"], [.xForwardedFor: "127.0.0.1"], [.forwarded: "for=127.0.0.1"],
            [.realIP: "192.0.2.1"], [.via: "1.1 proxy"],
        ] as [HTTPFields]) func nobodyElsewhereGetsAnything(fields: HTTPFields) async throws
    {
        try await self.run { client in
            for path in ["", "/", "/console.js", "/overview", "/survey", "/entries", "/explain?key=x", "/sessions"] {
                let response = try await client.execute(uri: "/ops/console\(path)", method: .get, headers: fields)
                #expect(response.status == .forbidden, "\(path)")
                #expect(response.headers[.xContentTypeOptions] == "nosniff")
            }
            for path in ["invalidate", "sessions/end"] {
                var fields = fields
                fields[.csrf] = "console"
                #expect(try await Self.post(path, #"{"all":true}"#, to: client, fields).status == .forbidden)
            }
        }
    }

    @Test(arguments: ["127.0.0.1", "127.3.2.1", "::1", "::ffff:127.0.0.1"])
    func whoeverIsOnThisMachineIsLetIn(peer: String) async throws {
        try await self.run { client in
            for authority in ["localhost", "127.0.0.1:8080", "[::1]:8080"] {
                let response = try await client.execute(
                    uri: "/ops/console/overview", method: .get, headers: [.peer: peer, .authority: authority])
                #expect(response.status == .ok)
            }
        }
    }

    @Test func whatChangesSomethingIsRefusedToPagesOfOtherSites() async throws {
        try await self.fill(1)
        try await self.run { client in
            let body = #"{"all":true}"#
            let refused: [HTTPFields] = [
                [:], [.csrf: ""], [.csrf: "other"], [.csrf: "console", .origin: "http://evil.example"],
                [.csrf: "console", .origin: "null"], [.csrf: "console", .fetchSite: "cross-site"],
                [.csrf: "console", .fetchSite: "same-site"],
            ]
            for fields in refused {
                let response = try await Self.post("invalidate", body, to: client, fields)
                #expect(response.status == .forbidden, "\(fields)")
            }
            let own: HTTPFields = [.csrf: "console", .origin: "http://localhost:8080", .fetchSite: "same-origin"]
            #expect(try await Self.post("invalidate", body, to: client, own).text == #"{"outcome":"applied"}"#)
        }
    }

    @Test func operatorsAreThoseOfThePolicyInSessionsOfTheirs() async throws {
        let site = try SessionSite()
        let policy = AccessPolicy([
            .allow(.role("operator"), to: .operate, in: .everything),
            .allow(.role("editor"), to: .read, .invalidate, in: .everything),
            .allow(.users, to: .operate, in: .own),
        ])
        let router = Router(context: SessionSite.Context.self)
        router.add(middleware: WebSessions(site.manager))
        router.add(middleware: Identification(roles: { ["ann": ["operator"], "ed": ["editor"]][$0.user ?? ""] ?? [] }))
        router.post("login/:user") { _, context in
            try await context.session.login(Principal(user: try context.parameters.require("user")))
            return HTTPResponse.Status.ok
        }
        router.addRoutes(
            self.cache.consoleRoutes(for: .operators(of: policy), sessions: SessionDirectory(site.manager)),
            atPath: "/console")
        try await Application(router: router).test(.router) { client in
            #expect(try await client.execute(uri: "/console/", method: .get).status == .unauthorized)
            for (user, status) in [("ed", HTTPResponse.Status.forbidden), ("bob", .forbidden), ("ann", .ok)] {
                var browser = SessionSite.Browser()
                _ = try await browser.send(.post, "/login/\(user)", to: client)
                for path in ["/", "/overview", "/survey", "/sessions?user=bob"] {
                    #expect(try await browser.send(.get, "/console\(path)", to: client).status == status, "\(user)")
                }
            }
            // With the token of the session, and no other.
            var browser = SessionSite.Browser()
            _ = try await browser.send(.post, "/login/ann", to: client)
            let overview = try await browser.send(.get, "/console/overview", to: client)
            let token = try #require(try Self.json(overview)["csrfToken"] as? String)
            for (token, status) in [("console", HTTPResponse.Status.forbidden), (token, .ok)] {
                var fields: HTTPFields = [.csrf: token]
                fields[.cookie] = "__Host-id=\(try #require(browser.id))"
                let response = try await client.execute(
                    uri: "/console/invalidate", method: .post, headers: fields,
                    body: ByteBuffer(string: #"{"tag":"all"}"#))
                #expect(response.status == status)
            }
        }
    }

    @Test func withoutSessionsOperatorsAreWhomTheServiceKnows() async throws {
        let policy = AccessPolicy([.allow(.user("ann"), to: .operate, in: .everything)])
        let router = Router()
        router.add(
            middleware: Identification { request, _ in
                request.headers[.peer].map { Identity(Principal(user: $0)) } ?? .anonymous
            })
        router.addRoutes(self.cache.consoleRoutes(for: .operators(of: policy)), atPath: "/console")
        try await Application(router: router).test(.router) { client in
            for (user, status) in [("", HTTPResponse.Status.unauthorized), ("bob", .forbidden), ("ann", .ok)] {
                let fields: HTTPFields = user.isEmpty ? [:] : [.peer: user]
                let response = try await client.execute(uri: "/console/overview", method: .get, headers: fields)
                #expect(response.status == status, "\(user)")
            }
        }
    }

    @Test func withoutWebSessionsTheContextNeedsNone() async throws {
        let policy = AccessPolicy([.allow(.user("ann"), to: .operate, in: .everything)])
        let router = Router(context: SessionSite.Context.self)
        router.add(middleware: Identification { _, _ in Identity(Principal(user: "ann")) })
        router.addRoutes(
            self.cache.consoleRoutes(for: .operators(of: policy), trusting: ["https://shop.example"]),
            atPath: "/ops/console")
        try await Application(router: router).test(.router) { client in
            let overview = try Self.json(try await client.execute(uri: "/ops/console/overview", method: .get))
            let token = try #require(overview["csrfToken"] as? String)
            for (origin, status) in [
                ("https://shop.example", HTTPResponse.Status.ok), ("https://evil.example", .forbidden),
            ] {
                let fields: HTTPFields = [.csrf: token, .origin: origin]
                let response = try await Self.post("invalidate", #"{"all":true}"#, to: client, fields)
                #expect(response.status == status, "\(origin)")
            }
        }
    }

    // MARK: What it shows

    private static func json(_ response: TestResponse) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(response.body.readableBytesView)) as? [String: Any])
    }

    @Test func thePageLoadsOnlyWhatIsBesideIt() async throws {
        try await self.run { client in
            let redirection = try await client.execute(uri: "/ops/console", method: .get)
            #expect(redirection.status == .permanentRedirect && redirection.headers[.location] == "console/")
            let page = try await client.execute(uri: "/ops/console/", method: .get)
            #expect(page.status == .ok && page.headers[.contentType] == "text/html; charset=utf-8")
            #expect(page.headers[.contentSecurityPolicy]?.hasPrefix("default-src 'self'; ") == true)
            #expect(page.headers[.cacheControl] == "no-store")
            for name in ["console.css", "console.js", "console.svg"] {
                #expect(page.text.contains("\"\(name)\""))
                #expect(try await client.execute(uri: "/ops/console/\(name)", method: .get).status == .ok)
            }
            // Nothing that the policy for contents would forbid.
            let forbidden = ["://", " style=", " onclick=", "<style", "<script>", "javascript:", "data:"]
            for text in forbidden { #expect(!page.text.contains(text), "\(text)") }
        }
    }

    @Test func theOverviewTellsWhatTheCacheDoes() async throws {
        try await self.fill(1, 2, 1)
        try await self.run { client in
            _ = try await client.execute(uri: "/ops/console/overview", method: .get)
            try await self.fill(1, 1, 3)
            let overview = try Self.json(try await client.execute(uri: "/ops/console/overview", method: .get))
            #expect(overview["cache"] as? String == "shop" && overview["hasSessions"] as? Bool == false)
            let region = try #require((overview["regions"] as? [[String: Any]])?.first)
            let counts = try #require(region["counts"] as? [String: Int])
            #expect(region["name"] as? String == "product" && counts["requests"] == 6 && counts["hits"] == 3)
            #expect(region["answeredMs"] is Double && region["loadedMs"] is Double)
            let hottest = try #require((overview["hotKeys"] as? [[String: Any]])?.first)
            #expect(hottest["key"] as? String == "shop:product:i.1")
            #expect((overview["store"] as? [String: Any])?["isOut"] as? Bool == false)
            #expect((overview["local"] as? [String: Any])?["entries"] as? Int == 3)
        }
    }

    @Test func entriesAndTagsAreFound() async throws {
        try await self.fill(1, 2, 33)
        try await self.run { client in
            func entries(_ path: String) async throws -> [String] {
                let found = try Self.json(try await client.execute(uri: "/ops/console/\(path)", method: .get))
                let items = try #require((found["entries"] ?? found["largest"]) as? [[String: Any]])
                return items.compactMap { ($0["entry"] as? [String: Any])?["key"] as? String }.sorted()
            }
            #expect(try await entries("survey").count == 3)
            #expect(try await entries("entries").count == 3)
            #expect(try await entries("entries?pattern=product:i.3*") == ["shop:product:i.33"])
            #expect(try await entries("entries?tag=product:2") == ["shop:product:i.2"])
            #expect(try await entries("entries?pattern=*&tag=none") == [])
            let survey = try Self.json(try await client.execute(uri: "/ops/console/survey", method: .get))
            #expect((survey["tags"] as? [[String: Any]])?.first?["name"] as? String == "all")
            let explanation = try Self.json(
                try await client.execute(uri: "/ops/console/explain?key=shop:product:i.1", method: .get))
            #expect(explanation["verdict"] as? String == "fresh")
        }
    }

    // MARK: What it ends

    @Test(arguments: [
        (#"{"key":"shop:product:i.1"}"#, #"{"outcome":"applied"}"#, ["fresh", "fresh"]),
        (#"{"tag":"product:2"}"#, #"{"outcome":"applied"}"#, ["fresh", "fresh", "invalidated"]),
        (#"{"pattern":"product:i.*"}"#, #"{"count":3,"outcome":"applied"}"#, []),
        (#"{"all":true}"#, #"{"outcome":"applied"}"#, ["invalidated", "invalidated", "invalidated"]),
    ]) func entriesAreEnded(body: String, answer: String, left: [String]) async throws {
        try await self.fill(1, 2, 3)
        try await self.run { client in
            #expect(try await Self.post("invalidate", body, to: client).text == answer)
            let found = try Self.json(try await client.execute(uri: "/ops/console/entries", method: .get))
            let items = try #require(found["entries"] as? [[String: Any]])
            #expect(items.compactMap { ($0["entry"] as? [String: Any])?["verdict"] as? String }.sorted() == left)
        }
    }

    @Test func whatSaysNothingIsRefusedAndEndsNothing() async throws {
        try await self.fill(1)
        try await self.run { client in
            for body in [
                "", "{}", "[]", #"{"all":false}"#, #"{"key":"other:product:i.1"}"#, #"{"key":"shop:+session:x"}"#,
                #"{"tag":""}"#, #"{"pattern":""}"#, #"{"key":"shop:product:i.1","all":true}"#, #"{"tag":1}"#,
            ] {
                #expect(try await Self.post("invalidate", body, to: client).status == .badRequest, "\(body)")
            }
            let long = #"{"tag":"\#(String(repeating: "x", count: 20_000))"}"#
            #expect(try await Self.post("invalidate", long, to: client).status == .contentTooLarge)
            for path in ["explain", "explain?key=", "explain?key=nothing"] {
                let response = try await client.execute(uri: "/ops/console/\(path)", method: .get)
                #expect(response.status == .badRequest, "\(path)")
            }
            #expect(try await client.execute(uri: "/ops/console/sessions?user=1", method: .get).status == .notFound)
            let found = try Self.json(
                try await client.execute(uri: "/ops/console/explain?key=shop:product:i.1", method: .get))
            #expect(found["verdict"] as? String == "fresh")
        }
    }

    @Test func sessionsOfAUserAreListedAndEnded() async throws {
        let site = try SessionSite()
        for device in ["phone", "laptop", "desk"] {
            _ = try await site.manager.login(Principal(user: "17"), on: device)
        }
        _ = try await site.manager.login(Principal(user: "18"))
        try await self.run(sessions: SessionDirectory(site.manager)) { client in
            func list(_ query: String) async throws -> [[String: Any]] {
                let found = try await client.execute(uri: "/ops/console/sessions?\(query)", method: .get)
                return try #require(try Self.json(found)["sessions"] as? [[String: Any]])
            }
            #expect(
                Set(try await list("user=17").compactMap { $0["device"] as? String }) == ["phone", "laptop", "desk"])
            #expect(try await list("user=17&tenant=acme").isEmpty)
            #expect(try await client.execute(uri: "/ops/console/sessions", method: .get).status == .badRequest)
            let id = try #require(try await list("user=17").first?["id"] as? String)
            let one = #"{"user":"17","session":"\#(id)"}"#
            #expect(try await Self.post("sessions/end", one, to: client).text == #"{"ended":1}"#)
            #expect(try await Self.post("sessions/end", one, to: client).text == #"{"ended":0}"#)
            #expect(try await Self.post("sessions/end", #"{"user":"17"}"#, to: client).text == #"{"ended":2}"#)
            #expect(try await Self.post("sessions/end", #"{"user":""}"#, to: client).status == .badRequest)
            #expect(try await list("user=18").count == 1)
        }
    }

    @Test func aStoreThatFailsIsShownAndNobodysTrouble() async throws {
        struct Broken: Error {}
        let store = InterceptedStore(EmbeddedStore(), before: { _ in throw Broken() })
        let cache = Cache("shop", store: store)
        let router = Router(context: Context.self)
        router.add(middleware: Client())
        router.addRoutes(cache.consoleRoutes(for: .thisMachine), atPath: "/ops/console")
        try await Application(router: router).test(.router) { client in
            let overview = try Self.json(try await client.execute(uri: "/ops/console/overview", method: .get))
            #expect((overview["store"] as? [String: Any])?["state"] as? String == "down")
            #expect(try await client.execute(uri: "/ops/console/survey", method: .get).status == .serviceUnavailable)
            #expect(try await Self.post("invalidate", #"{"tag":"all"}"#, to: client).text == #"{"outcome":"queued"}"#)
        }
    }
}

extension HTTPField.Name {
    // The names are tokens, so this cannot fail.
    // swift-format-ignore: NeverForceUnwrap
    fileprivate static let authority = HTTPField.Name("X-Authority")!
    // swift-format-ignore: NeverForceUnwrap
    fileprivate static let peer = HTTPField.Name("X-Peer")!
    // swift-format-ignore: NeverForceUnwrap
    fileprivate static let xForwardedFor = HTTPField.Name("X-Forwarded-For")!
    // swift-format-ignore: NeverForceUnwrap
    fileprivate static let forwarded = HTTPField.Name("Forwarded")!
    // swift-format-ignore: NeverForceUnwrap
    fileprivate static let realIP = HTTPField.Name("X-Real-IP")!
    // swift-format-ignore: NeverForceUnwrap
    fileprivate static let via = HTTPField.Name("Via")!
}
#endif
