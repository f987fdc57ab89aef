// SPDX-License-Identifier: Apache-2.0

import CoreMetrics
import Logging
import NIOConcurrencyHelpers
import NIOCore
import Tracing

/// Metrics, spans and the log of slow commands, under the names that OpenTelemetry gives them.
///
/// There is none when nobody listens: commands then pay nothing for it. It knows the names of commands, and never their
/// arguments.
final class RedisTelemetry: Sendable {
    private struct Outcome: Hashable {
        let command: String
        let error: String?
    }

    let reconnects: Counter
    /// Replies that came, or will come, for callers who had given up.
    let abandoned: Counter
    let queuedBytes: Meter
    /// Connections that are ready, and of those how many nobody has of the pools.
    let connections: Meter
    let idleConnections: Meter
    private let factory: any MetricsFactory
    private let tracer: (any Tracer)?
    private let slowThreshold: Duration?
    private let logger: Logger
    private let timers = NIOLockedValueBox<[Outcome: Timer]>([:])

    /// Nil when nobody listens.
    init?(_ configuration: RedisClientConfiguration, logger: Logger) {
        let tracer = configuration.tracer ?? InstrumentationSystem.tracer
        let factory = configuration.metricsFactory ?? MetricsSystem.factory
        let isTraced = !(tracer is NoOpTracer)
        let isMeasured = !(factory is NOOPMetricsHandler)
        guard isTraced || isMeasured || configuration.slowCommandThreshold != nil else { return nil }
        self.tracer = isTraced ? tracer : nil
        self.factory = factory
        self.slowThreshold = configuration.slowCommandThreshold
        self.logger = logger
        self.reconnects = Counter(label: "redis.client.reconnects", factory: self.factory)
        self.abandoned = Counter(label: "redis.client.abandoned_commands", factory: self.factory)
        func meter(_ state: String) -> Meter {
            Meter(
                label: "db.client.connection.count",
                dimensions: [("db.system.name", "redis"), ("db.client.connection.state", state)],
                factory: factory)
        }
        self.connections = meter("open")
        self.idleConnections = meter("idle")
        self.queuedBytes = Meter(label: "redis.client.queued_bytes", factory: self.factory)
    }

    /// Carries out a command, or several together, and tells of it.
    func observe<Answer>(
        _ command: String, count: Int = 1, _ body: () async throws(RedisError) -> Answer
    ) async throws(RedisError) -> Answer {
        guard let tracer else { return try await self.measure(command, body) }
        let span = tracer.startAnySpan(command, ofKind: .client)
        defer { span.end() }
        span.attributes["db.system.name"] = "redis"
        span.attributes["db.operation.name"] = command
        if count > 1 { span.attributes["db.operation.batch.size"] = count }
        do {
            return try await self.measure(command, body)
        } catch {
            span.setStatus(SpanStatus(code: .error))
            span.attributes["error.type"] = error.code.description
            if let prefix = error.prefix { span.attributes["db.response.status_code"] = prefix }
            throw error
        }
    }

    private func measure<Answer>(
        _ command: String, _ body: () async throws(RedisError) -> Answer
    ) async throws(RedisError) -> Answer {
        let start = NIODeadline.now()
        do {
            let answer = try await body()
            self.record(command, start, error: nil)
            return answer
        } catch {
            self.record(command, start, error: error.code.description)
            throw error
        }
    }

    private func record(_ command: String, _ start: NIODeadline, error: String?) {
        let duration = NIODeadline.now() - start
        self.timer(Outcome(command: command, error: error)).recordNanoseconds(duration.nanoseconds)
        guard let slowThreshold, duration >= slowThreshold.asTimeout else { return }
        self.logger.warning(
            "slow command",
            metadata: [
                "redis.command": "\(command)", "redis.duration": "\(Duration(duration))",
                "redis.outcome": "\(error ?? "answered")",
            ])
    }

    private func timer(_ outcome: Outcome) -> Timer {
        self.timers.withLockedValue { timers in
            if let timer = timers[outcome] { return timer }
            var dimensions = [("db.system.name", "redis"), ("db.operation.name", outcome.command)]
            if let error = outcome.error { dimensions.append(("error.type", error)) }
            let timer = Timer(label: "db.client.operation.duration", dimensions: dimensions, factory: self.factory)
            timers[outcome] = timer
            return timer
        }
    }
}
