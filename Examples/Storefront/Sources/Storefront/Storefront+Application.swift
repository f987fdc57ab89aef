// SPDX-License-Identifier: Apache-2.0

import Hummingbird
import Larder
import LarderHummingbird
import Logging
import NIOCore

extension Storefront {
    /// The whole service, ready to run.
    ///
    /// - Parameters:
    ///   - configuration: What the environment says.
    ///   - onListening: Called with host and port once connections are accepted.
    static func application(
        _ configuration: StorefrontConfiguration,
        onListening: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws -> some ApplicationProtocol {
        var logger = Logger(label: "storefront", factory: { label in StreamLogHandler.standardError(label: label) })
        logger.logLevel = configuration.logLevel

        let database = try await CatalogueDatabase.open(at: configuration.databasePath, logger: logger)
        let cache = Cache(configuration.namespace, store: .embedded, logger: logger)
        let catalogue = Catalogue(database: database, cache: cache, queryDelay: configuration.queryDelay)
        let users = Users(database: database, cache: cache)

        let router = Router()
        router.add(middleware: JSONErrorMiddleware())
        router.addRoutes(ProductRoutes(catalogue: catalogue).routes, atPath: "/products")
        router.addRoutes(UserRoutes(users: users).routes, atPath: "/users")
        router.get("/static") { _, _ in Self.staticResponse }
        router.addRoutes(cache.healthRoutes(isReady: { await database.isReachable }), atPath: "/health")
        router.addRoutes(cache.statisticsRoutes(), atPath: "/stats")

        // An address of version 6 stands in brackets in a URL.
        let host = configuration.host.contains(":") ? "[\(configuration.host)]" : configuration.host
        return Application(
            router: router,
            configuration: ApplicationConfiguration(address: .hostname(configuration.host, port: configuration.port)),
            onServerRunning: { channel in
                onListening("\(host):\(channel.localAddress?.port ?? configuration.port)")
            },
            logger: logger
        )
    }

    /// A fixed answer of 2 KB: what a request costs without any cache.
    private static var staticResponse: Response { Response(json: Self.staticBody) }

    private static let staticBody = ByteBuffer(
        string: #"{"message":"\#(String(repeating: "larder ", count: 290))"}"#)
}
