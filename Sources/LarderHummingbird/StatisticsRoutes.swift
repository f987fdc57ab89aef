// SPDX-License-Identifier: Apache-2.0

#if Hummingbird
public import Hummingbird
public import Larder

extension Cache {
    /// The route that shows what each region has done since the process started: mount it at `/stats`.
    ///
    /// `GET /` answers with the counts of `RegionStatistics` for each region, and how the store is:
    /// `{"regions":{"product":{"requests":2,"hits":1,…}},"store":{"kind":"embedded","outages":0,"queuedInvalidations":0,"state":"up"}}`.
    ///
    /// - Parameter context: The type of the router's request context.
    public func statisticsRoutes<Context: RequestContext>(
        context: Context.Type = Context.self
    ) -> RouteCollection<Context> {
        let routes = RouteCollection(context: Context.self)
        routes.get { _, _ in
            Response(json: StatisticsReport(regions: self.statistics, health: await self.health()))
        }
        return routes
    }
}

/// What `GET /stats` answers.
struct StatisticsReport: Encodable {
    struct Store: Encodable {
        var kind: String
        var state: StoreHealth.State
        var queuedInvalidations: Int
        var outages: Int
    }

    var regions: [String: RegionStatistics]
    var store: Store

    init(regions: [String: RegionStatistics], health: StoreHealth) {
        self.regions = regions
        self.store = Store(
            kind: health.kind, state: health.state, queuedInvalidations: health.queuedInvalidations,
            outages: health.outages)
    }
}
#endif
