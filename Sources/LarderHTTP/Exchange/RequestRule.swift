// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Larder

/// Which requests have nothing to do with the cache.
enum RequestRule {
    /// Fields by which a router could take a request for another one.
    private static let overrides: [HTTPField.Name] = [
        "X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "X-Original-URL", "X-Rewrite-URL",
    ].map { HTTPField.Name(literal: $0) }

    /// What a path means in two ways, once as it stands and once when it was read.
    private static let ambiguous = [
        "%2f", "%5c", "%3b", "%00", "%0a", "%0d", "%23", "%3f", "%2e", "/./", "/../", "//", ";", "\\",
    ]

    /// Why a request is passed on without a look into the cache; nil when it is not.
    static func bypass(
        _ request: HTTPRequest, _ url: RequestURL?, by policy: ResponsePolicy, identity: Principal?, hasBody: Bool,
        _ configuration: HTTPCacheConfiguration
    ) -> (reason: CacheStatus.Forwarding, detail: String?)? {
        guard request.method == .get || request.method == .head else { return (.method, nil) }
        guard let url else { return (.bypass, "url") }
        if policy.sharing == .none { return (.bypass, "policy") }
        if policy.sharing == .ofIdentity, identity == nil { return (.bypass, "identity") }
        // A body of a GET is no part of what a response is found by.
        if hasBody { return (.bypass, "body") }
        let fields = request.headerFields
        if fields.hasOriginPrecondition { return (.bypass, "precondition") }
        if fields.contains(.upgrade) { return (.bypass, "upgrade") }
        if let authorities = configuration.authorities, !authorities.contains(request.authority?.lowercased() ?? "") {
            return (.bypass, "authority")
        }
        if configuration.profile.refusesAmbiguousRequests {
            if Self.overrides.contains(where: { fields.contains($0) }) { return (.bypass, "override") }
            if Self.isAmbiguous(url.target) { return (.bypass, "path") }
        }
        if policy.conditions.contains(where: { !$0(request) }) { return (.bypass, "condition") }
        return nil
    }

    /// Whether what is behind the cache could read a path as another than it stands there.
    private static func isAmbiguous(_ target: String) -> Bool {
        let path = target.utf8.prefix { $0 != UInt8(ascii: "?") }
        var last: UInt8 = 0
        let isPlain = path.allSatisfy { byte in
            defer { last = byte }
            return (byte != UInt8(ascii: "/") || last != byte) && byte != UInt8(ascii: "%") && byte != UInt8(ascii: ";")
                && byte != UInt8(ascii: "\\")
                && byte != UInt8(ascii: ".")
        }
        if isPlain { return false }
        let text = String(Substring(path)).lowercased()
        return Self.ambiguous.contains { text.contains($0) } || text.hasSuffix("/.") || text.hasSuffix("/..")
    }

    /// The request as the origin is asked for something to store: without what it is not stored by.
    static func asked(_ request: HTTPRequest, by policy: ResponsePolicy, _ configuration: HTTPCacheConfiguration)
        -> HTTPRequest
    {
        var request = request
        // What answers a HEAD is what is stored of a GET.
        request.method = .get
        if let names = policy.query { request.path = request.path.map { Self.filtered($0, to: names) } }
        for name in configuration.unkeyedFields where !policy.fields.contains(name) {
            if request.headerFields.contains(name) { request.headerFields[fields: name] = [] }
        }
        if policy.sharing == .shared {
            for name in [HTTPField.Name.authorization, .cookie] where request.headerFields.contains(name) {
                request.headerFields[fields: name] = []
            }
        }
        return request
    }

    /// A path with those parameters of its query alone, as they stand there.
    private static func filtered(_ target: String, to names: [String]) -> String {
        guard let mark = target.firstIndex(of: "?") else { return target }
        let kept = target[target.index(after: mark)...].split(separator: "&").filter { parameter in
            names.contains { parameter.prefix { $0 != "=" } == $0 }
        }
        return kept.isEmpty ? String(target[..<mark]) : target[...mark] + kept.joined(separator: "&")
    }
}
