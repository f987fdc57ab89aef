// SPDX-License-Identifier: Apache-2.0

#if HTTPClient
public import AsyncHTTPClient
import Crypto
import HTTPTypes
public import Larder
public import LarderHTTP
public import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypesHTTP1

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Sends requests with an `HTTPClient`, but for those that a response is stored for: the private cache of RFC 9111.
///
/// ```swift
/// let client = CachingHTTPClient(httpClient, cache: cache)
/// let response = try await client.execute(HTTPClientRequest(url: "https://api.example.com/rates"), timeout: .seconds(5))
/// ```
///
/// Many processes share what is stored. A response is used again only for requests with the same `Authorization` and `Cookie`, so
/// that users of a service do not get each other's; where something else says whose a request is, as a client certificate does,
/// give each user a client with a region of its own. A response that was redirected to is not stored.
public struct CachingHTTPClient: Sendable {
    /// The cache behind it, which also takes invalidations.
    public let http: HTTPCache
    private let client: HTTPClient

    /// Makes a client.
    ///
    /// - Parameters:
    ///   - client: Sends what is not answered by the cache.
    ///   - cache: Where responses are stored.
    ///   - configuration: Sizes and rules.
    public init(
        _ client: HTTPClient, cache: Cache,
        configuration: HTTPCacheConfiguration = HTTPCacheConfiguration(.privateCache)
    ) {
        self.client = client
        self.http = HTTPCache(cache, configuration: configuration)
    }

    /// The response to a request, be it stored or new.
    ///
    /// - Parameters:
    ///   - request: The request. One with a body is never answered by what is stored.
    ///   - timeout: How long the other side may take, whenever it is asked.
    ///   - policy: How its responses are cached; by default as they say.
    ///   - logger: For the client.
    /// - Throws: What the client throws, and `CancellationError`.
    public func execute(
        _ request: HTTPClientRequest, timeout: Duration, by policy: ResponsePolicy = .asDeclared,
        logger: Logger? = nil
    ) async throws -> HTTPClientResponse {
        let call = Call(client: self.client, request: request, timeout: TimeAmount(timeout), logger: logger)
        guard let head = HTTPRequest(request) else { return try await call.send(request) }
        let policy = policy.vary(by: .value(Self.credentials))
        switch try await self.http.look(for: head, by: policy, hasBody: request.body != nil) {
        case .answer(let answer):
            return HTTPClientResponse(answer)
        case .missing(let miss):
            return try await HTTPClientResponse(miss.answer { try await call.answer($0, to: head) })
        case .none(let passage):
            var response = try await call.send(request)
            let answer = await passage.passed(HTTPAnswer(HTTPResponse(response), .bytes(ByteBuffer())))
            response.headers = HTTPHeaders(answer.response.headerFields)
            return response
        }
    }

    /// Whose a request is, in a form that does not tell.
    @Sendable private static func credentials(of request: HTTPRequest) -> String {
        let fields = request.headerFields.filter { $0.name == .authorization || $0.name == .cookie }
        guard !fields.isEmpty else { return "" }
        var hash = SHA256()
        for field in fields { hash.update(data: Data("\(field.name.canonicalName):\(field.value)\n".utf8)) }
        return Data(hash.finalize()).base64EncodedString()
    }

    /// One call, with all that its request has beside what the cache knows of.
    private struct Call: Sendable {
        let client: HTTPClient
        let request: HTTPClientRequest
        let timeout: TimeAmount
        let logger: Logger?

        func send(_ request: HTTPClientRequest) async throws -> HTTPClientResponse {
            try await self.client.execute(request, timeout: self.timeout, logger: self.logger)
        }

        /// Asks as the cache does.
        func answer(_ asked: HTTPRequest, to head: HTTPRequest) async throws -> HTTPAnswer {
            var request = self.request
            request.headers = HTTPHeaders(asked.headerFields)
            if asked.path != head.path, let url = asked.url { request.url = url.absoluteString }
            let response = try await self.send(request)
            var answer = HTTPAnswer(HTTPResponse(response), .bytes(ByteBuffer()))
            // That is how long it is on the way: the client may have unpacked it.
            if answer.response.headerFields.contains(.contentEncoding) {
                answer.response.headerFields[.contentLength] = nil
            }
            answer.content = .stream(
                WrittenContent(length: nil) { pipe in
                    for try await piece in response.body { await pipe.send(piece) }
                })
            // It is from another place than the one that was asked.
            answer.notes.doesNotStore = response.history.count > 1
            return answer
        }
    }
}
#endif
