// SPDX-License-Identifier: Apache-2.0

#if Hummingbird
import HTTPTypes
public import Hummingbird
public import Larder
public import LarderHTTP
import NIOCore

/// Caches responses: as a middleware by what they say of themselves, and for routes by a policy.
///
/// ```swift
/// let responses = ResponseCache(cache, context: AppContext.self)
///
/// router.add(middleware: responses)
/// router.get("bestsellers", cached: .shared(.seconds(60)), in: responses) { request, context in
///     try await catalogue.bestsellers()
/// }
/// ```
///
/// Responses of routes with a policy can be served while they are made anew. In the middleware that is not so, for what it passes a
/// request on to ends with the request: the one that finds a response past its freshness waits for the new one.
///
/// Put it inside of a middleware that compresses, so that responses are stored once and not for every coding.
public struct ResponseCache<Context: RequestContext>: RouterMiddleware {
    /// The cache behind it, which also takes invalidations.
    public let http: HTTPCache
    private let policy: ResponsePolicy
    private let paths: ResponsePaths
    let identify: @Sendable (Request, Context) -> Principal?

    /// Makes a cache of responses.
    ///
    /// - Parameters:
    ///   - cache: Where they are stored.
    ///   - context: The type of the router's request context.
    ///   - policy: How the middleware caches; by default only what responses allow by what they say.
    ///   - paths: Which paths the middleware caches at all. Answers to methods that change something end what is stored of their
    ///     URL, and the groups that they name, whatever their path.
    ///   - configuration: Sizes and rules.
    ///   - identify: Who asks; by default nobody is known.
    public init(
        _ cache: Cache, context: Context.Type = Context.self, default policy: ResponsePolicy = .asDeclared,
        paths: ResponsePaths = .all, configuration: HTTPCacheConfiguration = HTTPCacheConfiguration(),
        identify: @escaping @Sendable (Request, Context) -> Principal? = { _, _ in nil }
    ) {
        self.http = HTTPCache(cache, configuration: configuration)
        self.policy = policy
        self.paths = paths
        self.identify = identify
    }

    public func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        // What changes something ends what it says, wherever that is.
        let isCached = self.paths.contains(request.uri.path)
        if !isCached, request.method == .get || request.method == .head { return try await next(request, context) }
        let lookup = try await self.http.look(
            for: request.head, by: isCached ? self.policy : .noStore, identity: self.identify(request, context),
            hasBody: request.hasBody,
            isOriginLasting: false)
        switch lookup {
        case .answer(let answer):
            return try Response(answer)
        case .none(let passage):
            let notes = ResponseCaching(isByIdentity: self.policy.isByIdentity)
            let response = try await notes.enclosing { try await next(request, context.with(notes)) }
            return try await Response(passage.passed(HTTPAnswer(response, notes)))
        case .missing(let miss):
            return try await Response(self.answer(miss, request, context, next))
        }
    }

    /// Answers a miss with `next`, which is asked here, in the task of the request, whoever needs it.
    private func answer(
        _ miss: HTTPMiss, _ request: Request, _ context: Context,
        _ next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> HTTPAnswer {
        let relay = OriginRelay()
        async let answer = relay.closing { try await miss.answer { try await relay.ask($0) } }
        for await question in relay.questions {
            // It has no body, or it would have been passed on.
            let request = Request(head: question.request, body: RequestBody(buffer: ByteBuffer()))
            let notes = ResponseCaching(isByIdentity: self.policy.isByIdentity)
            await question.answer {
                try await HTTPAnswer(of: request, context, notes) {
                    try await notes.enclosing { try await next(request, context.with(notes)) }
                }
            }
        }
        return try await answer
    }
}
#endif
