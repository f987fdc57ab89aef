// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import RawStructuredFieldValues

/// Which differences of queries make no difference to a response (RFC-ietf-httpbis-no-vary-search).
struct NoVarySearch: Hashable, Sendable {
    private enum Parameters: Hashable {
        /// These make none.
        case ignored(Set<[UInt8]>)
        /// All others make none.
        case kept(Set<[UInt8]>)
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

    private static func names(in member: ItemOrInnerList) -> Set<[UInt8]>? {
        guard case .innerList(let list) = member else { return nil }
        var names: Set<[UInt8]> = []
        for item in list.bareInnerList {
            guard case .string(let text) = item.rfc9651BareItem else { return nil }
            names.insert(Self.decoded(text[...]))
        }
        return names
    }

    /// Whether a response for one URL is one for the other.
    func matches(_ one: RequestURL, _ other: RequestURL) -> Bool {
        one.isOfOrigin(of: other) && one.path.utf8.elementsEqual(other.path.utf8)
            && self.simplified(one) == self.simplified(other)
    }

    /// What is left of a URL's query.
    func simplified(_ url: RequestURL) -> [Parameter] {
        let kept = url.query.split(separator: "&").compactMap { pair -> Parameter? in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let parameter = Parameter(
                name: Self.decoded(parts[0]), value: parts.count == 1 ? [] : Self.decoded(parts[1]))
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
            if $0.element.name == $1.element.name { return $0.offset < $1.offset }
            return $0.element.name.lexicographicallyPrecedes($1.element.name)
        }
        return order.map(\.element)
    }

    /// A name and a value of a query, in the bytes that forms write.
    struct Parameter: Hashable {
        var name: [UInt8]
        var value: [UInt8]
    }

    private static func decoded(_ text: Substring) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                let digits = rest.prefix(2).compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
                if digits.count == 2 {
                    bytes.append(UInt8(digits[0] * 16 + digits[1]))
                    rest = rest.dropFirst(2)
                } else {
                    bytes.append(byte)
                }
            default: bytes.append(byte)
            }
        }
        return bytes
    }
}
