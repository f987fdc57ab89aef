// SPDX-License-Identifier: Apache-2.0

import HTTPTypes

/// What a request wants of caches on its way (RFC 9111, section 5.2.1).
struct RequestDirectives: Equatable {
    var noCache = false
    var noStore = false
    var onlyIfCached = false
    /// Seconds; zero for one that cannot be read.
    var maxAge: Int?
    var minFresh: Int?
    /// Seconds past the freshness; `Int.max` for any.
    var maxStale: Int?

    init() {}

    /// What the fields of a request say.
    init(_ fields: HTTPFields) {
        guard fields.contains(.cacheControl) else {
            self.noCache = fields.members(of: .pragma).contains { $0.lowercased() == "no-cache" }
            return
        }
        for directive in CacheDirective.parse(fields[values: .cacheControl]) {
            switch directive.name {
            case "no-cache": self.noCache = true
            case "no-store": self.noStore = true
            case "only-if-cached": self.onlyIfCached = true
            case "max-age": self.maxAge = min(directive.seconds ?? 0, self.maxAge ?? .max)
            case "min-fresh": self.minFresh = max(directive.seconds ?? 0, self.minFresh ?? 0)
            case "max-stale": self.maxStale = directive.argument == .none ? .max : directive.seconds
            default: break
            }
        }
    }

    /// Whether a stored response is new enough.
    ///
    /// - Parameters:
    ///   - age: Its age.
    ///   - remaining: How long it is fresh; negative for how long it has not been.
    func accepts(age: Duration, remaining: Duration) -> Bool {
        if self.noCache { return false }
        if let maxAge, age > .seconds(maxAge) { return false }
        if let minFresh, remaining < .seconds(minFresh) { return false }
        return true
    }

    /// Whether one that is no longer fresh will do.
    func acceptsStale(by staleness: Duration) -> Bool {
        self.maxStale.map { staleness <= .seconds(min($0, 1 << 31)) } ?? false
    }
}
