// SPDX-License-Identifier: Apache-2.0

// Whole responses: policies, profiles, an adapter for a server, invalidation.

import HTTPTypes
import Larder
import LarderHTTP
import NIOCore

// snippet.hide
let cache = Cache("shop", store: .embedded)

@Sendable func handler(_ request: HTTPRequest) async throws -> HTTPAnswer {
    HTTPAnswer(HTTPResponse(status: .ok), .bytes(ByteBuffer(string: "tea")))
}

func isPreview(_ request: HTTPRequest) -> Bool { request.path?.contains("preview") ?? false }

let request = HTTPRequest(method: .get, scheme: "https", authority: "shop.example", path: "/catalog/3?page=2")
// snippet.show

// snippet.answer
let http = HTTPCache(cache)
let answer = try await http.respond(to: request, by: .shared(.seconds(60))) { request in
    try await handler(request)
}
// snippet.end

// snippet.policies
extension ResponsePolicy {
    /// The same for everybody, page by page; ended with the tag `orders`.
    static let bestsellers = ResponsePolicy.shared(.seconds(60))
        .staleWhileRevalidate(for: .seconds(30))
        .vary(by: .query("page"))
        .tag("orders")
    /// Only for who asks.
    static let orders = ResponsePolicy.private(.seconds(30)).tag("orders")
    /// As the responses say; previews never.
    static let pages = ResponsePolicy.asDeclared
        .vary(by: .header(.acceptLanguage))
        .when { !isPreview($0) }
}
// snippet.end

// snippet.profiles
/// In front of other services, by the letter of RFC 9111.
var proxy = HTTPCacheConfiguration(.sharedCache)
proxy.targetedFields = [.init("Shop-Cache-Control"), .init("CDN-Cache-Control")].compactMap(\.self)
proxy.maximumBodySize = 8 << 20
proxy.honoursNoVarySearch = true
let edge = HTTPCache(cache, configuration: proxy)
// snippet.end

// snippet.invalidate
await http.invalidate(request)
try await cache.invalidate(tags: ["orders"])
// snippet.end

// snippet.origin
/// What a server elsewhere sends, piece by piece as it comes.
@Sendable func relayed(_ pieces: some AsyncSequence<ByteBuffer, any Error> & Sendable) -> HTTPContent {
    .stream(
        HTTPWrittenContent { pipe in
            for try await piece in pieces { await pipe.send(piece) }
        })
}
// snippet.end
