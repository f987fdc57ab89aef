// SPDX-License-Identifier: Apache-2.0

import Crypto
import HTTPTypes
import Larder
import NIOConcurrencyHelpers
import NIOCore
import NIOFoundationEssentialsCompat

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Asks the origin for one request, and makes of the answer what is stored. Runs apart from the request, which may go away.
final class Load: Sendable {
    /// Why there is nothing to store, for those who wait for a load of another.
    struct Failure: Error {
        enum Cause {
            case error(any Error)
            /// An answer by which what is old may be served instead.
            case answer(HTTPAnswer)
        }

        /// Whose load it was.
        var id: ObjectIdentifier
        var cause: Cause

        /// Whether the origin was not asked to the end, for its request went away.
        var isAbandoned: Bool {
            guard case .error(let error) = self.cause else { return false }
            return error is CancellationError
        }
    }

    private let exchange: Exchange
    private let place: CacheKey
    private let reason: CacheStatus.Forwarding
    /// Whether something old is served if the origin fails.
    private let hasSpare: Bool
    private let origin: HTTPOrigin
    private let box = NIOLockedValueBox<Failure?>(nil)
    /// The answer of an origin that has failed, which something old may be served in place of.
    var failure: Failure? { self.box.withLockedValue { $0 } }
    /// Takes the answer, as soon as there is one.
    private let deliver: @Sendable (HTTPAnswer) -> Void

    /// The statuses that say that the origin has failed (RFC 5861, section 4).
    private static let failures: Set<Int> = [500, 502, 503, 504]

    init(
        _ exchange: Exchange, _ place: CacheKey, _ reason: CacheStatus.Forwarding, hasSpare: Bool,
        _ origin: @escaping HTTPOrigin, deliver: @escaping @Sendable (HTTPAnswer) -> Void
    ) {
        self.exchange = exchange
        self.place = place
        self.reason = reason
        self.hasSpare = hasSpare
        self.origin = origin
        self.deliver = deliver
    }

    var id: ObjectIdentifier { ObjectIdentifier(self) }

    private var http: HTTPCache { self.exchange.http }

    /// What there is for the request, loaded if that is necessary.
    ///
    /// - Parameters:
    ///   - seen: What was seen of it.
    ///   - isAnew: Whether to load though there may be something to serve.
    func result(after seen: Sighting, isAnew: Bool) async throws -> CacheResult<StoredResponse> {
        let region = self.http.region
        return try await region.result(
            for: self.place, after: seen, isAnew: isAnew, tags: { $0.making?.tags ?? [] },
            load: { try await self.load(previous: $0) })
    }

    private typealias Previous = (value: StoredResponse, tags: [String])

    private func load(previous: Previous?) async throws -> StoredResponse {
        let start = self.http.cache.clock.now
        var old: StoredContent?
        if let content = previous?.value.content, content.variant.matches(self.exchange.asked.headerFields),
            content.fields.entityTag != nil || content.fields.single(.lastModified) != nil
        {
            old = content
        }
        var answer = try await self.ask(for: old)
        if let confirmed = old, answer.response.status == .notModified {
            guard !Validation.confirms(answer.response.headerFields, confirmed.fields) else {
                return self.confirmed(confirmed, previous?.tags ?? [], by: answer, since: start)
            }
            old = nil
            answer = try await self.ask(for: nil)
        }
        if self.hasSpare, Self.failures.contains(answer.response.status.code) {
            let failure = Failure(id: self.id, cause: .answer(answer))
            self.box.withLockedValue { $0 = failure }
            throw failure
        }
        let delay = start.duration(to: self.http.cache.clock.now)
        switch self.exchange.verdict(on: answer.response, answer.notes, after: delay) {
        case .store(let plan):
            self.generateTag(&answer)
            return try await self.store(answer, by: plan, since: start)
        case .notThisOne(let why):
            self.deliver(answer, detail: why)
            return .unstored
        case .notThese(let why):
            self.deliver(answer, detail: why)
            return answer.response.status.code < 400 ? self.pass : .unstored
        }
    }

    // MARK: Asking

    /// Asks the origin, whether what is stored is still good if there is something.
    private func ask(for old: StoredContent?) async throws -> HTTPAnswer {
        var request = self.exchange.asked
        if let old {
            request = Validation.request(request, for: old.fields)
        } else {
            // The answer is for others too, who have nothing yet.
            for name in Precondition.fields { request.headerFields[fields: name] = [] }
        }
        request.headerFields[fields: .range] = []
        do {
            return try await self.exchange.ask(self.origin, request)
        } catch {
            throw Failure(id: self.id, cause: .error(error))
        }
    }

    /// Stores what is stored again, made new by an answer to HEAD that is like it; ends it where that shows another (RFC 9111,
    /// section 4.3.5).
    func learn(from answer: HTTPAnswer, after found: Found, since start: MonotonicInstant) async {
        let fields = answer.response.headerFields
        guard let content = found.content, answer.response.status.code == 200, !answer.notes.doesNotStore else {
            return
        }
        guard Validation.describes(fields, content) else {
            await self.http.cache.end(self.place)
            return
        }
        guard Validation.identifies(fields, content.fields) else { return }
        _ = try? await self.http.region.result(
            for: self.place, after: found.seen, isAnew: true, tags: { $0.making?.tags ?? [] },
            load: { previous in
                // Only what was seen: what has taken its place is not what the answer is about.
                guard let previous, let old = previous.value.content, old.received == content.received,
                    Validation.identifies(fields, old.fields)
                else { throw Replaced() }
                return self.confirmed(old, previous.tags, by: answer, since: start)
            })
    }

    /// Something else is stored by now.
    private struct Replaced: Error {}

    /// What is stored, made new by an answer that says that it has not changed.
    private func confirmed(
        _ old: StoredContent, _ tags: [String], by answer: HTTPAnswer, since start: MonotonicInstant
    ) -> StoredResponse {
        let delay = start.duration(to: self.http.cache.clock.now)
        var merged = HTTPResponse(
            status: old.status, headerFields: Validation.merged(old.fields, with: answer.response.headerFields))
        let verdict = self.exchange.verdict(on: merged, answer.notes, after: delay)
        let status = CacheStatus(
            outcome: .forwarded(self.reason), forwardedStatus: 304, isStored: verdict.isStored)
        guard case .store(let plan) = verdict else {
            self.deliver(self.exchange.serving.answer(old.with(merged.headerFields), status))
            return .unstored
        }
        for name in plan.withheld { merged.headerFields[fields: name] = [] }
        let stored = self.stored(merged, old.body, by: plan, answer.notes, besides: tags, after: delay)
        if let content = stored.content { self.deliver(self.exchange.serving.answer(content, status)) }
        return stored
    }

    // MARK: Storing

    private func store(
        _ answer: HTTPAnswer, by plan: StorageRule.Plan, since start: MonotonicInstant
    ) async throws -> StoredResponse {
        let limit = self.http.configuration.maximumBodySize
        let said = answer.response.headerFields.single(.contentLength).flatMap { Int($0) }
        if max(said ?? 0, answer.content.length ?? 0) > limit {
            self.deliver(answer, detail: "size")
            return self.pass
        }
        let variant = Variant(plan.names, of: self.exchange.asked.headerFields)
        guard self.exchange.admits(variant) else {
            self.deliver(answer, detail: "variants")
            return .unstored
        }
        let body: ByteBuffer
        switch answer.content {
        case .bytes(let bytes):
            if let said, said != bytes.readableBytes {
                self.deliver(answer, detail: "length")
                return .unstored
            }
            body = bytes
            self.deliver(answer, isStored: true)
        case .stream(let reader):
            let collected = CollectedContent(reader, expecting: said, limit: limit)
            self.deliver(HTTPAnswer(answer.response, .stream(collected)), isStored: true)
            guard let bytes = try await self.collect(collected) else { return self.pass }
            body = bytes
        }
        if self.place == self.exchange.key { await self.exchange.takeOver(variant) }
        var response = answer.response
        response.headerFields = response.headerFields.endToEnd
        for name in plan.withheld { response.headerFields[fields: name] = [] }
        return self.stored(
            response, body, by: plan, answer.notes, after: start.duration(to: self.http.cache.clock.now))
    }

    /// Gives a body that is there as a whole a tag by which clients can ask whether it has changed: the same in every process, and
    /// another for each coding.
    private func generateTag(_ answer: inout HTTPAnswer) {
        guard self.http.configuration.generatesEntityTags, answer.response.status == .ok,
            !answer.response.headerFields.contains(.eTag), case .bytes(let bytes) = answer.content
        else { return }
        let digest = SHA256.hash(data: bytes.readableBytesView).prefix(16)
        answer.response.headerFields[.eTag] = "\"\(Data(digest).base64EncodedString())\""
    }

    private func collect(_ content: CollectedContent) async throws -> ByteBuffer? {
        do {
            return try await content.collect()
        } catch {
            throw Failure(id: self.id, cause: .error(error))
        }
    }

    private func stored(
        _ response: HTTPResponse, _ body: ByteBuffer, by plan: StorageRule.Plan, _ notes: HTTPCacheNotes,
        besides oldTags: [String] = [], after delay: Duration
    ) -> StoredResponse {
        let fresh = plan.fresh(after: delay)
        var policy = CachePolicy.ttl(fresh).jitter(0).keptForValidation(for: plan.validation ?? .zero)
        if let duration = plan.staleWhileRevalidate { policy = policy.staleWhileRevalidate(for: duration) }
        if let duration = plan.staleIfError {
            policy = policy.staleIfError(for: duration, retryingAfter: .seconds(1))
        }
        var fields = response.headerFields
        // It is told anew each time.
        fields[fields: .age] = []
        let content = StoredContent(
            status: response.status, fields: fields, body: body,
            variant: Variant(plan.names, of: self.exchange.asked.headerFields), initialAge: plan.initialAge,
            overdue: plan.overdue(after: delay),
            received: self.http.now, needsValidation: plan.needsValidation, isNeverStale: plan.isNeverStale,
            isForCredentials: plan.isForCredentials)
        self.exchange.learnSearches(content)
        let hasOtherQueries = self.exchange.policy.query != nil || fields.contains(.noVarySearch)
        let tags =
            self.tags(hasOtherQueries: hasOtherQueries) + notes.tags
            + Invalidation.groupTags(in: fields, of: self.exchange.url)
        return StoredResponse(
            kind: .response(content),
            making: StoredResponse.Making(
                policy: policy, tags: tags + oldTags.filter { !tags.contains($0) }, delay: delay, fresh: fresh))
    }

    /// The mark that nothing can be stored here.
    private var pass: StoredResponse {
        StoredResponse(
            kind: .pass,
            making: StoredResponse.Making(
                policy: CachePolicy.ttl(self.http.configuration.passTime).jitter(0),
                tags: self.tags(hasOtherQueries: self.exchange.policy.query != nil)))
    }

    /// The tags of what is stored.
    ///
    /// - Parameter hasOtherQueries: Whether it answers for other queries of its path too, and goes with all of that.
    private func tags(hasOtherQueries: Bool) -> [String] {
        let (policy, url) = (self.exchange.policy, self.exchange.url)
        return [Invalidation.tag(of: url)] + (hasOtherQueries ? [Invalidation.pathTag(of: url)] : []) + policy.tags
            + policy.requestTags.flatMap { $0(self.exchange.asked) }
    }

    // MARK: Answering

    private func deliver(_ answer: HTTPAnswer, isStored: Bool = false, detail: String? = nil) {
        let answer = self.http.forwarded(answer, for: self.reason, isStored: isStored, detail: detail)
        self.deliver(self.exchange.serving.answer(answer))
    }
}

extension StorageRule.Verdict {
    var isStored: Bool {
        if case .store = self { true } else { false }
    }
}
