// SPDX-License-Identifier: Apache-2.0

#if Hummingbird
import Hummingbird
import HummingbirdTesting
import Larder
import LarderHTTP
import LarderHummingbird
import LarderSessions
import NIOCore
import Testing

@Suite struct IdentificationTests {
    private static let policy = AccessPolicy([
        .allow(.everyone, to: .read, in: .shared.regions("product", "http")),
        .allow(.users, to: .read, in: .own),
        .allow(.role("editor"), to: .read, .invalidate, in: .everything),
    ])

    /// A service whose cache asks who a request is from.
    private func run(
        _ body: @escaping @Sendable (any TestClientProtocol, SessionSite) async throws -> Void
    ) async throws {
        let site = try SessionSite()
        let cache = Cache(
            "shop", store: .embedded, configuration: CacheConfiguration(access: Self.policy))
        let product = cache.function("product", .ttl(.seconds(60))) { (id: String) in "product \(id)" }
        let orders = cache.function("orders", .ttl(.seconds(60))) { (user: Principal) in "orders of \(user.user ?? "")"
        }
        let router = Router(context: SessionSite.Context.self)
        router.add(middleware: WebSessions(site.manager))
        router.add(middleware: Identification(roles: { $0.user == "eve" ? ["editor"] : [] }))
        router.post("login/:user") { _, context in
            try await context.session.login(Principal(user: try context.parameters.require("user")))
            return HTTPResponse.Status.ok
        }
        router.get("product/:id") { _, context in try await product(try context.parameters.require("id")) }
        router.get("orders/:user") { _, context in
            try await orders(Principal(user: try context.parameters.require("user")))
        }
        let responses = ResponseCache(cache, context: SessionSite.Context.self) { _, context in
            context.session.principal
        }
        router.get("mine/:user", cached: .private(.seconds(60)), in: responses) { _, context in
            try await orders(Principal(user: try context.parameters.require("user")))
        }
        router.get("streamed/:user", cached: .private(.seconds(60)), in: responses) { _, context in
            let user = try context.parameters.require("user")
            return Response(
                status: .ok,
                body: ResponseBody { writer in
                    try await writer.write(ByteBuffer(string: try await orders(Principal(user: user))))
                    try await writer.finish(nil)
                })
        }
        router.get("clear") { _, _ in "\(await cache.clear())" }
        try await Application(router: router).test(.router) { try await body($0, site) }
    }

    @Test func aRequestReachesWhatItsIdentityMay() async throws {
        try await self.run { client, _ in
            func ask(_ path: String, as user: String?) async throws -> (HTTPResponse.Status, String) {
                var browser = SessionSite.Browser()
                if let user { _ = try await browser.send(.post, "/login/\(user)", to: client) }
                let response = try await browser.send(.get, path, to: client)
                return (response.status, response.text)
            }
            for (path, user, status, text) in [
                ("/product/1", nil, .ok, "product 1"), ("/orders/ann", nil, .unauthorized, nil),
                ("/orders/ann", "ann", .ok, "orders of ann"), ("/orders/ann", "ben", .forbidden, nil),
                ("/orders/ann", "eve", .ok, "orders of ann"), ("/clear", "ann", .ok, "denied"),
                ("/clear", "eve", .ok, "applied"),
                // Where responses are cached, too, and stored under whose they are.
                ("/mine/ann", "ann", .ok, "orders of ann"), ("/mine/ann", "ben", .forbidden, nil),
                ("/mine/ann", "ann", .ok, "orders of ann"), ("/mine/ann", "ben", .forbidden, nil),
                ("/streamed/ann", "ann", .ok, "orders of ann"), ("/streamed/ann", "ann", .ok, "orders of ann"),
            ] as [(String, String?, HTTPResponse.Status, String?)] {
                let answer = try await ask(path, as: user)
                #expect(answer.0 == status)
                if let text { #expect(answer.1 == text) }
            }
        }
    }
}
#endif
