// SPDX-License-Identifier: Apache-2.0

import NIOConcurrencyHelpers

/// Something that tasks wait at until it opens; then it stays open.
public final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var arrivals = 0
        var waiting: [CheckedContinuation<Void, Never>] = []
        var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = NIOLockedValueBox(State())

    /// Makes a closed gate.
    public init() {}

    /// Opens the gate: whoever waits goes on, and nobody waits any more.
    public func open() {
        let waiting = self.state.withLockedValue { state in
            state.isOpen = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Waits until the gate is open.
    public func wait() async {
        await withCheckedContinuation { continuation in
            let (isOpen, reached) = self.state.withLockedValue { state in
                state.arrivals += 1
                let arrivals = state.arrivals
                let reached = state.watchers.filter { $0.count <= arrivals }.map(\.continuation)
                state.watchers.removeAll { $0.count <= arrivals }
                if !state.isOpen { state.waiting.append(continuation) }
                return (state.isOpen, reached)
            }
            if isOpen { continuation.resume() }
            for watcher in reached { watcher.resume() }
        }
    }

    /// Waits until so many have come to the gate, counting those it let through.
    public func arrivals(_ count: Int = 1) async {
        await withCheckedContinuation { continuation in
            let isReached = self.state.withLockedValue { state in
                if state.arrivals >= count { return true }
                state.watchers.append((count, continuation))
                return false
            }
            if isReached { continuation.resume() }
        }
    }
}
