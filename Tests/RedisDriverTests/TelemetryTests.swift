// SPDX-License-Identifier: Apache-2.0

import InMemoryTracing
import Logging
import MetricsTestKit
import NIOConcurrencyHelpers
import NIOCore
import ServerFixtures
import Testing
import Tracing

@testable import RedisDriver

@Suite(.timeLimit(.minutes(1))) struct TelemetryTests {
    @Test func commandsAreMeasuredAndTracedWithoutTheirArguments() async throws {
        let server = try await RedisServer()
        let (metrics, tracer) = (TestMetrics(), InMemoryTracer())
        var configuration = RedisClientConfiguration(port: server.port)
        configuration.metricsFactory = metrics
        configuration.tracer = tracer
        let redis = try RedisClient(configuration)
        try await redis.execute(SET("secret-key", "secret-value"))
        for _ in 0..<3 { try await redis.execute(GET("secret-key")) }
        _ = try? await redis.execute(LLEN("secret-key"))
        _ = try await redis.pipeline(GET("secret-key"), PING())

        let system = ("db.system.name", "redis")
        let get = try metrics.expectTimer("db.client.operation.duration", [system, ("db.operation.name", "GET")])
        #expect(get.values.count == 3 && get.values.allSatisfy { $0 > 0 })
        let failed = try metrics.expectTimer(
            "db.client.operation.duration",
            [system, ("db.operation.name", "LLEN"), ("error.type", "commandFailed")])
        #expect(failed.values.count == 1)
        let connections = try metrics.expectMeter(
            "db.client.connection.count", [system, ("db.client.connection.state", "open")])
        #expect(connections.values.last == 1)

        let spans = tracer.finishedSpans
        #expect(spans.map(\.operationName) == ["SET", "GET", "GET", "GET", "LLEN", "PIPELINE"])
        #expect(spans.allSatisfy { !"\($0)".contains("secret") })
        #expect(spans[4].status?.code == .error)
        #expect(spans[4].attributes["db.response.status_code"]?.toSpanAttribute() == .string("WRONGTYPE"))
    }

    @Test func slowCommandsAreLogged() async throws {
        let server = try await RedisServer()
        let lines = NIOLockedValueBox<[String]>([])
        var configuration = RedisClientConfiguration(port: server.port)
        configuration.slowCommandThreshold = .milliseconds(50)
        let redis = try RedisClient(configuration, logger: Logger(label: "test") { _ in Recorder(lines: lines) })
        try await redis.execute(GET("secret-key"))
        let loop = RedisScript(
            "local t = redis.call('TIME'); repeat local n = redis.call('TIME') until (n[1]-t[1])*1e6+n[2]-t[2] > 60000")
        _ = try await redis.evaluate(loop, keys: ["secret-key"], arguments: [])
        let slow = lines.withLockedValue { $0 }.filter { $0.contains("slow command") }
        #expect(slow.contains { $0.contains("EVAL") } && !slow.contains { $0.contains("secret") })
    }

    @Test func nothingIsMadeWhenNobodyListens() throws {
        #expect(try RedisClient(RedisClientConfiguration()).telemetry == nil)
    }
}

private struct Recorder: LogHandler {
    let lines: NIOLockedValueBox<[String]>
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { self.metadata[key] }
        set { self.metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        self.lines.withLockedValue { $0.append("\(event.message) \(event.metadata ?? [:])") }
    }
}
