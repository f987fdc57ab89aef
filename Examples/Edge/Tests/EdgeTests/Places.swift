// SPDX-License-Identifier: Apache-2.0

import NIOConcurrencyHelpers

/// Places that tasks take and give back; whoever finds none waits for one.
final class Places: Sendable {
    private let state: NIOLockedValueBox<(free: Int, waiting: [CheckedContinuation<Void, Never>])>

    init(_ count: Int) {
        self.state = NIOLockedValueBox((count, []))
    }

    func take() async {
        await withCheckedContinuation { continuation in
            let isFree = self.state.withLockedValue { state in
                guard state.free > 0 else {
                    state.waiting.append(continuation)
                    return false
                }
                state.free -= 1
                return true
            }
            if isFree { continuation.resume() }
        }
    }

    func give() {
        let next = self.state.withLockedValue { state -> CheckedContinuation<Void, Never>? in
            guard state.waiting.isEmpty else { return state.waiting.removeFirst() }
            state.free += 1
            return nil
        }
        next?.resume()
    }
}
