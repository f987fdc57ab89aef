// SPDX-License-Identifier: Apache-2.0

import HTTPTypes

/// Whether and how a response is stored (RFC 9111, section 3).
enum StorageRule {
    /// How a response is stored.
    struct Plan: Sendable, Equatable {
        /// How long it is fresh in all, and how old it was when its request was sent.
        var lifetime: Duration
        var initialAge: Duration
        var staleWhileRevalidate: Duration?
        var staleIfError: Duration?
        /// How long it is kept past that to be validated; nil where it cannot be.
        var validation: Duration?
        /// The fields of the request that it depends on.
        var names: [HTTPField.Name]
        /// Fields that are not stored.
        var withheld: [HTTPField.Name]
        /// Whether it has to be validated for each use.
        var needsValidation: Bool
        /// Whether requests with credentials may be answered by it.
        var isForCredentials: Bool
        /// Whether it must not be used past its freshness (RFC 9111, section 4.2.4).
        var isNeverStale: Bool
    }

    enum Verdict: Equatable {
        case store(Plan)
        /// Not this one; the next may be.
        case notThisOne(String)
        /// No response to such a request, as it seems.
        case notThese(String)
    }

    /// What is known when a response has come.
    struct Arrival {
        var request: HTTPRequest
        var hasCredentials: Bool
        var wantsNoStore: Bool
        var response: HTTPResponse
        var received: HTTPDate
        /// How long it took since the request was sent.
        var delay: Duration
    }

    /// The statuses that may be stored without a word about it (RFC 9110, section 15.1).
    private static let heuristic: Set<Int> = [200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501]
    /// The statuses whose rules of caching are known here (RFC 9111, section 5.2.2.3).
    private static let understood = heuristic.union([302, 303, 307, 400, 401, 403, 500, 502, 503, 504])

    static func verdict(
        on arrival: Arrival, by policy: ResponsePolicy, _ configuration: HTTPCacheConfiguration
    ) -> Verdict {
        let (profile, fields) = (configuration.profile, arrival.response.headerFields)
        let status = arrival.response.status.code
        let isShared = profile.isShared && policy.sharing != .ofIdentity
        let directives = ResponseDirectives(fields, targets: configuration.targetedFields)

        guard arrival.request.method == .get, status >= 200, status != 206, status != 304 else {
            return .notThisOne("status")
        }
        if arrival.wantsNoStore { return .notThisOne("request") }
        if directives.mustUnderstand {
            guard Self.understood.contains(status) else { return .notThisOne("must-understand") }
        } else if directives.noStore {
            return .notThese("no-store")
        }
        if directives.isPrivate, isShared { return .notThese("private") }
        if fields.contains(.setCookie), !profile.storesCookies, !directives.withheldFields.contains(.setCookie) {
            return .notThese("set-cookie")
        }
        guard var names = Variant.names(in: fields) else { return .notThese("vary") }
        names = names.filter { !policy.fields.contains($0) }
        guard fields.count <= configuration.maximumFields else { return .notThese("fields") }
        // What lets a response to somebody be used for others (RFC 9111, section 3.5).
        let isForCredentials =
            policy.sharing != .asDeclared || !isShared || directives.isPublic || directives.sharedMaxAge != nil
            || directives.mustRevalidate
        if arrival.hasCredentials, !isForCredentials { return .notThisOne("credentials") }

        let freshness = Freshness(
            fields, directives, isShared: isShared, received: arrival.received, delay: arrival.delay)
        let standard = policy.statuses.contains(status) ? policy.lifetime : nil
        let said = policy.overridesLifetime ? standard ?? freshness.lifetime : freshness.lifetime ?? standard
        let guess =
            configuration.guessesFreshness && (Self.heuristic.contains(status) || directives.isPublic)
            ? Freshness.heuristic(fields, received: arrival.received) : nil
        let lifetime = said ?? guess
        let isNeverStale =
            directives.mustRevalidate || isShared && (directives.proxyRevalidate || directives.sharedMaxAge != nil)
        let hasValidator = fields.entityTag != nil || fields.single(.lastModified) != nil
        var plan = Plan(
            lifetime: directives.noCache ? .zero : lifetime ?? .zero, initialAge: freshness.initialAge,
            validation: hasValidator ? configuration.validationTime : nil, names: names,
            withheld: directives.withheldFields, needsValidation: directives.noCache,
            isForCredentials: isForCredentials, isNeverStale: isNeverStale || directives.noCache)
        if !plan.isNeverStale, lifetime != nil {
            plan.staleWhileRevalidate =
                directives.staleWhileRevalidate.map { .seconds($0) } ?? policy.staleWhileRevalidate
            plan.staleIfError = directives.staleIfError.map { .seconds($0) } ?? policy.staleIfError
            // They count from the end of its freshness, which may be long ago.
            let overdue = plan.overdue(after: arrival.delay)
            plan.staleWhileRevalidate = plan.staleWhileRevalidate.flatMap { $0 > overdue ? $0 - overdue : nil }
            plan.staleIfError = plan.staleIfError.flatMap { $0 > overdue ? $0 - overdue : nil }
        }
        if lifetime == nil, !(Self.heuristic.contains(status) || directives.isPublic) { return .notThisOne("status") }
        if plan.fresh(after: arrival.delay) > .zero || plan.staleness > .zero { return .store(plan) }
        guard hasValidator, profile.storesForValidation else {
            // Dates are in whole seconds: the next may come before its last second has begun.
            let isJustLate = plan.lifetime > arrival.delay && plan.overdue(after: arrival.delay) < .seconds(1)
            return status >= 500 || isJustLate ? .notThisOne("freshness") : .notThese("freshness")
        }
        return .store(plan)
    }
}

extension StorageRule.Plan {
    /// How long it is fresh still, so long after its request was sent.
    func fresh(after delay: Duration) -> Duration { max(.zero, self.lifetime - self.initialAge - delay) }

    /// How long it has not been fresh by then.
    func overdue(after delay: Duration) -> Duration { max(.zero, self.initialAge + delay - self.lifetime) }

    /// How long past its freshness it may be used.
    var staleness: Duration { max(self.staleWhileRevalidate ?? .zero, self.staleIfError ?? .zero) }
}
