// SPDX-License-Identifier: Apache-2.0

#if Hummingbird
import HTTPTypes
import LarderHTTP
import NIOConcurrencyHelpers

/// Brings questions for a handler to the task of its request, which alone may ask it.
struct OriginRelay: Sendable {
    /// The questions, until there are no more.
    let questions: AsyncStream<Question>
    private let continuation: AsyncStream<Question>.Continuation

    struct Question: Sendable {
        let request: HTTPRequest
        fileprivate let reply: CheckedContinuation<HTTPAnswer, any Error>

        /// Answers it.
        func answer(_ body: () async throws -> HTTPAnswer) async {
            do {
                self.reply.resume(returning: try await body())
            } catch {
                self.reply.resume(throwing: error)
            }
        }
    }

    init() {
        (self.questions, self.continuation) = AsyncStream.makeStream()
    }

    /// Asks, from whatever task.
    ///
    /// - Throws: What the handler throws; `CancellationError` when its request has ended.
    func ask(_ request: HTTPRequest) async throws -> HTTPAnswer {
        try await withCheckedThrowingContinuation { reply in
            let result = self.continuation.yield(Question(request: request, reply: reply))
            if case .enqueued = result { return }
            reply.resume(throwing: CancellationError())
        }
    }

    /// Runs something that asks, and then ends the questions.
    func closing<Result>(_ body: () async throws -> Result) async throws -> Result {
        defer { self.continuation.finish() }
        return try await body()
    }
}
#endif
