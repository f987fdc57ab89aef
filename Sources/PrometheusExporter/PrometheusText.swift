// SPDX-License-Identifier: Apache-2.0

/// Numbers as Prometheus has them.
enum PrometheusNumber {
    static func text(_ number: Double) -> String {
        if number.isNaN { return "NaN" }
        if number.isInfinite { return number > 0 ? "+Inf" : "-Inf" }
        let text = "\(number)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}

extension String {
    /// What stands before the values of a metric.
    mutating func header(_ name: String, _ kind: MetricKind, _ help: String) {
        self += "# HELP \(name) \(PrometheusName.escaped(help, isQuoted: false))\n# TYPE \(name) \(kind.rawValue)\n"
    }

    mutating func sample(_ name: String, _ labels: String, _ value: String) {
        self += labels.isEmpty ? "\(name) \(value)\n" : "\(name){\(labels)} \(value)\n"
    }
}
