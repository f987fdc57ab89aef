// SPDX-License-Identifier: Apache-2.0

#if Hummingbird
import HTTPTypes
import Hummingbird
import LarderHTTP
import NIOCore

extension HTTPAnswer {
    /// Bodies up to this size are taken as a whole, in bytes: they are there already, as a rule.
    private static let wholeSize = 64 << 10

    /// The answer that a handler gave.
    init(_ response: Response, _ caching: ResponseCaching) {
        self.init(response.head, .stream(ResponseBodyReader(response.body)))
        self.notes = caching.notes
    }

    /// The answer that a handler gives, be it an error that stands for a response.
    init(
        of request: Request, _ context: some RequestContext, _ caching: ResponseCaching,
        _ handler: () async throws -> Response
    ) async throws {
        var response: Response
        var failure: (any Error)?
        do {
            response = try await handler()
        } catch let error as any HTTPResponseError {
            response = try error.response(from: request, context: context)
            failure = error
        }
        if request.method == .head { response = response.createHeadResponse() }
        self.init(response, caching)
        self.error = failure
        if let length = response.body.contentLength, length <= Self.wholeSize {
            let body = response.body
            self.content = .bytes(try await caching.enclosing { try await body.collected() })
            self.notes = caching.notes
        }
    }
}

extension Response {
    /// An answer as it is sent.
    ///
    /// - Throws: The error that the answer stands for, so that others see it who deal with errors.
    init(_ answer: HTTPAnswer) throws {
        if let error = answer.error { throw error }
        let body: ResponseBody =
            switch answer.content {
            // One that is empty is not even sent.
            case .bytes(let bytes): bytes.readableBytes == 0 ? ResponseBody() : ResponseBody(byteBuffer: bytes)
            case .stream(let reader as ResponseBodyReader): reader.body
            case .stream(let reader):
                ResponseBody(contentLength: reader.length) { writer in
                    while let piece = try await reader.next() { try await writer.write(piece) }
                    try await writer.finish(nil)
                }
            }
        self.init(status: answer.response.status, headers: answer.response.headerFields, body: body)
        // What has no body has no length of its own (RFC 9110, section 8.6).
        if answer.response.status == .notModified { self.headers[.contentLength] = nil }
    }
}

extension ResponseBody {
    /// The whole body.
    func collected() async throws -> ByteBuffer {
        let collector = BodyCollector()
        try await self.write(collector)
        return collector.bytes
    }
}

extension Request {
    /// Whether the client sends a body.
    var hasBody: Bool {
        self.headers.contains(.transferEncoding) || self.headers[.contentLength].map { $0 != "0" } ?? false
    }
}
#endif
