// SPDX-License-Identifier: Apache-2.0

// Metrics of a cache and of the Redis client, for Prometheus and for others.

import CoreMetrics
import Larder
import LarderRedis
import PrometheusExporter
import RedisDriver

// snippet.prometheus
let metrics = PrometheusMetrics()

var client = RedisClientConfiguration(host: "localhost")
client.metricsFactory = metrics
let cache = Cache(
    "shop", store: .redis(try RedisClient(client)), configuration: CacheConfiguration(metricsFactory: metrics))

// where Prometheus asks:
cache.reportMetrics()
let page = metrics.text()
// snippet.end

// snippet.others
func reportMetrics(of cache: Cache) async throws {
    while !Task.isCancelled {
        cache.reportMetrics()
        try await Task.sleep(for: .seconds(10))
    }
}
// snippet.end
