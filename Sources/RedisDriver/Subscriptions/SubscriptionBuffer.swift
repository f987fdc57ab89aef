// SPDX-License-Identifier: Apache-2.0

import DequeModule
import NIOConcurrencyHelpers

/// Between the event loop, which must not wait, and a reader who may be slow.
final class SubscriptionBuffer: Sendable {
    typealias Element = RedisSubscription.Element

    private struct State: Sendable {
        var elements: Deque<Element> = []
        var dropped = 0
        var isFinished = false
        /// Each is resumed once: by what arrives, by its cancellation, or by the end.
        var readers: Deque<(id: Int, continuation: UnsafeContinuation<Element?, Never>)> = []
        var lastID = 0
    }

    private let capacity: Int
    private let state = NIOLockedValueBox(State())

    init(capacity: Int) {
        self.capacity = Swift.max(capacity, 1)
    }

    var droppedMessages: Int { self.state.withLockedValue { $0.dropped } }

    /// Puts something last. When there is no room, messages are dropped, and a gap stands in their place.
    func put(_ element: Element) {
        let reader = self.state.withLockedValue { state -> UnsafeContinuation<Element?, Never>? in
            if state.isFinished { return nil }
            if let reader = state.readers.popFirst() { return reader.continuation }
            var element = element
            if state.elements.count >= self.capacity, element != .gap {
                state.dropped += 1
                element = .gap
            }
            // One gap tells as much as two.
            if element != .gap || state.elements.last != .gap { state.elements.append(element) }
            return nil
        }
        reader?.resume(returning: element)
    }

    /// Nothing more comes, and what is there is of no use.
    func finish() {
        let readers = self.state.withLockedValue { state in
            state.isFinished = true
            state.elements = []
            defer { state.readers = [] }
            return state.readers
        }
        for reader in readers { reader.continuation.resume(returning: nil) }
    }

    /// The next element; nil when the subscription has ended, or the reader was cancelled.
    func next() async -> Element? {
        let id = self.state.withLockedValue { state in
            state.lastID += 1
            return state.lastID
        }
        return await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                let result = self.state.withLockedValue { state -> Element?? in
                    if state.isFinished || Task.isCancelled { return .some(nil) }
                    if let element = state.elements.popFirst() { return element }
                    state.readers.append((id, continuation))
                    return nil
                }
                if let result { continuation.resume(returning: result) }
            }
        } onCancel: {
            let reader = self.state.withLockedValue { state in
                state.readers.firstIndex { $0.id == id }.map { state.readers.remove(at: $0) }
            }
            reader?.continuation.resume(returning: nil)
        }
    }
}
