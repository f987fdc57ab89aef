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
/// give each user a client with a region of its own. Neither a response that sets a cookie nor one that was redirected to is stored.
///
/// A response that comes by way of the cache has no `history`, and says that its version is 1.1.
public struct CachingHTTPClient: Sendable {
    /// The cache behind it, which also takes invalidations.
    public let http: HTTPCache
    private let client: HTTPClient
    private let unpacksBodies: Bool

    /// Makes a client.
    ///
    /// - Parameters:
    ///   - client: Sends what is not answered by the cache.
    ///   - cache: Where responses are stored.
    ///   - unpacksBodies: Whether the client does that, by `decompression` in its configuration: then responses are stored unpacked,
    ///     and say nothing of how they came.
    ///   - configuration: Sizes and rules.
    public init(
        _ client: HTTPClient, cache: Cache, unpacksBodies: Bool = false,
        configuration: HTTPCacheConfiguration = HTTPCacheConfiguration(.privateCache)
    ) {
        self.client = client
        self.unpacksBodies = unpacksBodies
        self.http = HTTPCache(cache, configuration: configuration)
    }

    /// The response to a request, be it stored or new.
    ///
    /// - Parameters:
    ///   - request: The request. One with a body is never answered by what is stored.
    ///   - timeout: How long the other side may take each time it is asked. A call that waits for the answer to another has the
    ///     other's time.
    ///   - policy: How its responses are cached; by default as they say. There is nobody for `.private` to know.
    ///   - logger: For the client.
    /// - Throws: What the client throws, and `CancellationError`.
    public func execute(
        _ request: HTTPClientRequest, timeout: Duration, by policy: ResponsePolicy = .asDeclared,
        logger: Logger? = nil
    ) async throws -> HTTPClientResponse {
        let call = Call(
            client: self.client, request: request, timeout: TimeAmount(timeout), logger: logger,
            unpacksBodies: self.unpacksBodies)
        guard let head = HTTPRequest(request) else { return try await call.send(request) }
        let form = self.unpacksBodies ? "unpacked" : ""
        let policy = policy.vary(by: .value(Self.credentials), .value { _ in form })
        switch try await self.http.look(for: head, by: policy, hasBody: request.body != nil) {
        case .answer(let answer):
            return HTTPClientResponse(answer)
        case .missing(let miss):
            return try await HTTPClientResponse(miss.answer { try await call.answer($0, to: head) })
        case .none(let passage):
            var response: HTTPClientResponse
            do {
                response = try await call.send(request)
            } catch {
                // It may have been heard. That is to be taken in even by one that is cancelled.
                Task { await passage.abandoned() }
                throw error
            }
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
        let unpacksBodies: Bool

        func send(_ request: HTTPClientRequest) async throws -> HTTPClientResponse {
            try await self.client.execute(request, timeout: self.timeout, logger: self.logger)
        }

        /// Asks as the cache does.
        func answer(_ asked: HTTPRequest, to head: HTTPRequest) async throws -> HTTPAnswer {
            var request = self.request
            request.headers = HTTPHeaders(asked.headerFields)
            if let host = self.request.headers.first(name: "Host") { request.headers.add(name: "Host", value: host) }
            if asked.path != head.path, let url = URL(string: request.url) {
                // It goes where it went, whomever it is for.
                var place = HTTPRequest(method: .get, url: url)
                place.path = asked.path
                request.url = place.url?.absoluteString ?? request.url
            }
            var response = try await self.send(request)
            if response.status == .notModified, response.history.count > 1 {
                // Another place says that of something else.
                response = try await self.send(self.request)
            }
            var answer = HTTPAnswer(HTTPResponse(response), .bytes(ByteBuffer()))
            var fields = answer.response.headerFields
            if fields.contains(.contentEncoding) {
                // That is how long it was on the way.
                fields[.contentLength] = nil
                if self.unpacksBodies {
                    fields[.contentEncoding] = nil
                    if let tag = fields[.eTag], !tag.hasPrefix("W/") { fields[.eTag] = "W/" + tag }
                }
            }
            answer.response.headerFields = fields
            let body = response.body
            answer.content = .stream(
                HTTPWrittenContent { pipe in
                    for try await piece in body { await pipe.send(piece) }
                })
            // It is from another place than the one that was asked, or for one whom it makes known.
            answer.notes.doesNotStore = response.history.count > 1 || fields.contains(.setCookie)
            return answer
        }
    }
}
#endif
