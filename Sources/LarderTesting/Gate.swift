// SPDX-License-Identifier: Apache-2.0

import NIOConcurrencyHelpers

/// Something that tasks wait at until it opens; then it stays open.
///
/// A task that is cancelled does not wait, so that a test which ran out of time can end.
public final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var arrivals = 0
        var lastID = 0
        /// Who waits, and for how many arrivals; nil for the gate to open.
        var waiting: [Int: (arrivals: Int?, continuation: CheckedContinuation<Void, Never>)] = [:]

        func isReached(_ arrivals: Int?) -> Bool {
            arrivals.map { self.arrivals >= $0 } ?? self.isOpen
        }
    }

    private let state = NIOLockedValueBox(State())

    /// Makes a closed gate.
    public init() {}

    /// Opens the gate: whoever waits goes on, and nobody waits any more.
    public func open() {
        self.change { $0.isOpen = true }
    }

    /// Waits until the gate is open.
    public func wait() async {
        self.change { $0.arrivals += 1 }
        await self.wait(forArrivals: nil)
    }

    /// Waits until so many have come to the gate, counting those it let through.
    public func arrivals(_ count: Int = 1) async {
        await self.wait(forArrivals: count)
    }

    /// Changes the state, and wakes those whose wait is over by it.
    private func change(_ body: (inout State) -> Void) {
        let woken = self.state.withLockedValue { state in
            body(&state)
            let woken = state.waiting.filter { state.isReached($0.value.arrivals) }
            for id in woken.keys { state.waiting[id] = nil }
            return woken.values.map(\.continuation)
        }
        for continuation in woken { continuation.resume() }
    }

    private func wait(forArrivals arrivals: Int?) async {
        let id = self.state.withLockedValue { state in
            state.lastID += 1
            return state.lastID
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isReached = self.state.withLockedValue { state in
                    let isReached = state.isReached(arrivals)
                    if !isReached { state.waiting[id] = (arrivals, continuation) }
                    return isReached
                }
                if isReached { continuation.resume() }
                if Task.isCancelled { self.leave(id) }
            }
        } onCancel: {
            self.leave(id)
        }
    }

    private func leave(_ id: Int) {
        self.state.withLockedValue { $0.waiting.removeValue(forKey: id) }?.continuation.resume()
    }
}
