// SPDX-License-Identifier: Apache-2.0

import HTTPTypes

/// Which fields a request has of those that a cache looks at, found in one pass over them.
struct RequestFields: OptionSet {
    let rawValue: UInt16

    static let authorization = RequestFields(rawValue: 1 << 0)
    static let cookie = RequestFields(rawValue: 1 << 1)
    /// What the client wants of caches.
    static let directives = RequestFields(rawValue: 1 << 2)
    /// Whether the client has a response already.
    static let validators = RequestFields(rawValue: 1 << 3)
    static let range = RequestFields(rawValue: 1 << 4)
    /// A condition that is not for a cache to judge.
    static let originPrecondition = RequestFields(rawValue: 1 << 5)
    static let upgrade = RequestFields(rawValue: 1 << 6)
    /// What a router could take the request for another one by.
    static let override = RequestFields(rawValue: 1 << 7)
    static let forwardedScheme = RequestFields(rawValue: 1 << 8)
    /// What the origin does not see.
    static let unkeyed = RequestFields(rawValue: 1 << 9)

    /// What each name stands for.
    struct Table: Sendable {
        private let fields: [HTTPField.Name: RequestFields]

        private static let known: [HTTPField.Name: RequestFields] = [
            .authorization: .authorization, .cookie: .cookie, .cacheControl: .directives, .pragma: .directives,
            .ifNoneMatch: .validators, .ifModifiedSince: .validators, .range: .range, .ifMatch: .originPrecondition,
            .ifUnmodifiedSince: .originPrecondition, .upgrade: .upgrade, .xForwardedProto: .forwardedScheme,
            HTTPField.Name(literal: "X-HTTP-Method-Override"): .override,
            HTTPField.Name(literal: "X-HTTP-Method"): .override,
            HTTPField.Name(literal: "X-Method-Override"): .override,
            HTTPField.Name(literal: "X-Original-URL"): .override, HTTPField.Name(literal: "X-Rewrite-URL"): .override,
        ]

        init(unkeyed: [HTTPField.Name]) {
            var fields = Self.known
            for name in unkeyed { fields[name, default: []].formUnion(.unkeyed) }
            self.fields = fields
        }

        /// Those of a request.
        func found(in request: HTTPFields) -> RequestFields {
            request.reduce(into: []) { found, field in
                if let fields = self.fields[field.name] { found.formUnion(fields) }
            }
        }
    }
}
