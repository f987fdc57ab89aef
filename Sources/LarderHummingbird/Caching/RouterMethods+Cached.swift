// SPDX-License-Identifier: Apache-2.0

#if Hummingbird
public import Hummingbird
public import LarderHTTP
import NIOCore

extension RouterMethods where Context: Sendable {
    /// Answers `GET`, and `HEAD`, with responses that are cached by a policy.
    ///
    /// ```swift
    /// router.get("bestsellers", cached: .shared(.seconds(60)).tag("orders"), in: responses) { request, context in
    ///     try await catalogue.bestsellers()
    /// }
    /// ```
    ///
    /// The handler may be called when its request has been answered, and for several at once.
    ///
    /// - Parameters:
    ///   - path: The path.
    ///   - policy: How responses are cached.
    ///   - responses: Where they are.
    ///   - handler: Makes a response.
    @discardableResult
    public func get(
        _ path: RouterPath = "", cached policy: ResponsePolicy, in responses: ResponseCache<Context>,
        use handler: @escaping @Sendable @concurrent (Request, Context) async throws -> some ResponseGenerator
    ) -> Self {
        let respond: @Sendable @concurrent (Request, Context) async throws -> Response = { request, context in
            try await responses.answer(request, context, by: policy) { request, context in
                try await handler(request, context).response(from: request, context: context)
            }
        }
        return self.on(path, method: .get, use: respond).on(path, method: .head, use: respond)
    }
}

extension ResponseCache where Context: Sendable {
    /// Answers a request by a policy, with a handler that may be asked later too.
    func answer(
        _ request: Request, _ context: Context, by policy: ResponsePolicy,
        _ handler: @escaping @Sendable @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        ResponseCaching.claim()
        let lookup = try await self.http.look(
            for: request.head, by: policy, identity: self.identify(request, context), hasBody: request.hasBody)
        if case .answer(let answer) = lookup { return try Response(answer) }
        let body = request.hasBody ? request.body : RequestBody(buffer: ByteBuffer())
        let origin: HTTPOrigin = { head in
            let request = Request(head: head, body: body)
            let caching = ResponseCaching(isByIdentity: policy.isByIdentity)
            return try await HTTPAnswer(of: request, context, caching) {
                try await caching.enclosing { try await handler(request, context.with(caching)) }
            }
        }
        return try await Response(lookup.answer(to: request.head, by: origin))
    }
}
#endif
