// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Larder
import NIOCore

/// One request on its way: finds what is stored for it, and has the origin asked for what is not.
final class Exchange: Sendable {
    let http: HTTPCache
    /// As it came.
    let request: HTTPRequest
    private let fields: RequestFields
    /// Answers it with what is stored.
    let serving: Serving
    /// As the origin is asked, if the answer is to be stored.
    let asked: HTTPRequest
    let policy: ResponsePolicy
    let url: RequestURL
    /// What the responses for the URL are found by, but for the variant.
    private let base: ResponseKey
    /// The key of the first of them.
    let key: CacheKey
    let directives: RequestDirectives
    /// Whether the response could be somebody's who is not part of what it is found by.
    let hasCredentials: Bool
    /// Whether the origin can be asked when the request has been answered.
    let isOriginLasting: Bool
    /// On whose behalf the origin is asked, also within a load, which is on nobody's.
    private let caller = Identity.current

    /// How often what is stored may change before the origin is asked without more ado.
    private static let maximumRounds = 6

    init(
        _ http: HTTPCache, _ request: HTTPRequest, _ fields: RequestFields, _ url: RequestURL,
        _ policy: ResponsePolicy, identity: Principal?, isOriginLasting: Bool
    ) {
        let profile = http.configuration.profile
        self.http = http
        self.request = request
        self.fields = fields
        self.serving = Serving(http: http, request: request, fields: fields)
        self.asked = RequestRule.asked(request, fields, by: policy, http.configuration)
        self.policy = policy
        self.url = self.asked.path.map { $0 == url.target ? url : url.with(target: $0) } ?? url
        self.base = ResponseKey(
            self.asked, self.url, by: policy, identity: policy.sharing == .ofIdentity ? identity : nil,
            isOriginLasting: isOriginLasting, seesScheme: fields.contains(.forwardedScheme), profile)
        self.key = self.base.key(in: http.region)
        self.directives =
            fields.contains(.directives) && policy.honoursRequestDirectives ?? profile.honoursRequestDirectives
            ? RequestDirectives(request.headerFields) : RequestDirectives()
        self.hasCredentials =
            policy.sharing == .asDeclared
            && (identity != nil || fields.contains(.authorization)
                || profile.takesCookiesForCredentials && fields.contains(.cookie))
        self.isOriginLasting = isOriginLasting
    }

    /// The origin's answer to a request, which says when it came.
    func ask(_ origin: HTTPOrigin, _ request: HTTPRequest) async throws -> HTTPAnswer {
        var answer = try await Identity.$current.withValue(self.caller) { try await origin(request) }
        answer.response.headerFields.date(received: self.http.now)
        return answer
    }

    // MARK: Finding

    /// What comes next.
    enum Next: Sendable {
        /// By what stands under a key.
        case answer(HTTPAnswer, from: CacheKey)
        /// The origin answers this request alone.
        case pass(CacheStatus.Forwarding, detail: String? = nil, ending: CacheKey? = nil)
        /// The origin is asked, once for all who want the same.
        case load(Found, CacheStatus.Forwarding)
    }

    /// Looks for what is stored.
    func look() async throws -> Next {
        if let answer = try await self.answerOfAnotherSearch() { return answer }
        var key = self.key
        for _ in 0..<Self.maximumRounds {
            let found = try await self.find(from: key)
            let (place, seen) = (found.place, found.seen)
            guard let content = found.content else {
                if seen.isFresh { return .pass(.uriMiss, detail: "pass", ending: place) }
                return .load(found, place == self.key ? .uriMiss : .varyMiss)
            }
            guard content.variant.matches(self.asked.headerFields) else {
                if place == self.key { self.learn(content.variant) }
                key = self.key(of: content.variant.selected(by: self.asked.headerFields))
                // It was looked for there already, or is where it does not belong.
                if key == place { return .pass(.varyMiss) }
                continue
            }
            if self.hasCredentials, !content.isForCredentials { return .pass(.bypass, detail: "credentials") }
            switch self.judge(content, seen) {
            case .serve:
                self.http.region.served(seen, under: place)
                self.learnSearches(content)
                return .answer(self.serving.hit(content, seen), from: place)
            case .load(let reason):
                return .load(found, reason)
            }
        }
        return .pass(.miss)
    }

    /// A fresh response for a URL with another query that is one for this URL too, by its own words.
    private func answerOfAnotherSearch() async throws -> Next? {
        guard self.http.configuration.honoursNoVarySearch, let other = self.http.searches.other(for: self.url) else {
            return nil
        }
        var base = self.base
        base.url = other
        let found = try await self.look(at: base.key(in: self.http.region))
        let seen = found.seen
        guard seen.isFresh, let content = found.content, content.variant.matches(self.asked.headerFields),
            let rule = NoVarySearch(content.fields), rule.matches(self.url, other),
            !self.hasCredentials || content.isForCredentials, case .serve = self.judge(content, seen)
        else { return nil }
        self.http.region.served(seen, under: found.place)
        return .answer(self.serving.hit(content, seen), from: found.place)
    }

    /// Answers the request, after what was found for it at first.
    func answer(after first: Next, by origin: @escaping HTTPOrigin) async throws -> HTTPAnswer {
        if self.directives.onlyIfCached { return self.unavailable }
        var next = first
        for _ in 0..<Self.maximumRounds {
            switch next {
            case .answer(let answer, _):
                return answer
            case .pass(let reason, let detail, let place):
                return try await self.pass(reason, detail: detail, ending: place, origin)
            case .load(let found, let reason):
                if let answer = try await self.load(found, reason, origin) { return answer }
            }
            next = try await self.look()
        }
        return try await self.pass(.miss, origin)
    }

    /// What is stored for the request: where its variant was seen to be, or else what stands at `key`.
    private func find(from key: CacheKey) async throws -> Found {
        guard key == self.key,
            let known = self.http.variants.variant(under: key, for: self.asked.headerFields), !known.isFirst
        else { return try await self.look(at: key) }
        let found = try await self.look(at: self.key(of: known.variant))
        guard let content = found.content, content.variant.matches(self.asked.headerFields) else {
            return try await self.look(at: key)
        }
        if found.seen.isFresh { return found }
        // What is past its freshness may have a newer one beside it.
        let other = try await self.look(at: key)
        return other.seen.isFresh && other.content?.variant.matches(self.asked.headerFields) ?? false ? other : found
    }

    /// The key of a variant's own.
    private func key(of variant: Variant) -> CacheKey {
        var key = self.base
        key.variant = variant
        return key.key(in: self.http.region)
    }

    private func look(at key: CacheKey) async throws -> Found {
        try await self.http.look(at: key, consistency: self.policy.consistency)
    }

    private enum Use {
        case serve
        case load(CacheStatus.Forwarding)
    }

    /// Whether what is stored can be served, by what it says and the request wants (RFC 9111, section 4).
    private func judge(_ content: StoredContent, _ seen: Sighting) -> Use {
        if content.needsValidation { return .load(.stale) }
        guard self.directives.accepts(age: content.initialAge + seen.age, remaining: seen.remaining) else {
            return .load(.request)
        }
        if seen.isFresh { return .serve }
        let staleness = content.overdue - seen.remaining
        if !content.isNeverStale, self.directives.acceptsStale(by: staleness) { return .serve }
        guard self.servesWhileRevalidating(seen) else { return .load(.stale) }
        return self.request.method == .head || seen.isLeased ? .serve : .load(.stale)
    }

    private func servesWhileRevalidating(_ seen: Sighting) -> Bool {
        seen.isServedWhileRevalidating && self.directives.maxAge == nil && self.directives.minFresh == nil
    }

    // MARK: Passing on

    /// Passes the request on as it came; what comes is not stored.
    ///
    /// - Parameter place: Where it stands that nothing can be stored, which is ended if that is no longer so.
    private func pass(
        _ reason: CacheStatus.Forwarding, detail: String? = nil, ending place: CacheKey? = nil,
        _ origin: HTTPOrigin
    ) async throws -> HTTPAnswer {
        let start = self.http.cache.clock.now
        let answer = try await self.ask(origin, self.request)
        let delay = start.duration(to: self.http.cache.clock.now)
        if let place, self.verdict(on: answer.response, answer.notes, after: delay).isStored {
            await self.http.cache.end(place)
        }
        return self.http.forwarded(answer, for: reason, detail: detail)
    }

    // MARK: Loading

    /// How a load has ended for the request that began it.
    private enum Ending: Sendable {
        case answered(HTTPAnswer)
        case found(CacheResult<StoredResponse>)
    }

    /// Has the origin asked, once for all who want the same; nil when what is stored has changed, and is to be looked at again.
    private func load(
        _ found: Found, _ reason: CacheStatus.Forwarding, _ origin: @escaping HTTPOrigin
    ) async throws -> HTTPAnswer? {
        let seen = found.seen
        if self.request.method == .head { return try await self.head(found, reason, origin) }
        // A part is not stored.
        if self.fields.contains(.range) { return try await self.pass(reason, origin) }
        if reason == .stale, self.isOriginLasting, self.servesWhileRevalidating(seen), let content = found.content {
            try await self.refresh(found, origin)
            return self.serving.hit(content, seen)
        }
        let delivery = Delivery<Ending>()
        let load = Load(self, found.place, reason, hasSpare: seen.isServedOnError, origin) {
            delivery.deliver(.success(.answered($0)))
        }
        // What may be served for now is not what was asked for.
        let isAnew = seen.isFresh || seen.isServedWhileRevalidating
        let task = Task {
            do {
                delivery.deliver(.success(.found(try await load.result(after: seen, isAnew: isAnew))))
            } catch {
                delivery.deliver(.failure(error))
            }
        }
        let ending: Ending
        do {
            ending = try await withTaskCancellationHandler {
                try await delivery.value()
            } onCancel: {
                task.cancel()
            }
        } catch let failure as Load.Failure {
            return try await self.recover(from: failure, of: load, found, reason, origin)
        }
        switch ending {
        case .answered(let answer): return answer
        case .found(let result): return try await self.shared(result, of: load, seen, reason, origin)
        }
    }

    /// Passes a HEAD on; what it tells of something stored is learnt, if it was asked for as that was.
    private func head(
        _ found: Found, _ reason: CacheStatus.Forwarding, _ origin: @escaping HTTPOrigin
    ) async throws -> HTTPAnswer {
        guard found.content != nil, !self.hasCredentials, !self.fields.contains(.validators) else {
            return try await self.pass(reason, origin)
        }
        let start = self.http.cache.clock.now
        var request = self.asked
        request.method = .head
        let answer = try await self.ask(origin, request)
        await Load(self, found.place, reason, hasSpare: false, origin) { _ in }.learn(
            from: answer, after: found, since: start)
        return self.http.forwarded(answer, for: reason)
    }

    /// What became of a load that failed: its own failure is the answer, that of another says nothing about this request.
    private func recover(
        from failure: Load.Failure, of load: Load, _ found: Found, _ reason: CacheStatus.Forwarding,
        _ origin: HTTPOrigin
    ) async throws -> HTTPAnswer? {
        if reason == .stale, found.seen.isServedOnError, let content = found.content {
            return self.rescued(content, found.seen, failure)
        }
        guard failure.id == load.id else {
            return failure.isAbandoned ? nil : try await self.pass(reason, origin)
        }
        switch failure.cause {
        case .error(let error): throw error
        case .answer(let answer): return self.http.forwarded(answer, for: reason)
        }
    }

    /// What another request's load has brought, or the store had meanwhile; nil to look again.
    private func shared(
        _ result: CacheResult<StoredResponse>, of load: Load, _ seen: Sighting, _ reason: CacheStatus.Forwarding,
        _ origin: HTTPOrigin
    ) async throws -> HTTPAnswer? {
        guard let content = result.value.content else { return try await self.pass(reason, origin) }
        switch result.source {
        case .miss:
            guard content.variant.matches(self.asked.headerFields) else { return nil }
            let making = result.value.making
            let age = content.initialAge + (making?.delay ?? .zero)
            let fresh = making?.fresh ?? .zero
            // What is stale already is for who asked for it, or has to be validated.
            guard fresh > .zero, !content.needsValidation,
                !self.hasCredentials || content.isForCredentials,
                self.directives.accepts(age: age, remaining: fresh)
            else { return try await self.pass(reason, origin) }
            return self.serving.answer(
                content, age: age, CacheStatus(outcome: .forwarded(reason), isStored: true, isCollapsed: true))
        case .stale:
            guard seen.isServedOnError, content.variant.matches(self.asked.headerFields) else { return nil }
            return self.rescued(content, seen, load.failure)
        default:
            return nil
        }
    }

    /// What is old, in place of an answer that the origin did not give.
    private func rescued(_ content: StoredContent, _ seen: Sighting, _ failure: Load.Failure?) -> HTTPAnswer {
        var status = CacheStatus(outcome: .forwarded(.stale), remaining: seen.remaining)
        if case .answer(let answer) = failure?.cause { status.forwardedStatus = answer.response.status.code }
        return self.serving.answer(content, age: content.initialAge + seen.age, status)
    }

    /// The answer to a request that is not to be passed on (RFC 9111, section 5.2.1.7).
    private var unavailable: HTTPAnswer {
        HTTPAnswer(HTTPResponse(status: .gatewayTimeout), .bytes(ByteBuffer()))
    }

    /// Has what is served meanwhile made anew.
    private func refresh(_ found: Found, _ origin: @escaping HTTPOrigin) async throws {
        let load = Load(self, found.place, .stale, hasSpare: true, origin) { _ in }
        // Served at once: what was seen may be.
        _ = try await load.result(after: found.seen, isAnew: false)
    }

    /// Whether and how a response is stored.
    func verdict(
        on response: HTTPResponse, _ notes: HTTPCacheNotes, after delay: Duration
    ) -> StorageRule.Verdict {
        if notes.doesNotStore { return .notThisOne("handler") }
        var policy = self.policy
        if let lifetime = notes.lifetime { policy = policy.expire(lifetime, overriding: true) }
        return StorageRule.verdict(
            on: StorageRule.Arrival(
                request: self.asked, hasCredentials: self.hasCredentials, wantsNoStore: self.directives.noStore,
                response: response, received: self.http.now, delay: delay),
            by: policy, self.http.configuration)
    }

    // MARK: Variants

    /// Whether a response may be stored for a variant.
    func admits(_ variant: Variant) -> Bool {
        self.http.variants.admit(variant, of: self.key, at: self.http.cache.clock.now)
    }

    /// A response for a variant comes to stand under the URL's own key.
    func takeOver(_ variant: Variant) async {
        self.learn(variant)
        guard variant != .any else { return }
        // What stands under the variant's own is older, and would still be found there.
        await self.http.cache.end(self.key(of: variant))
    }

    private func learn(_ variant: Variant) {
        self.http.variants.learn(variant, under: self.key, at: self.http.cache.clock.now)
    }

    /// What a response says of other queries is for those who come next.
    func learnSearches(_ content: StoredContent) {
        guard self.http.configuration.honoursNoVarySearch, let rule = NoVarySearch(content.fields) else { return }
        self.http.searches.learn(rule, of: self.url)
    }
}
