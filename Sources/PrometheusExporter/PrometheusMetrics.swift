// SPDX-License-Identifier: Apache-2.0

public import CoreMetrics
import NIOConcurrencyHelpers

/// The metrics of a process, as Prometheus reads them.
///
/// ```swift
/// let metrics = PrometheusMetrics()
/// MetricsSystem.bootstrap(metrics)
/// // and where Prometheus asks:
/// let page = metrics.text()
/// ```
///
/// | swift-metrics | Prometheus |
/// |---|---|
/// | `Counter("larder.fills")` | counter `larder_fills_total` |
/// | `Meter`, `Gauge` | gauge |
/// | `Timer("larder.load.duration")` | histogram `larder_load_duration_seconds` |
/// | `Recorder` | histogram |
///
/// Characters that a name may not have become `_`, and a gauge has no ending that says another kind: `connection.count` is `connection`. Metrics of the same label and dimensions are one. What could not be
/// told apart from another metric, and what is beyond ``init(buckets:help:maximumSeries:)``'s maximum of series, is
/// counted by `metrics_dropped_total` instead of being kept: a dimension with values that clients choose must not fill the memory.
public final class PrometheusMetrics: MetricsFactory {
    /// The media type of ``text()``: the text format, version 0.0.4.
    public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// The upper bounds of the buckets of timers unless others are given: from 100 microseconds to 10 seconds.
    public static let defaultBuckets: [Duration] = [
        .microseconds(100), .microseconds(250), .microseconds(500), .milliseconds(1), .microseconds(2_500),
        .milliseconds(5), .milliseconds(10), .milliseconds(25), .milliseconds(50), .milliseconds(100),
        .milliseconds(250), .milliseconds(500), .seconds(1), .milliseconds(2_500), .seconds(5), .seconds(10),
    ]

    /// The upper bounds of the buckets of recorders, whose unit is not known.
    private static let recorderBounds = (0...6).flatMap { power -> [Double] in
        let unit = (0..<power).reduce(1.0) { unit, _ in unit * 10 }
        return [unit, 2.5 * unit, 5 * unit]
    }

    private static let dropped = "metrics_dropped_total"

    private let timerBounds: [Double]
    private let help: [String: String]
    private let registry: NIOLockedValueBox<Registry>

    /// Makes metrics of nothing.
    ///
    /// - Parameters:
    ///   - buckets: The upper bounds of the buckets of timers, ascending.
    ///   - help: What metrics tell, by the labels they are made with. A metric without has its label for that.
    ///   - maximumSeries: How many combinations of a name and dimensions are kept.
    public init(
        buckets: [Duration] = PrometheusMetrics.defaultBuckets, help: [String: String] = [:],
        maximumSeries: Int = 10_000
    ) {
        self.timerBounds = buckets.map { $0 / .seconds(1) }
        self.help = help
        self.registry = NIOLockedValueBox(Registry(maximumSeries: maximumSeries, reserved: Self.dropped))
    }

    /// All metrics, in the text format.
    public func text() -> String {
        let (families, dropped) = self.registry.withLockedValue { ($0.families, $0.dropped) }
        var page = ""
        for (name, family) in families.sorted(by: { $0.key < $1.key }) {
            page.header(name, family.kind, family.help)
            for (labels, entry) in family.series.sorted(by: { $0.key < $1.key }) {
                entry.series.write(name, labels, to: &page)
            }
        }
        page.header(Self.dropped, .counter, "Metrics that were not kept: too many, or named as others are.")
        page.sample(Self.dropped, "", "\(dropped)")
        return page
    }

    // MARK: MetricsFactory

    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        self.series(.counter, PrometheusName.counter(label), label, dimensions) { CounterSeries() }
    }

    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        self.series(.gauge, PrometheusName.gauge(label), label, dimensions) { GaugeSeries() }
    }

    public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        guard aggregate else {
            return self.series(.gauge, PrometheusName.gauge(label), label, dimensions) { GaugeSeries() }
        }
        return self.series(.histogram, PrometheusName.gauge(label), label, dimensions) {
            HistogramSeries(Self.recorderBounds)
        }
    }

    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        self.series(.histogram, PrometheusName.timer(label), label, dimensions) { HistogramSeries(self.timerBounds) }
    }

    public func destroyCounter(_ handler: any CounterHandler) { self.destroy(handler) }

    public func destroyMeter(_ handler: any MeterHandler) { self.destroy(handler) }

    public func destroyRecorder(_ handler: any RecorderHandler) { self.destroy(handler) }

    public func destroyTimer(_ handler: any TimerHandler) { self.destroy(handler) }

    private func series<Series: PrometheusSeries>(
        _ kind: MetricKind, _ name: String, _ label: String, _ dimensions: [(String, String)], make: () -> Series
    ) -> Series {
        let labels = PrometheusName.labels(dimensions, of: kind)
        let help = self.help[label] ?? PrometheusHelp.known[label] ?? label
        return self.registry.withLockedValue { $0.series(kind, name, labels, help: help, make: make) }
    }

    private func destroy(_ handler: AnyObject) {
        self.registry.withLockedValue { $0.release(ObjectIdentifier(handler)) }
    }
}

/// What there is: the series by name and labels, each as long as somebody uses it.
private struct Registry: Sendable {
    struct Entry: Sendable {
        var series: any PrometheusSeries
        var users: Int
    }

    struct Family: Sendable {
        var kind: MetricKind
        var help: String
        var series: [String: Entry] = [:]
    }

    let maximumSeries: Int
    let reserved: String
    private(set) var families: [String: Family] = [:]
    private(set) var dropped = 0
    private var places: [ObjectIdentifier: (name: String, labels: String)] = [:]

    init(maximumSeries: Int, reserved: String) {
        self.maximumSeries = maximumSeries
        self.reserved = reserved
    }

    mutating func series<Series: PrometheusSeries>(
        _ kind: MetricKind, _ name: String, _ labels: String, help: String, make: () -> Series
    ) -> Series {
        if let series = self.families[name]?.series[labels]?.series as? Series, self.families[name]?.kind == kind {
            self.families[name]?.series[labels]?.users += 1
            return series
        }
        let series = make()
        guard self.places.count < self.maximumSeries, name != self.reserved,
            self.families[name].map({ $0.kind == kind }) ?? true
        else {
            self.dropped += 1
            return series
        }
        self.families[name, default: Family(kind: kind, help: help)].series[labels] = Entry(series: series, users: 1)
        self.places[ObjectIdentifier(series)] = (name, labels)
        return series
    }

    mutating func release(_ id: ObjectIdentifier) {
        guard let (name, labels) = self.places[id] else { return }
        self.families[name]?.series[labels]?.users -= 1
        guard self.families[name]?.series[labels]?.users == 0 else { return }
        self.places[id] = nil
        self.families[name]?.series[labels] = nil
        if self.families[name]?.series.isEmpty == true { self.families[name] = nil }
    }
}
