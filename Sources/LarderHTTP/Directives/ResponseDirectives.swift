// SPDX-License-Identifier: Apache-2.0

import HTTPTypes

/// What a response says about how it may be stored and used again (RFC 9111, section 5.2.2; RFC 5861).
struct ResponseDirectives: Equatable {
    var isPublic = false
    var isPrivate = false
    var noStore = false
    var noCache = false
    var mustRevalidate = false
    var proxyRevalidate = false
    var mustUnderstand = false
    /// Seconds; zero for one that cannot be read, which makes the response stale.
    var maxAge: Int?
    var sharedMaxAge: Int?
    var staleWhileRevalidate: Int?
    var staleIfError: Int?
    /// Fields that `private` and `no-cache` name, and that are left out of what is stored.
    var withheldFields: [HTTPField.Name] = []
    /// Whether they come from a field for caches of this kind, before which `Cache-Control` and `Expires` count for nothing (RFC 9213).
    var isTargeted = false

    /// What the fields of a response say.
    ///
    /// - Parameters:
    ///   - fields: The fields.
    ///   - targets: The targeted fields that are for this cache, those first that count more.
    init(_ fields: HTTPFields, targets: [HTTPField.Name] = []) {
        for target in targets where fields.contains(target) {
            guard let directives = CacheDirective.parse(targeted: fields[values: target]) else { continue }
            self.isTargeted = true
            for directive in directives { self.take(directive) }
            return
        }
        for directive in CacheDirective.parse(fields[values: .cacheControl]) { self.take(directive) }
    }

    private mutating func take(_ directive: CacheDirective) {
        switch directive.name {
        case "public": self.isPublic = true
        case "private": self.restrict(directive, \.isPrivate)
        case "no-cache": self.restrict(directive, \.noCache)
        case "no-store": self.noStore = true
        case "must-revalidate": self.mustRevalidate = true
        case "proxy-revalidate": self.proxyRevalidate = true
        case "must-understand": self.mustUnderstand = true
        case "max-age": self.maxAge = Self.lifetime(directive, besides: self.maxAge)
        case "s-maxage": self.sharedMaxAge = Self.lifetime(directive, besides: self.sharedMaxAge)
        case "stale-while-revalidate": self.staleWhileRevalidate = self.staleWhileRevalidate ?? directive.seconds
        case "stale-if-error": self.staleIfError = self.staleIfError ?? directive.seconds
        default: break
        }
    }

    /// Takes a directive that is about the named fields, or about the whole response where it names none.
    private mutating func restrict(_ directive: CacheDirective, _ whole: WritableKeyPath<Self, Bool>) {
        let names = directive.fieldNames
        if names.isEmpty { self[keyPath: whole] = true } else { self.withheldFields += names }
    }

    /// Stale when it cannot be read, or when another one says something else (RFC 9111, section 4.2.1).
    private static func lifetime(_ directive: CacheDirective, besides other: Int?) -> Int {
        let seconds = directive.seconds ?? 0
        return other == nil || other == seconds ? seconds : 0
    }
}
