// SPDX-License-Identifier: Apache-2.0

import HTTPTypes

/// Which requests a stored response is for: those that say the same in the fields that its `Vary` names (RFC 9111, section 4.1).
struct Variant: Hashable {
    /// A field that the response depends on.
    struct Selector: Hashable {
        var name: HTTPField.Name
        /// What the request said, over all lines; nil when it said nothing, which is not the same as nothing in it.
        var value: String?
    }

    var selectors: [Selector]

    /// A response that is for all requests.
    static let any = Variant(selectors: [])

    /// The fields that a response names; nil when it is for its own request alone, because it names `*` or what is no field.
    static func names(in response: HTTPFields) -> [HTTPField.Name]? {
        guard response.contains(.vary) else { return [] }
        var names: Set<HTTPField.Name> = []
        for member in response.members(of: .vary) {
            guard member != "*", let name = HTTPField.Name(String(member)) else { return nil }
            names.insert(name)
        }
        return names.sorted { $0.canonicalName < $1.canonicalName }
    }

    /// Whether a request is one of those.
    func matches(_ request: HTTPFields) -> Bool {
        self.selectors.allSatisfy { $0.value == Self.value(of: $0.name, in: request) }
    }

    /// The variant of the same kind that a request is for.
    func selected(by request: HTTPFields) -> Variant {
        Variant(self.selectors.map(\.name), of: request)
    }

    init(selectors: [Selector]) {
        self.selectors = selectors
    }

    init(_ names: [HTTPField.Name], of request: HTTPFields) {
        self.selectors = names.map { Selector(name: $0, value: Self.value(of: $0, in: request)) }
    }

    /// The members of all lines, without the space around them, as lists are compared.
    private static func value(of name: HTTPField.Name, in fields: HTTPFields) -> String? {
        let values = fields[values: name]
        guard !values.isEmpty else { return nil }
        return values.flatMap { HTTPFields.members(of: $0) }.joined(separator: ", ")
    }
}
