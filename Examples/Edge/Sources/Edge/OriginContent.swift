// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import LarderHTTP
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1

/// An answer of the origin as it comes: first its head, then its body, no faster than it is read.
final class OriginContent: Sendable {
    private let isHead: Bool
    /// The body.
    let pipe = HTTPContentPipe()
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

    /// The rest will not come.
    func fail(_ error: any Error) {
        self.resolve(.failure(error))
        self.pipe.fail(error)
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
        let response = HTTPResponse(
            status: .init(code: Int(head.status.code), reasonPhrase: head.status.reasonPhrase),
            headerFields: HTTPFields(head.headers).endToEnd)
        if self.isHead || head.status.code == 204 || head.status.code == 304 {
            return HTTPAnswer(response, .bytes(ByteBuffer()))
        }
        let isChunked = head.headers.contains(name: "Transfer-Encoding")
        let length = isChunked ? nil : head.headers.first(name: "Content-Length").flatMap { Int($0) }
        return HTTPAnswer(response, .stream(OwnedContent(self, length: length)))
    }
}

/// A body with whoever wants it: when that goes, the connection does.
private final class OwnedContent: HTTPContentReader {
    private let content: OriginContent
    let length: Int?

    init(_ content: OriginContent, length: Int?) {
        self.content = content
        self.length = length
    }

    deinit { self.content.task?.cancel() }

    func next() async throws -> ByteBuffer? { try await self.content.pipe.next() }
}
