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
    private typealias Parts = AsyncThrowingChannel<HTTPServerRequestPart, any Error>
    private typealias Writer = NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>

    let wire: Wire
    let http: HTTPCache
    let origin: OriginConnector
    let connections: EdgeConnections
    let accessLog: (@Sendable (String) -> Void)?

    /// Serves the client until it goes: what the origin is asked for it alone ends with it.
    func serve() async {
        let channel = self.wire.channel
        self.connections.note(channel, isIdle: true)
        defer { self.connections.remove(channel) }
        try? await self.wire.executeThenClose { inbound, outbound in
            let parts = Parts()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    do {
                        for try await part in inbound { await parts.send(part) }
                        parts.finish()
                    } catch {
                        parts.fail(error)
                    }
                }
                defer { group.cancelAll() }
                let serving = Task { try await self.serve(parts, outbound) }
                channel.closeFuture.whenComplete { _ in serving.cancel() }
                try await withTaskCancellationHandler {
                    try await serving.value
                } onCancel: {
                    serving.cancel()
                }
            }
        }
    }

    private func serve(_ parts: Parts, _ writer: Writer) async throws {
        let channel = self.wire.channel
        let limit = IdleLimit(channel, Self.idleLimit)
        defer { limit.end() }
        do {
            limit.begin()
            for try await part in parts {
                guard case .head(let head) = part else { continue }
                limit.end()
                self.connections.note(channel, isIdle: false)
                let start = ContinuousClock.now
                let sent = try await self.respond(to: head, parts, writer, limit)
                self.accessLog?(
                    "\(head.method) \(head.uri) \(sent.status) \(sent.bytes) \(ContinuousClock.now - start) \(sent.note)"
                )
                guard sent.isKept else { break }
                self.connections.note(channel, isIdle: true)
                limit.begin()
            }
        } catch is HTTPParserError {
            let nothing = HTTPRequestHead(version: .http1_1, method: .GET, uri: "")
            _ = try await self.send(Self.refusal(400), to: nothing, writer, limit, isKept: false)
        }
        // What was sent has not arrived yet: the client ends the connection when it has it all, if not too late.
        limit.begin()
        writer.finish()
        try? await channel.close(mode: .output)
        let lingering = IdleLimit(channel, Self.lingering)
        defer { lingering.end() }
        lingering.begin()
        for try await _ in parts {}
    }

    /// How long a client may do nothing, between its requests or with what it is sent.
    private static let idleLimit = Duration.seconds(75)
    /// How long it may take to end the connection when it has all.
    private static let lingering = Duration.seconds(5)

    /// What a client was sent.
    private struct Sent {
        var status: Int
        var bytes: Int
        var note: String
        /// Whether the connection can be used again.
        var isKept: Bool
    }

    private func respond(
        to head: HTTPRequestHead, _ parts: Parts, _ writer: Writer, _ limit: IdleLimit
    ) async throws -> Sent {
        // There is no way through but that of requests.
        if head.method == .CONNECT {
            return try await self.send(Self.refusal(501), to: head, writer, limit, isKept: false)
        }
        guard let body = BodyLength(head.headers), var request = HTTPRequest(head), head.version.major == 1 else {
            return try await self.send(Self.refusal(400), to: head, writer, limit, isKept: false)
        }
        if head.headers["Host"].count != 1, head.isFrom11 {
            return try await self.send(Self.refusal(400), to: head, writer, limit, isKept: false)
        }
        // One who counts the ways is told where they end (RFC 9110, section 7.6.2).
        if request.method == .options || request.method == .trace, let count = request.headerFields[.maxForwards] {
            guard let left = Int(count), left > 0 else {
                return try await self.send(Self.refusal(200), to: head, writer, limit, isKept: false)
            }
            request.headerFields[.maxForwards] = "\(left - 1)"
        }
        request.headerFields.append(
            HTTPField(name: .via, value: "\(head.version.major).\(head.version.minor) larder-edge"))
        do {
            return try await self.answer(request, body, parts, head, writer, limit)
        } catch let failure as Unanswered {
            return try await self.send(Self.refusal(failure.status), to: head, writer, limit, isKept: false)
        }
    }

    /// Why a request gets an answer of the proxy's own.
    private struct Unanswered: Error {
        var status: Int

        /// - Throws: The error, when the client has gone.
        init(_ error: any Error) throws {
            switch error {
            case is CancellationError: throw error
            case OriginConnector.Failure.slow: self.status = 504
            case is HTTPParserError: self.status = 400
            default: self.status = 502
            }
        }
    }

    private func answer(
        _ request: HTTPRequest, _ length: BodyLength, _ parts: Parts, _ head: HTTPRequestHead, _ writer: Writer,
        _ limit: IdleLimit
    ) async throws -> Sent {
        // A parser that waits for another protocol reads no request any more.
        let isKept = !head.headers.contains(name: "Upgrade")
        switch try await self.http.look(for: request, hasBody: length.isBody) {
        case .answer(let answer):
            return try await self.send(answer, to: head, writer, limit, isKept: isKept)
        case .missing(let miss):
            let answer: HTTPAnswer
            do {
                answer = try await self.passingInterim(to: writer, head) { interim in
                    try await miss.answer { [origin] in try await origin.answer($0, interim: interim) }
                }
            } catch {
                throw try Unanswered(error)
            }
            return try await self.send(answer, to: head, writer, limit, isKept: isKept)
        case .none(let passage):
            let upload = length.isBody ? Upload(length) : nil
            // It goes on while the answer comes, as far as the origin wants it.
            async let sending: Void? = upload?.send(parts)
            let answer: HTTPAnswer
            do {
                answer = try await self.passingInterim(to: writer, head) { [origin] interim in
                    try await origin.answer(request, length: length, body: upload?.body, interim: interim)
                }
            } catch {
                // Whoever is not there any more to hear of it may have changed something.
                Task { await passage.abandoned() }
                throw try Unanswered(upload?.failure ?? error)
            }
            let isHeard = upload?.isComplete ?? true
            let sent = try await self.send(
                await passage.passed(answer), to: head, writer, limit, isKept: isKept && isHeard)
            if isHeard { try await sending }
            return sent
        }
    }

    /// Passes answers of 1xx on, which come before the real one.
    private func passingInterim(
        to writer: Writer, _ request: HTTPRequestHead,
        _ answer:
            @escaping @Sendable (_ interim: @escaping @Sendable (HTTPResponseHead) -> Void) async throws -> HTTPAnswer
    ) async throws -> HTTPAnswer {
        let (heads, interim) = AsyncStream.makeStream(of: HTTPResponseHead.self, bufferingPolicy: .bufferingOldest(8))
        async let real = {
            defer { interim.finish() }
            return try await answer { interim.yield($0) }
        }()
        for await head in heads where request.isFrom11 && self.wire.channel.isWritable {
            var fields = HTTPFields(head.headers).endToEnd
            fields[.contentLength] = nil
            try await writer.write(
                .head(HTTPResponseHead(version: .http1_1, status: head.status, headers: HTTPHeaders(fields))))
        }
        return try await real
    }

    /// The body of a request on its way to the origin.
    private final class Upload: Sendable {
        let body = OriginConnector.Body()
        private let state: NIOLockedValueBox<State>

        private struct State {
            /// How many bytes are to come.
            var left: Int
            var failure: (any Error)?
        }

        init(_ length: BodyLength) {
            var left = Int.max
            if case .known(let length) = length { left = length }
            self.state = NIOLockedValueBox(State(left: left))
        }

        /// Whether all of it was read.
        var isComplete: Bool { self.state.withLockedValue { $0.left == 0 } }
        /// What is wrong with it.
        var failure: (any Error)? { self.state.withLockedValue { $0.failure } }

        func send(_ parts: Parts) async throws {
            do {
                for try await part in parts {
                    guard case .body(let piece) = part else {
                        self.state.withLockedValue { $0.left = 0 }
                        self.body.finish()
                        return
                    }
                    self.state.withLockedValue { $0.left -= piece.readableBytes }
                    await self.body.send(piece)
                }
                throw CancellationError()
            } catch {
                if !(error is CancellationError) { self.state.withLockedValue { $0.failure = error } }
                self.body.fail(error)
                throw error
            }
        }
    }

    // MARK: Sending

    /// Sends an answer; a body that breaks off takes the connection with it, so that the client knows.
    private func send(
        _ answer: HTTPAnswer, to request: HTTPRequestHead, _ writer: Writer, _ limit: IdleLimit, isKept: Bool
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
        } else if status == 204 {
            headers.remove(name: "Content-Length")
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
                    limit.begin()
                    try await writer.write(.body(.byteBuffer(piece)))
                    limit.end()
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
