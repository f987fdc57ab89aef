// SPDX-License-Identifier: Apache-2.0

import CoreMetrics
import NIOConcurrencyHelpers
import Synchronization

/// What a metric is to Prometheus.
enum MetricKind: String, Sendable {
    case counter, gauge, histogram
}

/// The values of one metric for one combination of dimensions.
protocol PrometheusSeries: AnyObject, Sendable {
    func write(_ name: String, _ labels: String, to page: inout String)
}

/// What only rises.
final class CounterSeries: PrometheusSeries, CounterHandler {
    private let value = Atomic<Int64>(0)

    func increment(by amount: Int64) {
        self.value.wrappingAdd(max(amount, 0), ordering: .relaxed)
    }

    func reset() {
        self.value.store(0, ordering: .relaxed)
    }

    func write(_ name: String, _ labels: String, to page: inout String) {
        page.sample(name, labels, "\(self.value.load(ordering: .relaxed))")
    }
}

/// What rises and falls.
final class GaugeSeries: PrometheusSeries, MeterHandler, RecorderHandler {
    private let value = NIOLockedValueBox(0.0)

    func set(_ value: Int64) { self.set(Double(value)) }

    func set(_ value: Double) { self.value.withLockedValue { $0 = value } }

    func increment(by amount: Double) { self.value.withLockedValue { $0 += amount } }

    func decrement(by amount: Double) { self.value.withLockedValue { $0 -= amount } }

    func record(_ value: Int64) { self.set(value) }

    func record(_ value: Double) { self.set(value) }

    func write(_ name: String, _ labels: String, to page: inout String) {
        page.sample(name, labels, PrometheusNumber.text(self.value.withLockedValue { $0 }))
    }
}

/// How values are distributed.
final class HistogramSeries: PrometheusSeries, TimerHandler, RecorderHandler {
    private let bounds: [Double]
    /// Of each bucket what is in no smaller one; the last is for what is above all bounds.
    private let state: NIOLockedValueBox<(counts: [Int], sum: Double)>

    init(_ bounds: [Double]) {
        self.bounds = bounds
        self.state = NIOLockedValueBox((Array(repeating: 0, count: bounds.count + 1), 0))
    }

    func recordNanoseconds(_ duration: Int64) { self.record(Double(duration) / 1e9) }

    func record(_ value: Int64) { self.record(Double(value)) }

    func record(_ value: Double) {
        let bucket = self.bounds.firstIndex { value <= $0 } ?? self.bounds.count
        self.state.withLockedValue { state in
            state.counts[bucket] += 1
            state.sum += value
        }
    }

    func write(_ name: String, _ labels: String, to page: inout String) {
        let (counts, sum) = self.state.withLockedValue { $0 }
        var total = 0
        for (bound, count) in zip(self.bounds + [.infinity], counts) {
            total += count
            let bucket = "le=\"\(PrometheusNumber.text(bound))\""
            page.sample("\(name)_bucket", labels.isEmpty ? bucket : "\(labels),\(bucket)", "\(total)")
        }
        page.sample("\(name)_sum", labels, PrometheusNumber.text(sum))
        page.sample("\(name)_count", labels, "\(total)")
    }
}
