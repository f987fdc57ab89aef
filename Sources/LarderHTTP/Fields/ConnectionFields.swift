// SPDX-License-Identifier: Apache-2.0

public import HTTPTypes

extension HTTPFields {
    /// What is about one connection alone, beside what `Connection` names (RFC 9110, section 7.6.1; RFC 9111, section 3.1).
    private static let connectionFields: [HTTPField.Name] = [
        .connection, .keepAlive, .proxyAuthenticate, .proxyAuthorization, .proxyConnection, .te, .trailer,
        .transferEncoding, .upgrade, HTTPField.Name(literal: "Proxy-Authentication-Info"),
    ]

    /// The fields that are meant for whoever comes next, and neither to be passed on nor stored, taken out.
    public var endToEnd: HTTPFields {
        var fields = self
        for member in self.members(of: .connection) {
            if let name = HTTPField.Name(String(member)) { fields[fields: name] = [] }
        }
        for name in Self.connectionFields where fields.contains(name) { fields[fields: name] = [] }
        return fields
    }
}
