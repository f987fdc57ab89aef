// SPDX-License-Identifier: Apache-2.0

#if Hummingbird
import HTTPTypes
public import Hummingbird
public import Larder

extension Cache {
    /// The routes by which a service tells how it is: mount them at `/health`.
    ///
    /// | route | answer |
    /// |---|---|
    /// | `GET /live` | 200 while the process runs |
    /// | `GET /ready` | 200 when the service can serve, else 503; a cache out of reach does not make it unready |
    /// | `GET /` | `{"status":"healthy","store":{"kind":"embedded","state":"up","latencyMs":0.01,"queuedInvalidations":0}}` |
    ///
    /// The status is `degraded` while the store cannot be reached: the service works, with more load on its sources.
    ///
    /// - Parameters:
    ///   - context: The type of the router's request context.
    ///   - isReady: Whether the service's own sources, such as its database, can be reached.
    public func healthRoutes<Context: RequestContext>(
        context: Context.Type = Context.self,
        isReady: @escaping @Sendable () async -> Bool = { true }
    ) -> RouteCollection<Context> {
        let routes = RouteCollection(context: Context.self)
        routes.get("live") { _, _ in
            Response(json: ["status": "live"])
        }
        routes.get("ready") { _, _ in
            await isReady()
                ? Response(json: ["status": "ready"])
                : Response(status: .serviceUnavailable, json: ["status": "unready"])
        }
        routes.get { _, _ in
            Response(json: HealthReport(await self.health()))
        }
        return routes
    }
}

/// What `GET /health` answers.
struct HealthReport: Encodable {
    enum Status: String, Encodable {
        case healthy, degraded
    }

    struct Store: Encodable {
        var kind: String
        var state: StoreHealth.State
        var latencyMs: Double
        var queuedInvalidations: Int
    }

    var status: Status
    var store: Store

    init(_ health: StoreHealth) {
        self.status = health.state == .up ? .healthy : .degraded
        self.store = Store(
            kind: health.kind, state: health.state, latencyMs: health.latency / .milliseconds(1),
            queuedInvalidations: health.queuedInvalidations)
    }
}
#endif
