// SPDX-License-Identifier: Apache-2.0

public import Larder
import NIOConcurrencyHelpers

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// A clock that stands still until it is told to go on.
///
/// ```swift
/// let clock = ManualClock()
/// let store = EmbeddedStore(clock: clock)
/// clock.advance(by: .seconds(300))   // every entry with a shorter life has ended
/// ```
public final class ManualClock: CacheClock {
    private struct State {
        var now = MonotonicInstant(nanoseconds: 0)
        var wallTime: Date
        var lastID = 0
        var sleepers: [Int: Sleeper] = [:]
        var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private struct Sleeper {
        var deadline: MonotonicInstant
        var continuation: CheckedContinuation<Void, any Error>
    }

    private let state: NIOLockedValueBox<State>

    /// Makes a clock.
    ///
    /// - Parameter wallTime: The date it shows on the wall at first.
    public init(wallTime: Date = Date(timeIntervalSince1970: 1_800_000_000)) {
        self.state = NIOLockedValueBox(State(wallTime: wallTime))
    }

    public var now: MonotonicInstant { self.state.withLockedValue { $0.now } }

    public var wallTime: Date { self.state.withLockedValue { $0.wallTime } }

    public var minimumResolution: Duration { .nanoseconds(1) }

    /// Moves both readings on, and wakes who has slept long enough.
    public func advance(by duration: Duration) {
        let awake = self.state.withLockedValue { state in
            state.now = state.now.advanced(by: duration)
            state.wallTime += duration / .seconds(1)
            let awake = state.sleepers.filter { $0.value.deadline <= state.now }
            for id in awake.keys { state.sleepers[id] = nil }
            return awake.values.sorted { $0.deadline < $1.deadline }
        }
        for sleeper in awake { sleeper.continuation.resume() }
    }

    /// Sets the wall reading alone, as an operator or a time service does.
    public func setWallTime(_ date: Date) {
        self.state.withLockedValue { $0.wallTime = date }
    }

    /// Waits until at least so many tasks sleep on this clock.
    public func sleepers(_ count: Int = 1) async {
        await withCheckedContinuation { continuation in
            let isReached = self.state.withLockedValue { state in
                if state.sleepers.count >= count { return true }
                state.watchers.append((count, continuation))
                return false
            }
            if isReached { continuation.resume() }
        }
    }

    public func sleep(until deadline: MonotonicInstant, tolerance: Duration?) async throws {
        let id = self.state.withLockedValue { state in
            state.lastID += 1
            return state.lastID
        }
        try Task.checkCancellation()
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                let (isDue, reached) = self.state.withLockedValue {
                    state -> (Bool, [CheckedContinuation<Void, Never>]) in
                    if deadline <= state.now { return (true, []) }
                    state.sleepers[id] = Sleeper(deadline: deadline, continuation: continuation)
                    let count = state.sleepers.count
                    let reached = state.watchers.filter { $0.count <= count }.map(\.continuation)
                    state.watchers.removeAll { $0.count <= count }
                    return (false, reached)
                }
                if isDue { continuation.resume() }
                for watcher in reached { watcher.resume() }
                if Task.isCancelled { self.wake(id) }
            }
        } onCancel: {
            self.wake(id)
        }
    }

    private func wake(_ id: Int) {
        let sleeper = self.state.withLockedValue { $0.sleepers.removeValue(forKey: id) }
        sleeper?.continuation.resume(throwing: CancellationError())
    }
}
