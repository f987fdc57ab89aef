// SPDX-License-Identifier: Apache-2.0

#if Hummingbird
import Hummingbird
import HummingbirdTesting
import Larder
import LarderHummingbird
import LarderTesting
import HTTPTypes
import PrometheusExporter
import NIOCore
import Testing

@Suite struct ServiceRoutesTests {
    private struct Broken: Error {}

    private func application(_ cache: Cache, isReady: Bool = true) -> some ApplicationProtocol {
        let router = Router()
        router.addRoutes(cache.healthRoutes(isReady: { isReady }), atPath: "/health")
        router.addRoutes(cache.statisticsRoutes(), atPath: "/stats")
        return Application(router: router)
    }

    @Test func aHealthyServiceSaysSo() async throws {
        try await self.application(Cache("test", store: .embedded)).test(.router) { client in
            for path in ["/health/live", "/health/ready", "/health"] {
                let response = try await client.execute(uri: path, method: .get)
                #expect(response.status == .ok, "\(path)")
                #expect(response.headers[.contentType] == "application/json")
                #expect(response.headers[.cacheControl] == "no-store")
            }
            let report = String(buffer: try await client.execute(uri: "/health", method: .get).body)
            #expect(report.hasPrefix(#"{"status":"healthy","store":{"kind":"embedded","latencyMs":"#))
            #expect(report.hasSuffix(#","state":"up"}}"#))
        }
    }

    @Test func withoutItsStoreAServiceIsDegradedButReady() async throws {
        let store = InterceptedStore(EmbeddedStore(), before: { _ in throw Broken() })
        try await self.application(Cache("test", store: store)).test(.router) { client in
            #expect(try await client.execute(uri: "/health/live", method: .get).status == .ok)
            #expect(try await client.execute(uri: "/health/ready", method: .get).status == .ok)
            let health = try await client.execute(uri: "/health", method: .get)
            #expect(health.status == .ok)
            #expect(String(buffer: health.body).hasPrefix(#"{"status":"degraded""#))
            let statistics = String(buffer: try await client.execute(uri: "/stats", method: .get).body)
            #expect(
                statistics
                    == #"{"regions":{},"store":{"kind":"embedded","outages":0,"queuedInvalidations":0,"state":"down"}}"#
            )
        }
    }

    @Test func prometheusIsToldWhatTheCacheAndItsRequestsDid() async throws {
        let metrics = PrometheusMetrics()
        let cache = Cache("test", store: .embedded, configuration: CacheConfiguration(metricsFactory: metrics))
        let double = cache.function("double", .ttl(.seconds(60))) { (number: Int) in 2 * number }
        let router = Router()
        router.add(middleware: RequestMetrics(metrics))
        router.get("double/:number") { _, context in
            "\(try await double(context.parameters.require("number", as: Int.self)))"
        }
        router.addRoutes(metrics.routes(of: cache), atPath: "/metrics")
        try await Application(router: router).test(.router) { client in
            for path in ["/double/1", "/double/2", "/double/x", "/nowhere/1", "/nowhere/2"] {
                _ = try await client.execute(uri: path, method: .get)
            }
            let made = try #require(HTTPRequest.Method("MADE-UP"))
            _ = try await client.execute(uri: "/double/1", method: made)
            let response = try await client.execute(uri: "/metrics", method: .get)
            #expect(response.headers[.contentType] == PrometheusMetrics.contentType)
            #expect(response.headers[.cacheControl] == "no-store")
            let page = String(buffer: response.body)
            #expect(page.contains(#"larder_requests_total{cache="test",region="double",result="miss"} 2"#))
            for (route, method, status, count) in [
                ("/double/{number}", "GET", 200, 2), ("/double/{number}", "GET", 400, 1), ("NotFound", "GET", 404, 2),
                ("NotFound", "_OTHER", 404, 1),
            ] {
                let labels =
                    #"http_request_method="\#(method)",http_response_status_code="\#(status)",http_route="\#(route)""#
                #expect(page.contains("http_server_request_duration_seconds_count{\(labels)} \(count)\n"), "\(page)")
            }
        }
    }

    @Test func withoutItsSourcesAServiceIsNotReady() async throws {
        try await self.application(Cache("test", store: .embedded), isReady: false).test(.router) { client in
            let live = try await client.execute(uri: "/health/live", method: .get)
            let ready = try await client.execute(uri: "/health/ready", method: .get)
            #expect(live.status == .ok)
            #expect(ready.status == .serviceUnavailable)
        }
    }

    @Test func eachRegionIsCounted() async throws {
        let cache = Cache("test", store: .embedded)
        let one = cache.function("one", .ttl(.seconds(60))) { (id: Int) in id }
        _ = cache.function("other", .ttl(.seconds(60))) { (id: Int) in id }
        for _ in 0..<3 { _ = try await one(1) }
        try await self.application(cache).test(.router) { client in
            let statistics = String(buffer: try await client.execute(uri: "/stats", method: .get).body)
            #expect(
                statistics.hasPrefix(
                    #"{"regions":{"one":{"hits":2,"invalidations":0,"loadFailures":0,"loadTimeouts":0,"loads":1,"misses":1,"#
                        + #""nearHits":0,"refreshes":0,"refusedFills":0,"requests":3,"stale":0,"storeFailures":0,"#
                        + #""storedFills":1,"unreadable":0,"waits":0},"other":{"hits":0,"#))
        }
    }
}
#endif
