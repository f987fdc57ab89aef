// SPDX-License-Identifier: Apache-2.0

#if HTTPClient
import AsyncHTTPClient
import HTTPTypes
import LarderHTTP
import NIOCore
import NIOHTTP1
import NIOHTTPTypesHTTP1

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension HTTPRequest {
    /// A request as the cache is asked; nil for one that is not by HTTP.
    init?(_ request: HTTPClientRequest) {
        guard let url = URL(string: request.url), let scheme = url.scheme?.lowercased(),
            scheme == "http" || scheme == "https", let method = Method(rawValue: request.method.rawValue)
        else { return nil }
        self.init(method: method, url: url, headerFields: HTTPFields(request.headers, splitCookie: false))
        // Whom a request is for can be another than where it goes.
        if let host = request.headers.first(name: "Host") { self.authority = host }
    }
}

extension HTTPResponse {
    /// The head of a response.
    init(_ response: HTTPClientResponse) {
        self.init(
            status: Status(code: Int(response.status.code), reasonPhrase: response.status.reasonPhrase),
            headerFields: HTTPFields(response.headers, splitCookie: false))
    }
}

extension HTTPClientResponse {
    /// A response as clients get one.
    init(_ answer: HTTPAnswer) {
        let status = answer.response.status
        let body: Body =
            switch answer.content {
            case .bytes(let bytes): .bytes(bytes)
            case .stream(let reader): .stream(Pieces(reader: reader))
            }
        self.init(
            status: HTTPResponseStatus(statusCode: status.code, reasonPhrase: status.reasonPhrase),
            headers: HTTPHeaders(answer.response.headerFields), body: body)
    }
}

/// A body, for one who iterates.
private struct Pieces: AsyncSequence, Sendable {
    let reader: any HTTPContentReader

    func makeAsyncIterator() -> Iterator { Iterator(reader: self.reader) }

    struct Iterator: AsyncIteratorProtocol {
        let reader: any HTTPContentReader

        func next() async throws -> ByteBuffer? { try await self.reader.next() }
    }
}
#endif
