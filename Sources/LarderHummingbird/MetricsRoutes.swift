// SPDX-License-Identifier: Apache-2.0

#if Hummingbird
import HTTPTypes
public import Hummingbird
public import Larder
import NIOCore
public import PrometheusExporter

extension PrometheusMetrics {
    /// The route that Prometheus asks: mount it at `/metrics`, where clients of the service do not get.
    ///
    /// - Parameters:
    ///   - caches: The caches whose counts are passed on first. They have to be made with this as their
    ///     `CacheConfiguration.metricsFactory`, or after it was bootstrapped.
    ///   - context: The type of the router's request context.
    public func routes<Context: RequestContext>(
        of caches: Cache..., context: Context.Type = Context.self
    ) -> RouteCollection<Context> {
        let routes = RouteCollection(context: Context.self)
        routes.get { _, _ in
            for cache in caches { cache.reportMetrics() }
            return Response(
                status: .ok, headers: [.contentType: Self.contentType, .cacheControl: "no-store"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: self.text())))
        }
        return routes
    }
}
#endif
