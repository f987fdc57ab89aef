// SPDX-License-Identifier: Apache-2.0

public import HTTPTypes
public import Larder

/// A cache of HTTP responses (RFC 9111), in the store of a cache: shared by all processes, and invalidated with the rest.
///
/// Knows no framework: give it requests, and an origin to pass them on to. `LarderHummingbird` has a middleware made of it.
public final class HTTPCache: Sendable {
    /// Where the responses are stored.
    public let cache: Cache
    /// How it works.
    public let configuration: HTTPCacheConfiguration

    let region: CacheRegion<StoredResponse>
    /// The fields that the responses for a URL were seen to depend on, so that a variant is found at once.
    let variants = VariantNames()

    /// Makes a cache of responses.
    public init(_ cache: Cache, configuration: HTTPCacheConfiguration = HTTPCacheConfiguration()) {
        self.cache = cache
        self.configuration = configuration
        self.region = cache.region(
            configuration.region, of: StoredResponse.self,
            CachePolicy.doNotStore.staleIfError(for: .zero, retryingAfter: .seconds(1)), codec: StoredResponseCodec()
        ).policy { $0.policy }
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
        switch try await self.look(for: request, by: policy, identity: identity, hasBody: hasBody) {
        case .answer(let answer): answer
        case .missing(let miss): try await miss.answer(by: origin)
        case .none(let passage):
            try await passage.passed(origin(request))
        }
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
        let url = RequestURL(request)
        let bypass = RequestRule.bypass(
            request, url, by: policy, identity: identity, hasBody: hasBody, self.configuration)
        guard bypass == nil, let url else {
            return .none(HTTPPassage(http: self, method: request.method, url: url, bypass: bypass ?? (.bypass, nil)))
        }
        let exchange = Exchange(self, request, url, policy, identity: identity, isOriginLasting: isOriginLasting)
        let next = try await exchange.look()
        if case .answer(let answer) = next { return .answer(answer) }
        return .missing(HTTPMiss(exchange: exchange, next: next))
    }

    /// Ends all stored responses for a URL.
    ///
    /// - Parameter request: A request for it; its method counts for nothing.
    @discardableResult
    public func invalidate(_ request: HTTPRequest) async -> InvalidationOutcome {
        guard let url = RequestURL(request) else { return .applied }
        return await self.end(Invalidation.tags(of: url))
    }

    @discardableResult
    func end(_ tags: [String]) async -> InvalidationOutcome {
        do {
            return try await self.cache.invalidate(tags: tags)
        } catch {
            // Tags are made within the bounds; were they not, all would have to go.
            return await self.cache.clear()
        }
    }

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

    /// Says in a response how its request was handled.
    func mark(_ fields: inout HTTPFields, with status: CacheStatus) {
        if let name = self.configuration.statusName {
            fields.append(HTTPField(name: .cacheStatus, value: status.member(of: name)))
        }
        if self.configuration.sendsXCache { fields[.xCache] = status.word }
    }
}
