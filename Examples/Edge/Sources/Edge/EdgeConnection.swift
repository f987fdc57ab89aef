// SPDX-License-Identifier: Apache-2.0

import AsyncAlgorithms
import HTTPTypes
import Larder
import LarderHTTP
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1

/// One client: its requests, one after the other.
struct EdgeConnection: Sendable {
    typealias Wire = NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>
    private typealias Parts = NIOAsyncChannelInboundStream<HTTPServerRequestPart>.AsyncIterator
    private typealias Writer = NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>

    let wire: Wire
    let http: HTTPCache
    let origin: OriginConnector
    let connections: EdgeConnections
    let accessLog: (@Sendable (String) -> Void)?

    /// Serves the client until it goes.
    func serve() async {
        let channel = self.wire.channel
        self.connections.note(channel, isIdle: true)
        defer { self.connections.remove(channel) }
        try? await self.wire.executeThenClose { inbound, outbound in
            var parts = inbound.makeAsyncIterator()
            while let part = try await parts.next(isolation: #isolation) {
                guard case .head(let head) = part else { continue }
                self.connections.note(channel, isIdle: false)
                let start = ContinuousClock.now
                let sent = try await self.respond(to: head, &parts, outbound)
                self.accessLog?(
                    "\(head.method) \(head.uri) \(sent.status) \(sent.bytes) \(ContinuousClock.now - start) \(sent.note)"
                )
                guard sent.isKept else { break }
                self.connections.note(channel, isIdle: true)
            }
            // What was sent has not arrived yet: the client ends the connection when it has it all, if not too late.
            outbound.finish()
            let timer = Task {
                try await Task.sleep(for: Self.lingering)
                try await channel.close()
            }
            defer { timer.cancel() }
            while try await parts.next(isolation: #isolation) != nil {}
        }
    }

    /// How long a client may take to read the last of what it was sent.
    private static let lingering = Duration.seconds(5)

    /// What a client was sent.
    private struct Sent {
        var status: Int
        var bytes: Int
        var note: String
        /// Whether the connection can be used again.
        var isKept: Bool
    }

    private func respond(to head: HTTPRequestHead, _ parts: inout Parts, _ writer: Writer) async throws -> Sent {
        guard let body = BodyLength(head.headers), var request = HTTPRequest(head), head.version.major == 1 else {
            return try await self.send(Self.refusal(400), to: head, writer, isKept: false)
        }
        if head.headers["Host"].count != 1, head.isFrom11 {
            return try await self.send(Self.refusal(400), to: head, writer, isKept: false)
        }
        // One who counts the ways is told where they end (RFC 9110, section 7.6.2).
        if request.method == .options || request.method == .trace, let count = request.headerFields[.maxForwards] {
            guard let left = Int(count), left > 0 else {
                return try await self.send(Self.refusal(200), to: head, writer, isKept: false)
            }
            request.headerFields[.maxForwards] = "\(left - 1)"
        }
        request.headerFields.append(
            HTTPField(name: .via, value: "\(head.version.major).\(head.version.minor) larder-edge"))
        let answer: HTTPAnswer
        do {
            answer = try await self.answer(request, body, &parts, head, writer)
        } catch let failure as OriginConnector.Failure {
            return try await self.send(Self.refusal(failure == .slow ? 504 : 502), to: head, writer, isKept: false)
        }
        return try await self.send(answer, to: head, writer)
    }

    private func answer(
        _ request: HTTPRequest, _ length: BodyLength, _ parts: inout Parts, _ head: HTTPRequestHead, _ writer: Writer
    ) async throws -> HTTPAnswer {
        let interim = Interim(writer, self.wire.channel, isWanted: head.isFrom11)
        defer { interim.end() }
        var hasBody = true
        if case .none = length { hasBody = false }
        switch try await self.http.look(for: request, hasBody: hasBody) {
        case .answer(let answer):
            return answer
        case .missing(let miss):
            return try await miss.answer { [origin] in try await origin.answer($0, interim: interim.pass) }
        case .none(let passage):
            let body = hasBody ? OriginConnector.Body() : nil
            async let answer = self.origin.answer(request, length: length, body: body, interim: interim.pass)
            if let body {
                while let part = try await parts.next(isolation: #isolation) {
                    guard case .body(let piece) = part else { break }
                    await body.send(piece)
                }
                body.finish()
            }
            return try await passage.passed(answer)
        }
    }

    // MARK: Sending

    /// Sends an answer; a body that breaks off takes the connection with it, so that the client knows.
    private func send(
        _ answer: HTTPAnswer, to request: HTTPRequestHead, _ writer: Writer, isKept: Bool = true
    ) async throws -> Sent {
        let status = answer.response.status.code
        let note = answer.response.headerFields[.cacheStatus] ?? "-"
        let hasBody = request.method != .HEAD && status != 204 && status != 304
        var headers = HTTPHeaders(answer.response.headerFields.endToEnd)
        var isKept = isKept && request.isKeepAlive && !self.connections.isStopping
        if hasBody {
            if let length = answer.content.length {
                headers.replaceOrAdd(name: "Content-Length", value: "\(length)")
            } else if request.isFrom11 {
                headers.remove(name: "Content-Length")
                headers.add(name: "Transfer-Encoding", value: "chunked")
            } else {
                isKept = false
            }
        }
        if !isKept {
            headers.add(name: "Connection", value: "close")
        } else if !request.isFrom11 {
            headers.add(name: "Connection", value: "keep-alive")
        }
        let reason = answer.response.status.reasonPhrase
        try await writer.write(
            .head(
                HTTPResponseHead(
                    version: .http1_1, status: .init(statusCode: status, reasonPhrase: reason), headers: headers)))
        var bytes = 0
        if hasBody {
            switch answer.content {
            case .bytes(let body):
                bytes = body.readableBytes
                if bytes > 0 { try await writer.write(.body(.byteBuffer(body))) }
            case .stream(let reader):
                while let piece = try await reader.next() {
                    bytes += piece.readableBytes
                    try await writer.write(.body(.byteBuffer(piece)))
                }
            }
        }
        try await writer.write(.end(nil))
        return Sent(status: status, bytes: bytes, note: note, isKept: isKept)
    }

    /// An answer of the proxy's own.
    private static func refusal(_ status: Int) -> HTTPAnswer {
        HTTPAnswer(HTTPResponse(status: .init(code: status)), .bytes(ByteBuffer()))
    }

    /// Passes answers of 1xx on, until the real one is there.
    private final class Interim: Sendable {
        private let writer: Writer
        private let channel: any Channel
        private let isOpen: NIOLockedValueBox<Bool>

        init(_ writer: Writer, _ channel: any Channel, isWanted: Bool) {
            self.writer = writer
            self.channel = channel
            self.isOpen = NIOLockedValueBox(isWanted)
        }

        func end() { self.isOpen.withLockedValue { $0 = false } }

        @Sendable func pass(_ head: HTTPResponseHead) async {
            guard self.isOpen.withLockedValue({ $0 }), self.channel.isWritable else { return }
            var head = head
            head.version = .http1_1
            try? await self.writer.write(.head(head))
        }
    }
}

extension HTTPRequestHead {
    /// Whether the client knows of chunks, of connections that are kept, and of answers before the answer.
    fileprivate var isFrom11: Bool { self.version.minor >= 1 }
}

extension HTTPField.Name {
    // The names are tokens, so this cannot fail.
    // swift-format-ignore: NeverForceUnwrap
    fileprivate static let via = HTTPField.Name("Via")!
    // swift-format-ignore: NeverForceUnwrap
    fileprivate static let maxForwards = HTTPField.Name("Max-Forwards")!
    // swift-format-ignore: NeverForceUnwrap
    fileprivate static let cacheStatus = HTTPField.Name("Cache-Status")!
}
