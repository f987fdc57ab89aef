// SPDX-License-Identifier: Apache-2.0

import AsyncAlgorithms
import Foundation
import HTTPTypes
import LarderHTTP
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1

/// An answer of the origin as it comes: first its head, then its body, no faster than it is read.
final class OriginContent: HTTPContentReader {
    private let isHead: Bool
    private let pieces = AsyncThrowingChannel<ByteBuffer, any Error>()
    private let state = NIOLockedValueBox(State())

    private struct State {
        var head: Result<HTTPResponseHead, any Error>?
        var waiting: CheckedContinuation<HTTPResponseHead, any Error>?
        var task: Task<Void, Never>?
    }

    init(isHead: Bool) {
        self.isHead = isHead
    }

    /// What reads from the origin; ends when nobody wants the rest.
    var task: Task<Void, Never>? {
        get { self.state.withLockedValue { $0.task } }
        set { self.state.withLockedValue { $0.task = newValue } }
    }

    // MARK: What comes

    func begin(_ head: HTTPResponseHead) { self.resolve(.success(head)) }
    func send(_ piece: ByteBuffer) async { await self.pieces.send(piece) }
    func finish() { self.pieces.finish() }

    /// The rest will not come.
    func fail(_ error: any Error) {
        self.resolve(.failure(error))
        self.pieces.fail(error)
    }

    private func resolve(_ head: Result<HTTPResponseHead, any Error>) {
        let waiting = self.state.withLockedValue { state -> CheckedContinuation<HTTPResponseHead, any Error>? in
            guard state.head == nil else { return nil }
            state.head = head
            defer { state.waiting = nil }
            return state.waiting
        }
        waiting?.resume(with: head)
    }

    // MARK: What is read

    let lengthBox = NIOLockedValueBox<Int?>(nil)
    var length: Int? { self.lengthBox.withLockedValue { $0 } }

    func next() async throws -> ByteBuffer? {
        var iterator = self.pieces.makeAsyncIterator()
        if let piece = try await iterator.next() { return piece }
        // A reader that was cancelled is told of an end that there is not.
        try Task.checkCancellation()
        return nil
    }

    /// The answer, once its head is there.
    func answer() async throws -> HTTPAnswer {
        let head = try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let head = self.state.withLockedValue { state -> Result<HTTPResponseHead, any Error>? in
                    if state.head == nil { state.waiting = continuation }
                    return state.head
                }
                if let head { continuation.resume(with: head) }
            }
        } onCancel: {
            self.fail(CancellationError())
            self.task?.cancel()
        }
        var fields = HTTPFields(head.headers).endToEnd
        // Whoever receives a response without a date says when it came (RFC 9110, section 6.6.1).
        if !fields.contains(.date) { fields[.date] = Self.date.string(from: Date()) }
        let response = HTTPResponse(
            status: .init(code: Int(head.status.code), reasonPhrase: head.status.reasonPhrase), headerFields: fields)
        if self.isHead || head.status.code == 204 || head.status.code == 304 {
            return HTTPAnswer(response, .bytes(ByteBuffer()))
        }
        if !head.headers.contains(name: "Transfer-Encoding") {
            self.lengthBox.withLockedValue { $0 = head.headers.first(name: "Content-Length").flatMap { Int($0) } }
        }
        return HTTPAnswer(response, .stream(OwnedContent(self)))
    }

    /// As it is written in fields.
    private static let date: DateFormatter = {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(identifier: "GMT")
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        return formatter
    }()
}

/// A body with whoever wants it: when that goes, the connection does.
private final class OwnedContent: HTTPContentReader {
    private let content: OriginContent

    init(_ content: OriginContent) { self.content = content }
    deinit { self.content.task?.cancel() }

    var length: Int? { self.content.length }
    func next() async throws -> ByteBuffer? { try await self.content.next() }
}
