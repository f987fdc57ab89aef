// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Larder

/// What a response is stored under: its URL, what the policy wants told apart, and the variant.
struct ResponseKey: Hashable, CacheKeyComponent {
    var url: RequestURL
    var version: Int
    /// Whether it is stored for a shared policy, which asks handlers without credentials.
    var isShared: Bool
    /// Whether its origin outlasts its request: what does not is stored apart from what does, for one may be asked within the other.
    var isOriginLasting: Bool
    /// What else the request says of its URL: the scheme that a proxy in front has seen.
    var seenScheme: String?
    var names: [HTTPField.Name]
    var fields: [String?]
    var values: [String]
    var identity: Principal?
    var variant = Variant.any

    init(
        _ request: HTTPRequest, _ url: RequestURL, by policy: ResponsePolicy, identity: Principal?,
        isOriginLasting: Bool, seesScheme: Bool, _ profile: HTTPCacheProfile
    ) {
        self.isOriginLasting = isOriginLasting
        self.seenScheme =
            seesScheme && profile.refusesAmbiguousRequests ? request.headerFields[.xForwardedProto] : nil
        self.names = policy.fields
        self.url = url
        self.version = policy.version
        self.isShared = policy.sharing == .shared
        self.fields = policy.fields.map { name in
            request.headerFields.contains(name) ? request.headerFields[values: name].joined(separator: ", ") : nil
        }
        self.values = policy.values.map { $0(request) }
        self.identity = identity
    }

    /// As the key of an entry: that of somebody's own response says so where the keys of all that is theirs do.
    func key(in region: CacheRegion<StoredResponse>) -> CacheKey {
        self.identity.map { region.key($0, self) } ?? region.key(self)
    }

    func encode(into encoder: inout CacheKeyEncoder) {
        encoder.append(self.url.scheme)
        encoder.append(self.url.authority)
        encoder.append(self.url.target)
        // What is as usual is left out. A word says what comes next.
        if self.isShared { encoder.append("shared") }
        if !self.isOriginLasting { encoder.append("within") }
        if self.version != 0 {
            encoder.append("version")
            encoder.append(self.version)
        }
        if let seenScheme {
            encoder.append("scheme")
            encoder.append(seenScheme)
        }
        if !self.fields.isEmpty {
            encoder.append("fields")
            encoder.append(self.names.map(\.canonicalName))
            encoder.append(self.fields)
        }
        if !self.values.isEmpty {
            encoder.append("values")
            encoder.append(self.values)
        }
        if !self.variant.selectors.isEmpty {
            encoder.append("variant")
            encoder.append(self.variant.selectors.map(\.name.canonicalName))
            encoder.append(self.variant.selectors.map(\.value))
        }
    }
}
