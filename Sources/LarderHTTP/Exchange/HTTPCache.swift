// SPDX-License-Identifier: Apache-2.0

public import HTTPTypes
public import Larder

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A cache of HTTP responses (RFC 9111), in the store of a cache: shared by all processes, and invalidated with the rest.
///
/// Knows no framework: give it requests, and an origin to pass them on to. `LarderHummingbird` has a middleware made of it.
public final class HTTPCache: Sendable {
    /// Where the responses are stored.
    public let cache: Cache
    /// How it works.
    public let configuration: HTTPCacheConfiguration

    let region: CacheRegion<StoredResponse>
    let variants = KnownVariants()
    let searches = KnownSearches()
    private let keys = KnownKeys()
    private let table: RequestFields.Table

    /// Makes a cache of responses.
    public init(_ cache: Cache, configuration: HTTPCacheConfiguration = HTTPCacheConfiguration()) {
        self.cache = cache
        self.configuration = configuration
        self.table = RequestFields.Table(unkeyed: configuration.unkeyedFields)
        self.region = cache.region(
            configuration.region, of: StoredResponse.self,
            CachePolicy.doNotStore.staleIfError(for: .zero, retryingAfter: .seconds(1)), codec: StoredResponseCodec()
        ).policy { $0.making?.policy ?? .doNotStore }
    }

    /// Answers a request: from what is stored, or by the origin, whose answer is stored if it may be.
    ///
    /// A response is passed on as it comes, while it is stored. A client who goes away takes nothing from the others who wait for it.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - policy: How its responses are cached.
    ///   - identity: Who asks, where that is known.
    ///   - hasBody: Whether the request has a body.
    ///   - origin: Answers what the cache cannot. It may be asked when the request has been answered, for what is past its freshness can
    ///     be served while it is made anew.
    /// - Throws: What the origin throws, and `CancellationError`.
    public func respond(
        to request: HTTPRequest, by policy: ResponsePolicy = .asDeclared, identity: Principal? = nil,
        hasBody: Bool = false, origin: @escaping HTTPOrigin
    ) async throws -> HTTPAnswer {
        try await self.look(for: request, by: policy, identity: identity, hasBody: hasBody).answer(
            to: request, by: origin)
    }

    /// Looks for the answer to a request.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - policy: How its responses are cached.
    ///   - identity: Who asks, where that is known.
    ///   - hasBody: Whether the request has a body.
    ///   - isOriginLasting: Whether the origin can be asked when the request has been answered. Where it cannot, the request that finds
    ///     something past its freshness waits for what is new, and others are served what is old.
    /// - Throws: `CancellationError`.
    public func look(
        for request: HTTPRequest, by policy: ResponsePolicy = .asDeclared, identity: Principal? = nil,
        hasBody: Bool = false, isOriginLasting: Bool = true
    ) async throws -> HTTPLookup {
        let fields = self.table.found(in: request.headerFields)
        let plain = KnownKeys.Request(
            request, fields, by: policy, hasBody: hasBody, isSomebodys: identity != nil,
            isOriginLasting: isOriginLasting)
        if let plain, let key = self.keys.key(of: plain),
            let answer = try await self.hit(at: key, Serving(http: self, request: request, fields: fields), policy)
        {
            return .answer(answer)
        }
        let url = RequestURL(request)
        let bypass = RequestRule.bypass(
            request, fields, url, by: policy, identity: identity, hasBody: hasBody, self.configuration)
        guard bypass == nil, let url else {
            return .none(HTTPPassage(http: self, method: request.method, url: url, bypass: bypass ?? (.bypass, nil)))
        }
        let exchange = Exchange(
            self, request, fields, url, policy, identity: identity, isOriginLasting: isOriginLasting)
        let next = try await exchange.look()
        if case .answer(let answer, let place) = next {
            if let plain, place == exchange.key { self.keys.learn(place, of: plain) }
            return .answer(answer)
        }
        return .missing(HTTPMiss(exchange: exchange, next: next))
    }

    /// The answer to a plain request whose response stands under the URL's own key, fresh. All others take the long way.
    private func hit(at key: CacheKey, _ serving: Serving, _ policy: ResponsePolicy) async throws -> HTTPAnswer? {
        let request = serving.request.headerFields
        let known = self.variants.variant(under: key, for: request)
        if let known, !known.isFirst { return nil }
        let found = try await self.look(at: key, consistency: policy.consistency)
        guard found.seen.isFresh, let content = found.content, !content.needsValidation,
            content.variant == known?.variant || content.variant.matches(request)
        else { return nil }
        self.region.served(found.seen, under: key)
        return serving.hit(content, found.seen)
    }

    /// Ends all stored responses for a URL.
    ///
    /// - Parameter request: A request for it; its method counts for nothing.
    @discardableResult
    public func invalidate(_ request: HTTPRequest) async -> InvalidationOutcome {
        guard let url = RequestURL(request) else { return .applied }
        return await self.invalidate(Invalidation.tags(of: url))
    }

    /// Ends what an answer of the origin ends, whoever made the request: that is for the origin to say.
    @discardableResult
    func end(_ tags: [String]) async -> InvalidationOutcome {
        await Identity.$current.withValue(.service) { await self.invalidate(tags) }
    }

    private func invalidate(_ tags: [String]) async -> InvalidationOutcome {
        do {
            return try await self.cache.invalidate(tags: tags)
        } catch {
            // Tags are made within the bounds; were they not, all would have to go.
            return await self.cache.clear()
        }
    }

    /// Now, on the wall.
    var now: HTTPDate { HTTPDate(seconds: Int(self.cache.clock.wallTime.timeIntervalSince1970)) }

    /// An answer of the origin, which says how its request was handled.
    func forwarded(
        _ answer: HTTPAnswer, for reason: CacheStatus.Forwarding, isStored: Bool = false, detail: String? = nil
    ) -> HTTPAnswer {
        var answer = answer
        let status = CacheStatus(
            outcome: .forwarded(reason), forwardedStatus: answer.response.status.code, isStored: isStored,
            detail: detail)
        self.mark(&answer.response.headerFields, with: status)
        return answer
    }

    /// Says in a response how its request was handled, and how old it is where that is known.
    func mark(_ fields: inout HTTPFields, with status: CacheStatus, age: Duration? = nil) {
        // At once, for each time might take a copy.
        fields.reserveCapacity(fields.count + 4)
        if let age { fields.append(HTTPField(name: .age, value: max(0, age.components.seconds).description)) }
        if let name = self.configuration.statusName {
            fields.append(HTTPField(name: .cacheStatus, value: status.member(of: name)))
        }
        if self.configuration.sendsXCache {
            if fields.contains(.xCache) { fields[.xCache] = nil }
            fields.append(HTTPField(name: .xCache, value: status.word))
        }
    }
}
