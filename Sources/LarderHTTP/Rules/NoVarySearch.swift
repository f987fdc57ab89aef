// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import RawStructuredFieldValues

/// Which differences of queries make no difference to a response (RFC-ietf-httpbis-no-vary-search).
struct NoVarySearch: Hashable, Sendable {
    private enum Parameters: Hashable {
        /// These make none.
        case ignored(Set<String>)
        /// All others make none.
        case kept(Set<String>)
    }

    private var parameters: Parameters
    private var ignoresOrder: Bool

    /// What a response says; nil when that is nothing, or cannot be read, or is what is so anyway.
    init?(_ fields: HTTPFields) {
        let lines = fields[values: .noVarySearch]
        guard !lines.isEmpty else { return nil }
        var parser = StructuredFieldValueParser(Array(lines.joined(separator: ",").utf8))
        guard let members = try? parser.parseDictionaryFieldValue() else { return nil }
        self.parameters = .ignored([])
        self.ignoresOrder = false
        if let order = members["key-order"] {
            guard case .item(let item) = order, case .bool(let isIgnored) = item.rfc9651BareItem else { return nil }
            self.ignoresOrder = isIgnored
        }
        switch (members["params"], members["except"]) {
        case (nil, nil): break
        case (let ignored?, nil):
            guard let names = Self.names(in: ignored) else { return nil }
            self.parameters = .ignored(names)
        case (nil, let kept?):
            guard let names = Self.names(in: kept) else { return nil }
            self.parameters = .kept(names)
        case (_?, _?): return nil
        }
        if self.parameters == .ignored([]), !self.ignoresOrder { return nil }
    }

    private static func names(in member: ItemOrInnerList) -> Set<String>? {
        guard case .innerList(let list) = member else { return nil }
        var names: Set<String> = []
        for item in list.bareInnerList {
            guard case .string(let text) = item.rfc9651BareItem, let name = Self.decoded(text[...]) else { return nil }
            names.insert(name)
        }
        return names
    }

    /// Whether a response for one URL is one for the other.
    func matches(_ one: RequestURL, _ other: RequestURL) -> Bool {
        one.isOfOrigin(of: other) && one.path == other.path && self.simplified(one) == self.simplified(other)
    }

    /// What is left of a URL's query.
    func simplified(_ url: RequestURL) -> [Parameter] {
        let kept = url.query.split(separator: "&").compactMap { pair -> Parameter? in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let parameter = Parameter(
                name: Self.decoded(parts[0]) ?? String(parts[0]),
                value: parts.count == 1 ? "" : Self.decoded(parts[1]) ?? String(parts[1]))
            let counts =
                switch self.parameters {
                case .ignored(let names): !names.contains(parameter.name)
                case .kept(let names): names.contains(parameter.name)
                }
            return counts ? parameter : nil
        }
        guard self.ignoresOrder else { return kept }
        // The values of one name stay in their order.
        let order = kept.enumerated().sorted {
            ($0.element.name, $0.offset) < ($1.element.name, $1.offset)
        }
        return order.map(\.element)
    }

    /// A name and a value of a query, as forms write them.
    struct Parameter: Hashable {
        var name: String
        var value: String
    }

    /// What a form has written; nil when that is no UTF-8.
    private static func decoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                if rest.count >= 2, let number = UInt8(String(Substring(rest.prefix(2))), radix: 16) {
                    bytes.append(number)
                    rest = rest.dropFirst(2)
                } else {
                    bytes.append(byte)
                }
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
