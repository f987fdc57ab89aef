// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Larder
import NIOCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// One request on its way: finds what is stored for it, and has the origin asked for what is not.
struct Exchange: Sendable {
    let http: HTTPCache
    /// As it came.
    let request: HTTPRequest
    /// As the origin is asked, if the answer is to be stored.
    let asked: HTTPRequest
    let policy: ResponsePolicy
    let url: RequestURL
    /// What the responses for the URL are found by, but for the variant.
    let base: ResponseKey
    let directives: RequestDirectives
    /// Whether the response could be somebody's who is not part of what it is found by.
    let hasCredentials: Bool
    /// Whether the origin can be asked when the request has been answered.
    let isOriginLasting: Bool

    /// How often what is stored may change before the origin is asked without more ado.
    private static let maximumRounds = 6

    private typealias Seen = Sighting<StoredResponse>

    init(
        _ http: HTTPCache, _ request: HTTPRequest, _ url: RequestURL, _ policy: ResponsePolicy, identity: Principal?,
        isOriginLasting: Bool
    ) {
        let profile = http.configuration.profile
        self.http = http
        self.request = request
        self.asked = RequestRule.asked(request, by: policy, http.configuration)
        self.policy = policy
        self.url = RequestURL(self.asked) ?? url
        self.base = ResponseKey(
            self.asked, self.url, by: policy, identity: policy.sharing == .ofIdentity ? identity : nil,
            isOriginLasting: isOriginLasting, profile)
        self.directives =
            policy.honoursRequestDirectives ?? profile.honoursRequestDirectives
            ? RequestDirectives(request.headerFields) : RequestDirectives()
        self.hasCredentials =
            policy.sharing == .asDeclared
            && (identity != nil || request.headerFields.contains(.authorization)
                || profile.takesCookiesForCredentials && request.headerFields.contains(.cookie))
        self.isOriginLasting = isOriginLasting
    }

    // MARK: Finding

    /// What comes next.
    enum Next: Sendable {
        case answer(HTTPAnswer)
        /// The origin answers this request alone.
        case pass(CacheStatus.Forwarding, detail: String? = nil, ending: ResponseKey? = nil)
        /// The origin is asked, once for all who want the same.
        case load(ResponseKey, Sighting<StoredResponse>, CacheStatus.Forwarding)
    }

    /// Looks for what is stored.
    func look() async throws -> Next {
        var key = self.base
        for _ in 0..<Self.maximumRounds {
            let (place, seen) = try await self.find(from: key)
            guard let content = seen.response else {
                if seen.isFresh { return .pass(.uriMiss, detail: "pass", ending: place) }
                return .load(place, seen, place == self.base ? .uriMiss : .varyMiss)
            }
            guard content.variant.matches(self.asked.headerFields) else {
                key.variant = content.variant.selected(by: self.asked.headerFields)
                // It was looked for there already, or is where it does not belong.
                if key == place { return .pass(.varyMiss) }
                continue
            }
            if self.hasCredentials, !content.isForCredentials { return .pass(.bypass, detail: "credentials") }
            switch self.judge(content, seen) {
            case .serve:
                self.http.region.served(seen)
                return .answer(self.served(content, seen))
            case .load(let reason):
                return .load(place, seen, reason)
            }
        }
        return .pass(.miss)
    }

    /// Answers the request, after what was found for it at first.
    func answer(after first: Next, by origin: @escaping HTTPOrigin) async throws -> HTTPAnswer {
        if self.directives.onlyIfCached { return self.unavailable }
        var next = first
        for _ in 0..<Self.maximumRounds {
            switch next {
            case .answer(let answer):
                return answer
            case .pass(let reason, let detail, let place):
                return try await self.pass(reason, detail: detail, ending: place, origin)
            case .load(let place, let seen, let reason):
                if let answer = try await self.load(place, seen, reason, origin) { return answer }
            }
            next = try await self.look()
        }
        return try await self.pass(.miss, origin)
    }

    /// What is stored for the request: where it was seen to be, or else what stands at `key`.
    private func find(from key: ResponseKey) async throws -> (place: ResponseKey, seen: Seen) {
        var places = [key]
        if key == self.base, let names = self.http.variants.names(for: key) {
            var place = key
            place.variant = Variant(names, of: self.asked.headerFields)
            if place != key { places.append(place) }
        }
        let seen = try await self.http.region.look(
            at: places.map { self.http.region.key($0) }, consistency: self.policy.consistency)
        for (place, sighting) in zip(places, seen).dropFirst() {
            guard sighting.isFresh, let content = sighting.response, content.variant.matches(self.asked.headerFields)
            else { continue }
            if let other = seen[0].response, other.variant.matches(self.asked.headerFields), seen[0].isFresh,
                other.received > content.received
            {
                continue
            }
            return (place, sighting)
        }
        return (key, seen[0])
    }

    private enum Use {
        case serve
        case load(CacheStatus.Forwarding)
    }

    /// Whether what is stored can be served, by what it says and the request wants (RFC 9111, section 4).
    private func judge(_ content: StoredResponse.Content, _ seen: Seen) -> Use {
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

    private func servesWhileRevalidating(_ seen: Seen) -> Bool {
        seen.isServedWhileRevalidating && self.directives.maxAge == nil && self.directives.minFresh == nil
    }

    // MARK: Serving

    private func served(_ content: StoredResponse.Content, _ seen: Seen) -> HTTPAnswer {
        self.answer(
            content, age: content.initialAge + seen.age, CacheStatus(outcome: .hit, remaining: seen.remaining))
    }

    /// A stored response as the request wants it: without what the client has, or only in part.
    private func answer(_ content: StoredResponse.Content, age: Duration?, _ status: CacheStatus) -> HTTPAnswer {
        var response = HTTPResponse(status: content.status, headerFields: content.fields)
        if let age { response.headerFields[.age] = "\(max(0, age.components.seconds))" }
        self.http.mark(&response.headerFields, with: status)
        var body = content.body
        if content.status == .ok {
            let fields = self.request.headerFields
            if Precondition.isNotModified(fields, content.fields, received: content.received) {
                return self.notModified(response)
            }
            if fields.contains(.range), self.request.method == .get {
                self.cut(&response, &body, content)
            }
        }
        guard self.request.method == .head else { return HTTPAnswer(response, .bytes(body)) }
        if !response.headerFields.contains(.contentLength) {
            response.headerFields[.contentLength] = "\(body.readableBytes)"
        }
        return HTTPAnswer(response, .bytes(ByteBuffer()))
    }

    private func notModified(_ response: HTTPResponse) -> HTTPAnswer {
        var response = response
        response.status = .notModified
        response.headerFields = response.headerFields.reduce(into: HTTPFields()) { kept, field in
            if Precondition.keptFields.contains(field.name) { kept.append(field) }
        }
        return HTTPAnswer(response, .bytes(ByteBuffer()))
    }

    private func cut(_ response: inout HTTPResponse, _ body: inout ByteBuffer, _ content: StoredResponse.Content) {
        let length = body.readableBytes
        switch ByteRange(self.request.headerFields, of: content.fields, length: length, received: content.received) {
        case .whole: return
        case .part(let range):
            guard let part = body.getSlice(at: body.readerIndex + range.lowerBound, length: range.count) else { return }
            body = part
            response.status = .partialContent
            response.headerFields[.contentRange] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(length)"
        case .unsatisfiable:
            body = ByteBuffer()
            response.status = .rangeNotSatisfiable
            response.headerFields[.contentRange] = "bytes */\(length)"
        }
        if response.headerFields.contains(.contentLength) {
            response.headerFields[.contentLength] = "\(body.readableBytes)"
        }
    }

    // MARK: Passing on

    /// Passes the request on as it came; what comes is not stored.
    ///
    /// - Parameter place: Where it stands that nothing can be stored, which is ended if that is no longer so.
    private func pass(
        _ reason: CacheStatus.Forwarding, detail: String? = nil, ending place: ResponseKey? = nil,
        _ origin: HTTPOrigin
    ) async throws -> HTTPAnswer {
        let start = self.http.cache.clock.now
        let answer = try await origin(self.request)
        let delay = start.duration(to: self.http.cache.clock.now)
        if let place, self.verdict(on: answer.response, answer.notes, after: delay).isStored {
            await self.http.cache.invalidate(self.http.region.key(place))
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
        _ place: ResponseKey, _ seen: Seen, _ reason: CacheStatus.Forwarding, _ origin: @escaping HTTPOrigin
    ) async throws -> HTTPAnswer? {
        if self.request.method == .head { return try await self.head(place, seen, reason, origin) }
        // A part is not stored.
        if self.request.headerFields.contains(.range) { return try await self.pass(reason, origin) }
        if reason == .stale, self.isOriginLasting, self.servesWhileRevalidating(seen), let content = seen.response {
            try await self.refresh(place, seen, origin)
            return self.served(content, seen)
        }
        let delivery = Delivery<Ending>()
        let load = Load(self, place, reason, hasSpare: seen.isServedOnError, origin) {
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
            return try await self.recover(from: failure, of: load, seen, reason, origin)
        }
        switch ending {
        case .answered(let answer): return answer
        case .found(let result): return try await self.shared(result, of: load, seen, reason, origin)
        }
    }

    /// Passes a HEAD on; what it tells of something stored is learnt, if it was asked for as that was.
    private func head(
        _ place: ResponseKey, _ seen: Seen, _ reason: CacheStatus.Forwarding, _ origin: @escaping HTTPOrigin
    ) async throws -> HTTPAnswer {
        let isConditional = Precondition.fields.contains { self.request.headerFields.contains($0) }
        guard seen.response != nil, !self.hasCredentials, !isConditional else {
            return try await self.pass(reason, origin)
        }
        let start = self.http.cache.clock.now
        var request = self.asked
        request.method = .head
        let answer = try await origin(request)
        await Load(self, place, reason, hasSpare: false, origin) { _ in }.learn(from: answer, after: seen, since: start)
        return self.http.forwarded(answer, for: reason)
    }

    /// What became of a load that failed: its own failure is the answer, that of another says nothing about this request.
    private func recover(
        from failure: Load.Failure, of load: Load, _ seen: Seen, _ reason: CacheStatus.Forwarding,
        _ origin: HTTPOrigin
    ) async throws -> HTTPAnswer? {
        if reason == .stale, seen.isServedOnError, let content = seen.response {
            return self.rescued(content, seen, failure)
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
        _ result: CacheResult<StoredResponse>, of load: Load, _ seen: Seen, _ reason: CacheStatus.Forwarding,
        _ origin: HTTPOrigin
    ) async throws -> HTTPAnswer? {
        guard case .response(let content) = result.value.kind else { return try await self.pass(reason, origin) }
        switch result.source {
        case .miss:
            guard content.variant.matches(self.asked.headerFields) else { return nil }
            let age = content.initialAge + result.value.delay
            // What is stale already is for who asked for it, or has to be validated.
            guard result.value.fresh > .zero, !content.needsValidation,
                !self.hasCredentials || content.isForCredentials,
                self.directives.accepts(age: age, remaining: result.value.fresh)
            else { return try await self.pass(reason, origin) }
            return self.answer(
                content, age: age, CacheStatus(outcome: .forwarded(reason), isStored: true, isCollapsed: true))
        case .stale:
            guard seen.isServedOnError, content.variant.matches(self.asked.headerFields) else { return nil }
            return self.rescued(content, seen, load.failure)
        default:
            return nil
        }
    }

    /// What is old, in place of an answer that the origin did not give.
    private func rescued(_ content: StoredResponse.Content, _ seen: Seen, _ failure: Load.Failure?) -> HTTPAnswer {
        var status = CacheStatus(outcome: .forwarded(.stale), remaining: seen.remaining)
        if case .answer(let answer) = failure?.cause { status.forwardedStatus = answer.response.status.code }
        return self.answer(content, age: content.initialAge + seen.age, status)
    }

    /// The answer to a request that is not to be passed on (RFC 9111, section 5.2.1.7).
    private var unavailable: HTTPAnswer {
        HTTPAnswer(HTTPResponse(status: .gatewayTimeout), .bytes(ByteBuffer()))
    }

    /// Has what is served meanwhile made anew.
    private func refresh(_ place: ResponseKey, _ seen: Seen, _ origin: @escaping HTTPOrigin) async throws {
        let load = Load(self, place, .stale, hasSpare: true, origin) { _ in }
        // Served at once: what was seen may be.
        _ = try await load.result(after: seen, isAnew: false)
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
                response: response, received: self.now, delay: delay),
            by: policy, self.http.configuration)
    }

    /// Now, on the wall.
    var now: HTTPDate { HTTPDate(seconds: Int(self.http.cache.clock.wallTime.timeIntervalSince1970)) }

    /// Answers by what was just stored, or is being.
    func answer(_ content: StoredResponse.Content, _ status: CacheStatus) -> HTTPAnswer {
        self.answer(content, age: nil, status)
    }

    /// Whether the client has a response already.
    func isKnown(_ response: HTTPResponse) -> HTTPAnswer? {
        guard response.status == .ok,
            Precondition.isNotModified(self.request.headerFields, response.headerFields, received: self.now)
        else { return nil }
        return self.notModified(response)
    }
}

extension Sighting where Value == StoredResponse {
    /// The response, if it is one.
    var response: StoredResponse.Content? {
        guard case .response(let content) = self.value?.kind else { return nil }
        return content
    }
}
