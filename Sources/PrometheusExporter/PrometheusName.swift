// SPDX-License-Identifier: Apache-2.0

/// Names as Prometheus has them, made of those that swift-metrics is given.
enum PrometheusName {
    /// Endings that say what kind a metric is, and that a gauge must not have.
    private static let reserved = ["_total", "_count", "_sum", "_bucket"]

    static func counter(_ label: String) -> String {
        let name = Self.name(label)
        return name.hasSuffix("_total") ? name : name + "_total"
    }

    static func timer(_ label: String) -> String {
        let name = Self.gauge(label)
        return name.hasSuffix("_seconds") ? name : name + "_seconds"
    }

    static func gauge(_ label: String) -> String {
        let name = Self.name(label)
        guard let ending = Self.reserved.first(where: { name.hasSuffix($0) && name.count > $0.count }) else {
            return name
        }
        return String(name.dropLast(ending.count))
    }

    /// `region="product",result="hit"`, in the order of names; nothing when there are no dimensions. Of two of a name the first counts, and
    /// an empty one is none.
    static func labels(_ dimensions: [(String, String)], of kind: MetricKind) -> String {
        var names: Set<String> = kind == .histogram ? ["le"] : []
        let pairs = dimensions.filter { !$0.1.isEmpty }.compactMap { dimension -> String? in
            // A colon is for the names of rules, and what begins with two underscores for Prometheus itself.
            var name = Self.name(dimension.0).map { $0 == ":" ? "_" : $0 }[...]
            while name.starts(with: "__") { name.removeFirst() }
            guard names.insert(String(name)).inserted else { return nil }
            return "\(String(name))=\"\(Self.escaped(dimension.1, isQuoted: true))\""
        }
        return pairs.sorted().joined(separator: ",")
    }

    /// What stands in a line of help, or between quotes.
    static func escaped(_ text: String, isQuoted: Bool) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where isQuoted: result += "\\\""
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    private static func name(_ label: String) -> String {
        let name = String(
            label.utf8.map { byte -> Character in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: ":"):
                    Character(UnicodeScalar(byte))
                default: "_"
                }
            })
        return name.first.map { !$0.isNumber } ?? false ? name : "_" + name
    }
}
