// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Larder

/// Which requests have nothing to do with the cache.
enum RequestRule {
    /// What a path means in two ways, once as it stands and once when it was read.
    private static let ambiguous = [
        "%2f", "%5c", "%3b", "%00", "%0a", "%0d", "%23", "%3f", "%2e", "/./", "/../", "//", ";", "\\",
    ]

    /// Why a request is passed on without a look into the cache; nil when it is not.
    static func bypass(
        _ request: HTTPRequest, _ fields: RequestFields, _ url: RequestURL?, by policy: ResponsePolicy,
        identity: Principal?, hasBody: Bool, _ configuration: HTTPCacheConfiguration
    ) -> (reason: CacheStatus.Forwarding, detail: String?)? {
        guard request.method == .get || request.method == .head else { return (.method, nil) }
        guard let url else { return (.bypass, "url") }
        if policy.sharing == .none { return (.bypass, "policy") }
        if policy.sharing == .ofIdentity, identity == nil { return (.bypass, "identity") }
        // A body of a GET is no part of what a response is found by.
        if hasBody { return (.bypass, "body") }
        if fields.contains(.originPrecondition) { return (.bypass, "precondition") }
        if fields.contains(.upgrade) { return (.bypass, "upgrade") }
        if let authorities = configuration.authorities, !authorities.contains(request.authority?.lowercased() ?? "") {
            return (.bypass, "authority")
        }
        if configuration.profile.refusesAmbiguousRequests {
            if fields.contains(.override) { return (.bypass, "override") }
            if Self.isAmbiguous(url.target) { return (.bypass, "path") }
        }
        if policy.conditions.contains(where: { !$0(request) }) { return (.bypass, "condition") }
        return nil
    }

    /// Whether what is behind the cache could read a path as another than it stands there.
    private static func isAmbiguous(_ target: String) -> Bool {
        let isPlain = target.utf8.withContiguousStorageIfAvailable { bytes in
            var last: UInt8 = 0
            for byte in bytes {
                switch byte {
                case UInt8(ascii: "?"): return true
                case UInt8(ascii: "/") where last == byte: return false
                case UInt8(ascii: "%"), UInt8(ascii: ";"), UInt8(ascii: "\\"), UInt8(ascii: "."): return false
                default: last = byte
                }
            }
            return true
        }
        if isPlain == true { return false }
        let path = target.utf8.prefix { $0 != UInt8(ascii: "?") }
        let text = String(Substring(path)).lowercased()
        return Self.ambiguous.contains { text.contains($0) } || text.hasSuffix("/.") || text.hasSuffix("/..")
    }

    /// The request as the origin is asked for something to store: without what it is not stored by.
    static func asked(
        _ request: HTTPRequest, _ fields: RequestFields, by policy: ResponsePolicy,
        _ configuration: HTTPCacheConfiguration
    ) -> HTTPRequest {
        var request = request
        // What answers a HEAD is what is stored of a GET.
        if request.method != .get { request.method = .get }
        if let names = policy.query, let path = request.path.flatMap({ Self.filtered($0, to: names) }) {
            request.path = path
        }
        if fields.contains(.unkeyed) {
            for name in configuration.unkeyedFields where !policy.fields.contains(name) {
                request.headerFields[fields: name] = []
            }
        }
        if policy.sharing == .shared, !fields.isDisjoint(with: [.authorization, .cookie]) {
            request.headerFields[fields: .authorization] = []
            request.headerFields[fields: .cookie] = []
        }
        return request
    }

    /// A path with those parameters of its query alone, as they stand there; nil when it has no others.
    private static func filtered(_ target: String, to names: [String]) -> String? {
        guard let mark = target.utf8.firstIndex(of: UInt8(ascii: "?")) else { return nil }
        let query = target.utf8[target.utf8.index(after: mark)...]
        let parameters = query.split(separator: UInt8(ascii: "&"), omittingEmptySubsequences: false)
        let kept = parameters.filter { parameter in
            let name = parameter.prefix { $0 != UInt8(ascii: "=") }
            return names.contains { name.elementsEqual($0.utf8) }
        }
        if kept.count == parameters.count { return nil }
        if kept.isEmpty { return String(target[..<mark]) }
        return target[...mark] + kept.map { Substring($0) }.joined(separator: "&")
    }
}
