// SPDX-License-Identifier: Apache-2.0

import NIOConcurrencyHelpers

/// Something that one task waits for and others may bring; what comes first counts.
final class Delivery<Value: Sendable>: Sendable {
    private enum State {
        case empty
        case awaited(CheckedContinuation<Result<Value, any Error>, Never>)
        case delivered(Result<Value, any Error>)
        case taken
    }

    private let state = NIOLockedValueBox(State.empty)

    /// Brings it, unless it has been brought.
    func deliver(_ result: Result<Value, any Error>) {
        let continuation = self.state.withLockedValue {
            state -> CheckedContinuation<Result<Value, any Error>, Never>? in
            switch state {
            case .empty:
                state = .delivered(result)
                return nil
            case .awaited(let continuation):
                state = .taken
                return continuation
            case .delivered, .taken: return nil
            }
        }
        continuation?.resume(returning: result)
    }

    /// Waits for it, once.
    ///
    /// - Throws: What was brought in its place, and `CancellationError`.
    func value() async throws -> Value {
        try await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let result = self.state.withLockedValue { state -> Result<Value, any Error>? in
                    guard case .delivered(let result) = state else {
                        state = .awaited(continuation)
                        return nil
                    }
                    state = .taken
                    return result
                }
                if let result { continuation.resume(returning: result) }
            }
        } onCancel: {
            self.deliver(.failure(CancellationError()))
        }.get()
    }
}
