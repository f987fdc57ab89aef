// SPDX-License-Identifier: Apache-2.0

import Foundation
import Larder

/// The time of a scheduler, as a process sees it.
///
/// Used by the thread of one scheduler only.
final class SimulatedClock: CacheClock, @unchecked Sendable {
    private final class Sleeper {
        var continuation: CheckedContinuation<Void, any Error>?

        func wake(_ result: Result<Void, any Error>) {
            self.continuation?.resume(with: result)
            self.continuation = nil
        }
    }

    private let scheduler: SimulationScheduler
    private var sleepers: [Int: Sleeper] = [:]
    private var lastSleeper = 0

    init(_ scheduler: SimulationScheduler) {
        self.scheduler = scheduler
    }

    var now: MonotonicInstant { MonotonicInstant(nanoseconds: self.scheduler.now) }

    var wallTime: Date { Date(timeIntervalSince1970: 1_800_000_000 + Double(self.scheduler.now) / 1e9) }

    var minimumResolution: Duration { .nanoseconds(1) }

    func sleep(until deadline: MonotonicInstant, tolerance: Duration?) async throws {
        try Task.checkCancellation()
        self.lastSleeper += 1
        let (id, sleeper) = (self.lastSleeper, Sleeper())
        self.sleepers[id] = sleeper
        defer { self.sleepers[id] = nil }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                sleeper.continuation = continuation
                self.scheduler.at(deadline.nanoseconds) { sleeper.wake(.success(())) }
                if Task.isCancelled { sleeper.wake(.failure(CancellationError())) }
            }
        } onCancel: {
            self.sleepers[id]?.wake(.failure(CancellationError()))
        }
    }
}
