// SPDX-License-Identifier: Apache-2.0

import LarderTesting
import PrometheusExporter
import Testing

@testable import Larder

@Suite struct CacheMetricsTests {
    private struct Broken: Error {}

    private func cache(_ metrics: PrometheusMetrics, _ store: some CacheStore = .embedded) -> Cache {
        Cache("shop", store: store, configuration: CacheConfiguration(metricsFactory: metrics))
    }

    /// The value of a metric of the cache.
    private func value(_ metrics: PrometheusMetrics, _ name: String, _ labels: String = "") -> String? {
        let start = "\(name){cache=\"shop\"\(labels)} "
        return metrics.text().split(separator: "\n").first { $0.hasPrefix(start) }.map {
            String($0.dropFirst(start.count))
        }
    }

    @Test func whatWasCountedIsToldOnce() async throws {
        let metrics = PrometheusMetrics()
        let cache = cache(metrics)
        let double = cache.function("double", .ttl(.seconds(60))) { (number: Int) in 2 * number }
        for _ in 0..<3 { #expect(try await double(1) == 2) }
        await cache.settle()
        await double.invalidate(1)
        for _ in 0..<2 { cache.reportMetrics() }
        let region = #",region="double""#
        #expect(value(metrics, "larder_requests_total", region + #",result="miss""#) == "1")
        #expect(value(metrics, "larder_requests_total", region + #",result="hit""#) == "2")
        #expect(value(metrics, "larder_fills_total", #",outcome="stored""# + region) == "1")
        #expect(value(metrics, "larder_invalidations_total", region) == "1")
        #expect(value(metrics, "larder_load_duration_seconds_count", #",outcome="succeeded""# + region) == "1")
        #expect(value(metrics, "larder_local_entries") == "0")
        _ = try await double(1)
        cache.reportMetrics()
        #expect(value(metrics, "larder_requests_total", region + #",result="miss""#) == "2")
    }

    @Test func whoAsksAtTheSameTimeIsToldNothingTwice() async throws {
        let metrics = PrometheusMetrics()
        let cache = cache(metrics)
        let double = cache.function("double", .ttl(.seconds(60))) { (number: Int) in 2 * number }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask { for _ in 0..<500 { cache.reportMetrics() } }
                group.addTask { for _ in 0..<500 { _ = try await double(1) } }
            }
            try await group.waitForAll()
        }
        cache.reportMetrics()
        let region = #",region="double""#
        let counts = ["hit", "miss"].map { value(metrics, "larder_requests_total", region + #",result="\#($0)""#) }
        #expect(counts.compactMap { $0.flatMap { Int($0) } }.reduce(0, +) == 2_000)
    }

    @Test func whatFailsIsTold() async throws {
        let metrics = PrometheusMetrics()
        let store = InterceptedStore(EmbeddedStore(), before: { _ in throw Broken() })
        let cache = cache(metrics, store)
        let fails = cache.function("fails", .ttl(.seconds(60))) { (_: Int) -> Int in throw Broken() }
        for _ in 0..<10 { await #expect(throws: Broken.self) { try await fails(1) } }
        await fails.invalidate(1)
        cache.reportMetrics()
        #expect(value(metrics, "larder_store_out") == "1")
        #expect(value(metrics, "larder_store_outages_total") == "1")
        #expect(value(metrics, "larder_queued_invalidations") == "1")
        let region = #",region="fails""#
        #expect(value(metrics, "larder_load_duration_seconds_count", #",outcome="failed""# + region) == "10")
        #expect(value(metrics, "larder_store_failures_total", region) == "10")
    }
}
