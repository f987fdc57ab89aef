// SPDX-License-Identifier: Apache-2.0

#if Hummingbird
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Larder
import LarderHummingbird
import LarderTesting
import NIOCore
import Testing

@Suite(.timeLimit(.minutes(1))) struct RateLimitingTests {
    private struct Context: RemoteAddressRequestContext {
        var coreContext: CoreRequestContextStorage
        var remoteAddress: SocketAddress?

        init(source: ApplicationRequestContextSource) {
            self.coreContext = .init(source: source)
        }
    }

    /// Lets requests come from the address in `X-Peer`.
    private struct Peer: RouterMiddleware {
        func handle(
            _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
        ) async throws -> Response {
            var context = context
            context.remoteAddress = try request.headers[.peer].map { try SocketAddress(ipAddress: $0, port: 1) }
            return try await next(request, context)
        }
    }

    private struct BrokenStore: RateLimitStore {
        func use(_ cost: Int, of limit: RateLimit, for key: CacheKey) async throws -> RateDecision {
            throw StoreRefusal("broken")
        }

        func reset(_ key: CacheKey) async throws { throw StoreRefusal("broken") }
    }

    private let clock = ManualClock()

    private func run(
        _ middleware: RateLimiting<Context>..., body: @escaping @Sendable (any TestClientProtocol) async throws -> Void
    ) async throws {
        let router = Router(context: Context.self)
        router.add(middleware: Peer())
        for middleware in middleware { router.add(middleware: middleware) }
        router.get("a/:id") { _, _ in "a" }
        router.get("b") { _, _ -> String in throw HTTPError(.conflict) }
        try await Application(router: router).test(.router) { try await body($0) }
    }

    private func limiter(_ name: String = "api", _ limit: RateLimit = .rate(2, per: .seconds(10))) -> RateLimiter {
        RateLimiter(name, limit, in: "shop", store: EmbeddedRateLimitStore(clock: self.clock))
    }

    @Test func responsesTellWhatIsLeftAndWhenToComeAgain() async throws {
        try await self.run(RateLimiting(self.limiter(), by: .route)) { client in
            let first = try await client.execute(uri: "/a/1", method: .get)
            #expect(first.headers[.limitPolicy] == #""api";q=2;w=10"#)
            #expect(first.headers[.limit] == #""api";r=1;t=5"#)
            let second = try await client.execute(uri: "/a/2", method: .get)
            #expect(second.headers[.limit] == #""api";r=0;t=10"# && second.headers[.retryAfter] == nil)
            let third = try await client.execute(uri: "/a/1", method: .get)
            #expect(third.status == .tooManyRequests && third.headers[.retryAfter] == "5")
            #expect(third.headers[.limit] == #""api";r=0;t=10"#)
            #expect(try await client.execute(uri: "/a/1", method: .head).status != .tooManyRequests)
            // Errors tell it too.
            let failed = try await client.execute(uri: "/b", method: .get)
            #expect(failed.status == .conflict && failed.headers[.limit] == #""api";r=1;t=5"#)
            self.clock.advance(by: .seconds(5))
            #expect(try await client.execute(uri: "/a/1", method: .get).status == .ok)
        }
    }

    @Test func severalLimitsStandSideBySide() async throws {
        let wide: RateLimiting<Context> = RateLimiting(
            self.limiter(#"per "hour"é"#, .slidingWindow(100, per: .seconds(3_600))), by: .route)
        try await self.run(wide, RateLimiting(self.limiter("burst"), by: .address())) { client in
            let response = try await client.execute(uri: "/a/1", method: .get, headers: [.peer: "192.0.2.1"])
            #expect(
                response.headers[values: .limitPolicy] == [#""burst";q=2;w=10"#, #""per \"hour\"?";q=100;w=3600"#])
            #expect(response.headers[values: .limit].count == 2)
        }
    }

    @Test(arguments: [
        // Without a proxy the connection tells, whatever a client writes.
        ("192.0.2.1", "198.51.100.7", [String](), "192.0.2.1"),
        ("10.0.0.1", "198.51.100.7", ["10.0.0.0/8"], "198.51.100.7"),
        ("10.255.0.1", "198.51.100.7", ["10.0.0.0/9"], "10.255.0.1"),
        ("10.0.0.1", "203.0.113.9, 198.51.100.7", ["10.0.0.0/8"], "198.51.100.7"),
        ("10.0.0.1", "203.0.113.9, 198.51.100.7,10.0.0.2", ["10.0.0.0/8"], "198.51.100.7"),
        ("10.0.0.1", "198.51.100.7:4711", ["10.0.0.1"], "198.51.100.7"),
        ("10.0.0.1", "unknown", ["10.0.0.0/8"], "10.0.0.1"),
        // What a client writes before the comma of the proxy must not swallow it.
        ("10.0.0.1", "203.0.113.9:\u{600}, 198.51.100.7", ["10.0.0.0/8"], "198.51.100.7"),
        ("10.0.0.1", "203.0.113.9%\u{600}, 198.51.100.7", ["10.0.0.0/8"], "198.51.100.7"),
        ("10.0.0.1", "198.51.100.7%eth0", ["10.0.0.0/8"], "10.0.0.1"),
        ("10.0.0.1", "[2001:db8::1]x", ["10.0.0.0/8"], "10.0.0.1"),
        ("10.0.0.1", "198.51.100.7:x", ["10.0.0.0/8"], "10.0.0.1"),
        ("10.0.0.1", "198.51.100.7, not an address", ["10.0.0.0/8"], "10.0.0.1"),
        ("10.0.0.1", "", ["10.0.0.0/8"], "10.0.0.1"),
        ("10.0.0.1", "10.0.0.2, 10.0.0.3", ["10.0.0.0/8"], "10.0.0.2"),
        ("::ffff:10.0.0.1", "198.51.100.7", ["10.0.0.0/8"], "198.51.100.7"),
        ("fd00::1", "2001:db8:1:2:3:4:5:6", ["fd00::/8"], "2001:db8:1:2::"),
        ("fd00::1", "[2001:db8:1:2::9]:443", ["fd00::1"], "2001:db8:1:2::"),
        ("fd00::1", String(repeating: "1.1.1.1,", count: 1_000) + "198.51.100.7", ["fd00::1"], "198.51.100.7"),
    ])
    func theClientIsWhoTrustedProxiesSay(
        _ peer: String, _ field: String, _ trusted: [String], _ client: String
    ) async throws {
        let proxies = trusted.isEmpty ? TrustedProxies.none : try TrustedProxies(trusted)
        try await self.run(RateLimiting(self.limiter(), by: .address(behind: proxies))) { test in
            for status in [HTTPResponse.Status.ok, .ok, .tooManyRequests] {
                let response = try await test.execute(
                    uri: "/a/1", method: .get, headers: [.peer: peer, .forwardedFor: field])
                #expect(response.status == status)
            }
            // Whoever comes from that address itself has used up the same limit.
            let direct = try await test.execute(uri: "/a/1", method: .get, headers: [.peer: client])
            #expect(direct.status == .tooManyRequests)
            let other = try await test.execute(uri: "/a/1", method: .get, headers: [.peer: "203.0.113.77"])
            #expect(other.status == .ok)
        }
    }

    @Test func theFieldOfTheStandardIsReadWhereItIsNamed() async throws {
        let proxies = try TrustedProxies(["10.0.0.0/8"], field: .forwarded)
        try await self.run(RateLimiting(self.limiter(), by: .address(behind: proxies))) { client in
            for field in [
                "for=203.0.113.9, for=198.51.100.7;proto=https;by=10.0.0.1",
                "for=203.0.113.9;x=\u{600}, proto=https; For=\"198.51.100.7:4711\"",
            ] {
                let response = try await client.execute(
                    uri: "/a/1", method: .get,
                    headers: [.peer: "10.0.0.1", .forwarded: field, .forwardedFor: "203.0.113.1"])
                #expect(response.status == .ok)
            }
            let direct = try await client.execute(uri: "/a/1", method: .get, headers: [.peer: "198.51.100.7"])
            #expect(direct.status == .tooManyRequests)
        }
    }

    @Test(arguments: ["", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0/8", "10.0.0.0/8/8", "proxy.example", "fd00::/129"])
    func aListOfProxiesThatCannotBeIsRefused(_ network: String) {
        #expect(throws: TrustedProxies.Invalid.self) { _ = try TrustedProxies([network]) }
    }

    @Test func whatCannotBeLookedUpPassesOrNotAsTheLimiterSays() async throws {
        for (failure, status) in [(RateLimiter.Failure.open, HTTPResponse.Status.ok), (.closed, .serviceUnavailable)] {
            let limiter = RateLimiter(
                "api", .rate(1, per: .seconds(1)), in: "shop", store: BrokenStore(), whenUnavailable: failure)
            try await self.run(RateLimiting(limiter, by: .route)) { client in
                let response = try await client.execute(uri: "/a/1", method: .get)
                #expect(response.status == status && response.headers[.limit] == nil)
                #expect(response.headers[.retryAfter] == (failure == .open ? nil : "1"))
            }
        }
    }

    @Test func pairsOfKeysHaveALimitEach() async throws {
        let key = RateLimitKey<Context> { request, _ in request.headers[.init("X-Who") ?? .server] }
        try await self.run(RateLimiting(self.limiter(), by: key.and(.route))) { client in
            let who = HTTPField.Name("X-Who") ?? .server
            for _ in 0..<2 { _ = try await client.execute(uri: "/a/1", method: .get, headers: [who: "x"]) }
            #expect(
                try await client.execute(uri: "/a/1", method: .get, headers: [who: "x"]).status == .tooManyRequests)
            #expect(try await client.execute(uri: "/b", method: .get, headers: [who: "x"]).status == .conflict)
            #expect(try await client.execute(uri: "/a/1", method: .get, headers: [who: "y"]).status == .ok)
            // Who has no key is not limited.
            for _ in 0..<5 { #expect(try await client.execute(uri: "/a/1", method: .get).status == .ok) }
        }
    }
}

extension HTTPField.Name {
    // The names are tokens, so this cannot fail.
    // swift-format-ignore: NeverForceUnwrap
    fileprivate static let peer = HTTPField.Name("X-Peer")!
    // swift-format-ignore: NeverForceUnwrap
    fileprivate static let forwardedFor = HTTPField.Name("X-Forwarded-For")!
    // swift-format-ignore: NeverForceUnwrap
    fileprivate static let forwarded = HTTPField.Name("Forwarded")!
    // swift-format-ignore: NeverForceUnwrap
    fileprivate static let limit = HTTPField.Name("RateLimit")!
    // swift-format-ignore: NeverForceUnwrap
    fileprivate static let limitPolicy = HTTPField.Name("RateLimit-Policy")!
}
#endif
