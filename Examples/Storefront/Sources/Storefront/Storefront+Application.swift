// SPDX-License-Identifier: Apache-2.0

import Hummingbird
import HummingbirdTLS
import Larder
import LarderHTTP
import LarderHummingbird
import LarderRedis
import LarderSessions
import Logging
import NIOCore
import PrometheusExporter
import RedisDriver

extension Storefront {
    /// The whole service, ready to run.
    ///
    /// - Parameters:
    ///   - configuration: What the environment says.
    ///   - onListening: Called with the URL once connections are accepted.
    static func application(
        _ configuration: StorefrontConfiguration,
        onListening: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws -> some ApplicationProtocol {
        var logger = Logger(label: "storefront") { label in
            switch configuration.logFormat {
            case .text: StreamLogHandler.standardError(label: label)
            case .json: JSONLogHandler(label: label)
            }
        }
        logger.logLevel = configuration.logLevel

        let database = try await CatalogueDatabase.open(at: configuration.databasePath, logger: logger)
        let metrics = PrometheusMetrics()
        let redis = try configuration.redis.map { configuration in
            var configuration = configuration
            configuration.metricsFactory = metrics
            return try RedisClient(configuration, logger: logger)
        }
        let cache = await Self.cache(
            configuration.namespace, redis, CacheConfiguration(metricsFactory: metrics), logger: logger)
        let catalogue = Catalogue(
            database: database, cache: cache, consistency: configuration.consistency,
            queryDelay: configuration.queryDelay)
        let updates = redis.map { UserUpdates(bus: EventBus($0, namespace: configuration.namespace), logger: logger) }
        let users = Users(
            database: database, cache: cache, consistency: configuration.consistency,
            sealingKeys: configuration.sealingKeys, updates: updates)

        let responses = ResponseCache(
            cache, context: StorefrontContext.self, paths: ResponsePaths(cacheable: []), configuration: .storefront,
            identify: { _, context in context.session.principal })

        let router = Router(context: StorefrontContext.self)
        router.add(middleware: RequestMetrics(metrics))
        router.add(
            middleware: SecurityHeaders(
                transportSecurity: configuration.isReachedOverTLS ? .seconds(30 * 86_400) : nil))
        router.add(middleware: JSONErrorMiddleware())
        router.add(middleware: responses)
        router.addRoutes(HomeRoutes(hasConsole: configuration.console != nil).routes)
        router.addRoutes(ProductRoutes(catalogue: catalogue).routes, atPath: "/products")
        router.addRoutes(UserRoutes(users: users).routes, atPath: "/users")
        let pages = PageRoutes(database: database, responses: responses, consistency: configuration.consistency)
        router.addRoutes(pages.routes)
        pages.addOwn(to: try Self.addAccounts(to: router, configuration, cache, redis, database, logger: logger))
        router.get("/static") { _, _ in Self.staticResponse }
        if let redis {
            // As much as a route can do that asks Redis at all.
            router.get("/static/get") { _, _ in
                _ = try await redis.execute(GET("\(configuration.namespace):none"))
                return Self.staticResponse
            }
        }
        let policy = ResponsePolicy.shared(.seconds(3_600)).consistency(configuration.consistency)
        router.get("/static/cached", cached: policy, in: responses) { _, _ in Self.staticResponse }
        router.addRoutes(cache.healthRoutes(isReady: { await database.isReachable }), atPath: "/health")
        router.addRoutes(cache.statisticsRoutes(), atPath: "/stats")
        router.addRoutes(metrics.routes(of: cache), atPath: "/metrics")

        // An address of version 6 stands in brackets in a URL.
        let host = configuration.host.contains(":") ? "[\(configuration.host)]" : configuration.host
        let scheme = configuration.tls == nil ? "http" : "https"
        var application = Application(
            router: router, server: try configuration.tls.map { try .tls(tlsConfiguration: $0) } ?? .http1(),
            configuration: ApplicationConfiguration(address: .hostname(configuration.host, port: configuration.port)),
            onServerRunning: { channel in
                onListening("\(scheme)://\(host):\(channel.localAddress?.port ?? configuration.port)")
            },
            logger: logger
        )
        // It ends after the server, which uses it to the last request.
        if let redis { application.addServices(redis) }
        if let updates { application.addServices(updates) }
        return application
    }

    /// The routes that know who asks.
    ///
    /// - Returns: The group for further ones.
    private static func addAccounts(
        to router: Router<StorefrontContext>, _ configuration: StorefrontConfiguration, _ cache: Cache,
        _ redis: RedisClient?, _ database: CatalogueDatabase, logger: Logger
    ) throws -> RouterGroup<StorefrontContext> {
        if configuration.sessionKeys == nil {
            logger.notice("sessions are sealed with the demo's secrets, which everybody knows: see SESSION_KEYS")
        }
        let store: any SessionStore = redis.map { RedisSessionStore($0) } ?? EmbeddedSessionStore()
        let sessions = SessionManager(
            configuration.namespace, initial: ShopSession(), store: store,
            keys: try SessionSecrets.keys(configuration)
        ) { event in
            logger.info("a session was \(event.kind)", metadata: ["storefront.session": "\(event.digest?.text ?? "")"])
        }
        let limits: any RateLimitStore = redis.map { RedisRateLimitStore($0) } ?? EmbeddedRateLimitStore()
        func limiter(_ name: String, _ limit: RateLimit) -> RateLimiter {
            RateLimiter(name, limit, in: configuration.namespace, store: limits, whenUnavailable: .closed)
        }
        let login = LoginRoutes(
            accounts: Accounts(database: database),
            accountLimit: limiter("login", .rate(10, per: .seconds(60))))
        let routes = SessionRoutes(sessions: sessions)

        let group = router.group()
            .add(
                middleware: WebSessions(
                    sessions, cookie: configuration.isReachedOverTLS ? SessionCookie() : .localDevelopment
                ) { request, _ in request.headers[.userAgent] }
            )
            .add(middleware: CSRFProtection(trusting: Set(configuration.publicOrigin.map { [$0] } ?? [])))
        group.get("profile", use: routes.profile)
        group.get("sessions", use: routes.list)
        group.delete("sessions/:n", use: routes.end)
        group.get("cart", use: routes.cart)
        group.post("logout", use: login.logout)
        group.post("logout-everywhere", use: login.logoutEverywhere)
        let address = RateLimitKey<StorefrontContext>.address(behind: configuration.trustedProxies)
        // Whoever has no session gets one with the first thing in the cart.
        let visitor = RateLimitKey<StorefrontContext> { _, context in context.session.session == nil ? "visitor" : nil }
        group.group("cart")
            .add(middleware: RateLimiting(limiter("visitors", .rate(300, per: .seconds(60))), by: visitor.and(address)))
            .post(use: routes.addToCart)
        group.group("login")
            .add(middleware: RateLimiting(limiter("address", .rate(100, per: .seconds(60))), by: address))
            .post(use: login.login)
        Self.addConsole(of: cache, SessionDirectory(sessions), to: router, group, configuration)
        return group
    }

    /// The console at `/console`, if somebody may use it.
    ///
    /// - Parameters:
    ///   - router: For routes that nobody logs in for.
    ///   - group: For those that know who asks.
    private static func addConsole(
        of cache: Cache, _ sessions: SessionDirectory, to router: Router<StorefrontContext>,
        _ group: RouterGroup<StorefrontContext>, _ configuration: StorefrontConfiguration
    ) {
        switch configuration.console {
        case nil: break
        case .thisMachine:
            router.addRoutes(cache.consoleRoutes(for: .thisMachine, sessions: sessions), atPath: "/console")
        case .operators(let operators):
            let policy = AccessPolicy([.allow(.role("operator"), to: .operate, in: .everything)])
            let known = group.group("console").add(
                middleware: Identification { principal in
                    operators.contains(principal.user ?? "") ? ["operator"] : []
                })
            known.addRoutes(
                cache.consoleRoutes(
                    for: .operators(of: policy), sessions: sessions,
                    trusting: Set(configuration.publicOrigin.map { [$0] } ?? [])))
        }
    }

    /// The cache, on the server of `redis` or within the process. The service starts without a server that it cannot reach.
    private static func cache(
        _ name: String, _ redis: RedisClient?, _ configuration: CacheConfiguration, logger: Logger
    ) async -> Cache {
        guard let redis else { return Cache(name, store: .embedded, configuration: configuration, logger: logger) }
        do {
            try await redis.execute(PING())
        } catch {
            logger.warning("starting without the cache, which will be used once it answers: \(error)")
        }
        return Cache(name, store: .redis(redis), configuration: configuration, logger: logger)
    }

    /// A fixed answer of 2 KB: what a request costs without any cache, and with that of responses alone.
    private static var staticResponse: Response { Response(json: Self.staticBody) }

    private static let staticBody = ByteBuffer(
        string: #"{"message":"\#(String(repeating: "larder ", count: 290))"}"#)
}

extension HTTPCacheConfiguration {
    /// With `X-Cache`, as the rest of the service has it.
    fileprivate static var storefront: HTTPCacheConfiguration {
        var configuration = HTTPCacheConfiguration()
        configuration.sendsXCache = true
        return configuration
    }
}
