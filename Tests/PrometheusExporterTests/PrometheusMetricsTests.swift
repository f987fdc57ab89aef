// SPDX-License-Identifier: Apache-2.0

import CoreMetrics
import Foundation
import PrometheusExporter
import ServerFixtures
import Testing

@Suite(.timeLimit(.minutes(1))) struct PrometheusMetricsTests {
    /// The lines of a page that are values.
    private func values(_ metrics: PrometheusMetrics) -> [String] {
        metrics.text().split(separator: "\n").map(String.init)
            .filter { !$0.hasPrefix("#") && !$0.hasPrefix("metrics_dropped_total") }
    }

    @Test func countersRise() {
        let metrics = PrometheusMetrics()
        let hits = Counter(
            label: "larder.requests", dimensions: [("region", "product"), ("result", "hit")], factory: metrics)
        hits.increment()
        hits.increment(by: 41)
        #expect(values(metrics) == [#"larder_requests_total{region="product",result="hit"} 42"#])
        #expect(metrics.text().contains("# TYPE larder_requests_total counter\n"))
    }

    @Test func gaugesAreWhatTheyWereSetTo() {
        let metrics = PrometheusMetrics()
        let queued = Meter(label: "queued", factory: metrics)
        queued.set(3)
        queued.increment(by: 1.5)
        queued.decrement()
        Gauge(label: "odd", factory: metrics).record(Double.infinity)
        #expect(values(metrics) == ["odd +Inf", "queued 3.5"])
    }

    @Test func timersAreHistogramsOfSeconds() {
        let metrics = PrometheusMetrics(buckets: [.milliseconds(1), .milliseconds(10)])
        let timer = Timer(label: "load.duration", dimensions: [("region", "a")], factory: metrics)
        for microseconds in [1_000, 1_001, 20_000] { timer.recordMicroseconds(microseconds) }
        #expect(
            values(metrics) == [
                #"load_duration_seconds_bucket{region="a",le="0.001"} 1"#,
                #"load_duration_seconds_bucket{region="a",le="0.01"} 2"#,
                #"load_duration_seconds_bucket{region="a",le="+Inf"} 3"#,
                #"load_duration_seconds_sum{region="a"} 0.022001"#,
                #"load_duration_seconds_count{region="a"} 3"#,
            ])
    }

    @Test(arguments: [
        (1, "1"), (2.1, "2.5"), (5e6, "5000000"), (1e7, "+Inf"),
    ])
    func recordersAreHistogramsOfAnything(value: Double, bucket: String) {
        let metrics = PrometheusMetrics()
        Recorder(label: "size", factory: metrics).record(value)
        #expect(values(metrics).first { $0.hasSuffix(" 1") } == "size_bucket{le=\"\(bucket)\"} 1")
    }

    @Test func whoeverMakesTheSameMetricSharesIt() {
        let metrics = PrometheusMetrics()
        let (one, other) = (Counter(label: "a", factory: metrics), Counter(label: "a", factory: metrics))
        one.increment()
        other.increment()
        #expect(values(metrics) == ["a_total 2"])
        one.destroy()
        #expect(values(metrics) == ["a_total 2"])
        other.destroy()
        #expect(values(metrics) == [])
    }

    @Test func whatCannotBeToldApartIsNotKept() {
        let metrics = PrometheusMetrics()
        Meter(label: "a.b", factory: metrics).set(1)
        Timer(label: "c", factory: metrics).recordSeconds(1)
        Recorder(label: "a.b", factory: metrics).record(5)
        Meter(label: "c.seconds", factory: metrics).set(2)
        #expect(values(metrics).contains("a_b 1"))
        #expect(values(metrics).contains("c_seconds_count 1"))
        #expect(metrics.text().contains("metrics_dropped_total 2"))
    }

    @Test func dimensionsAreASet() {
        let metrics = PrometheusMetrics()
        Counter(label: "a", dimensions: [("x", "1"), ("y", "2")], factory: metrics).increment()
        Counter(label: "a", dimensions: [("y", "2"), ("z", ""), ("x", "1")], factory: metrics).increment()
        Counter(label: "metrics.dropped", factory: metrics).increment(by: 7)
        #expect(values(metrics) == [#"a_total{x="1",y="2"} 2"#])
        #expect(metrics.text().contains("metrics_dropped_total 1"))
    }

    @Test func seriesAreBounded() {
        let metrics = PrometheusMetrics(maximumSeries: 3)
        for path in 0..<10 {
            Counter(label: "requests", dimensions: [("path", "/\(path)")], factory: metrics).increment()
        }
        #expect(values(metrics).count == 3)
        #expect(metrics.text().contains("metrics_dropped_total 7"))
    }

    /// What people put into names and dimensions does not make a page that Prometheus refuses.
    @Test func whateverThereIsPrometheusCanReadIt() async throws {
        let metrics = PrometheusMetrics(help: ["larder.fills": "Two\nlines, a \\ and \"quotes\"."])
        for label in ["larder.fills", "1st", "é", "", "a b", "x_total", "x_count", "y.bucket", "_sum", "camelCase"] {
            let dimensions = [
                ("le", "1"), ("a.b", "\"\\\n\u{0}é"), ("a_b", "again"), ("1", ""), ("a:b", "c"), ("__name__", "x"),
            ]
            Counter(label: label, dimensions: dimensions, factory: metrics).increment()
            Timer(label: label, dimensions: dimensions, factory: metrics).recordMilliseconds(3)
            Recorder(label: "r" + label, dimensions: dimensions, factory: metrics).record(3)
            Meter(label: "m" + label, dimensions: dimensions, factory: metrics).set(-1.25)
        }
        let (code, output) = try await promtool(metrics.text())
        // Its lint has opinions about names; what cannot be read it calls an error.
        #expect(code == 0 || code == 3, "\(code): \(output)\n\(metrics.text())")
    }

    @Test func itsOwnPageIsWithoutFault() async throws {
        let metrics = PrometheusMetrics()
        Counter(label: "larder.fills", dimensions: [("outcome", "stored")], factory: metrics).increment()
        Timer(label: "db.client.operation.duration", factory: metrics).recordMilliseconds(3)
        Meter(label: "db.client.connection.count", factory: metrics).set(2)
        let (code, output) = try await promtool(metrics.text())
        #expect(code == 0 && output.isEmpty, "\(output)")
    }
}

/// What `promtool check metrics` says of a page.
private func promtool(_ page: String) async throws -> (code: Int32, output: String) {
    let file = FileManager.default.temporaryDirectory.appending(path: "larder-metrics-\(UUID().uuidString)")
    try Data(page.utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let tool = try ChildProcess("/bin/sh", ["-c", "promtool check metrics < \"$0\" 2>&1", file.path])
    let output = await tool.rest(of: tool.output)
    return (await tool.end(), output)
}
