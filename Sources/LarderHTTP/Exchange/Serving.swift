// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Larder
import NIOCore

/// Answers a request with stored responses, as it wants them: without what the client has, or only in part.
struct Serving: Sendable {
    let http: HTTPCache
    let request: HTTPRequest
    let fields: RequestFields

    /// A response that was found.
    func hit(_ content: StoredContent, _ seen: Sighting) -> HTTPAnswer {
        self.answer(
            content, age: content.initialAge + seen.age, CacheStatus(outcome: .hit, remaining: seen.remaining))
    }

    /// A stored response, or one that could be.
    ///
    /// - Parameter age: What `Age` says; nil for one that was just confirmed.
    func answer(_ content: StoredContent, age: Duration? = nil, _ status: CacheStatus) -> HTTPAnswer {
        if content.status == .ok, self.isKnown(content.fields, received: content.received) {
            var response = HTTPResponse(status: .notModified, headerFields: content.notModifiedFields)
            self.http.mark(&response.headerFields, with: status, age: age)
            return HTTPAnswer(response, .bytes(ByteBuffer()))
        }
        var response = HTTPResponse(status: content.status, headerFields: content.fields)
        var body = content.body
        self.http.mark(&response.headerFields, with: status, age: age)
        if response.status == .ok, self.fields.contains(.range), self.request.method == .get {
            self.cut(&response, &body, content.received)
        }
        guard self.request.method == .head else { return HTTPAnswer(response, .bytes(body)) }
        if !response.headerFields.contains(.contentLength) {
            response.headerFields[.contentLength] = "\(body.readableBytes)"
        }
        return HTTPAnswer(response, .bytes(ByteBuffer()))
    }

    /// An answer of the origin; or, for a client that has it already, the word that it has.
    func answer(_ answer: HTTPAnswer) -> HTTPAnswer {
        let response = answer.response
        guard response.status == .ok, self.isKnown(response.headerFields, received: self.http.now) else {
            return answer
        }
        return HTTPAnswer(
            HTTPResponse(status: .notModified, headerFields: Precondition.notModified(response.headerFields)),
            .bytes(ByteBuffer()))
    }

    private func isKnown(_ response: HTTPFields, received: HTTPDate) -> Bool {
        self.fields.contains(.validators)
            && Precondition.isNotModified(self.request.headerFields, response, received: received)
    }

    private func cut(_ response: inout HTTPResponse, _ body: inout ByteBuffer, _ received: HTTPDate) {
        let length = body.readableBytes
        switch ByteRange(self.request.headerFields, of: response.headerFields, length: length, received: received) {
        case .whole: return
        case .part(let range):
            guard let part = body.getSlice(at: body.readerIndex + range.lowerBound, length: range.count) else { return }
            body = part
            response.status = .partialContent
            response.headerFields[.contentRange] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(length)"
        case .unsatisfiable:
            body = ByteBuffer()
            response.status = .rangeNotSatisfiable
            response.headerFields[.contentRange] = "bytes */\(length)"
        }
        if response.headerFields.contains(.contentLength) {
            response.headerFields[.contentLength] = "\(body.readableBytes)"
        }
    }
}
