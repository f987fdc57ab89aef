// SPDX-License-Identifier: Apache-2.0

import NIOConcurrencyHelpers

/// The table of loads in flight with its waiters: tasks that are suspended until their flight answers.
final class Flights: Sendable {
    typealias FlightID = FlightTable<Waiter>.FlightID
    typealias Moment = FlightTable<Waiter>.Moment
    typealias Waiter = CheckedContinuation<Answer, any Error>

    enum Answer: Sendable {
        case loaded(LoadedValue)
        /// Read again: what is there now may serve, or somebody must load it.
        case again
        /// Load without the others.
        case alone
    }

    private struct State {
        var table = FlightTable<Waiter>()
        var lastID: UInt64 = 0
    }

    private let state = NIOLockedValueBox(State())

    /// How many wait.
    var waiting: Int {
        self.state.withLockedValue { $0.table.count }
    }

    func arrive() -> Moment {
        self.state.withLockedValue { $0.table.arrive() }
    }

    /// Waits for the flight on `key`; starts it by `lead` when there is none.
    ///
    /// Cancellation of the caller's task ends only his own waiting.
    func wait(
        for key: CacheKey, arrival: Moment, loading: [CacheKey], lead: (FlightID) -> Void
    ) async throws -> Answer {
        let id = self.state.withLockedValue { state in
            state.lastID += 1
            return state.lastID
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (waiter: Waiter) in
                let entrance = self.state.withLockedValue {
                    $0.table.enter(key, waiter, id: id, arrival: arrival, loading: loading)
                }
                switch entrance {
                case .lead(let flight): lead(flight)
                case .wait: break
                case .alone: waiter.resume(returning: .alone)
                }
                // A cancellation that came before the seat was taken found nobody to wake.
                if Task.isCancelled { self.leave(id) }
            }
        } onCancel: {
            self.leave(id)
        }
    }

    func beginLoad(_ flight: FlightID, isLeased: Bool) {
        self.state.withLockedValue { $0.table.beginLoad(flight, isLeased: isLeased) }
    }

    func seal(_ flight: FlightID, with value: LoadedValue) {
        for waiter in self.state.withLockedValue({ $0.table.seal(flight) }) {
            waiter.resume(returning: .loaded(value))
        }
    }

    func finish(_ flight: FlightID, with value: LoadedValue, isVouched: Bool) {
        let (answered, again) = self.state.withLockedValue { $0.table.finish(flight, isVouched: isVouched) }
        for waiter in answered { waiter.resume(returning: .loaded(value)) }
        for waiter in again { waiter.resume(returning: .again) }
    }

    func fail(_ flight: FlightID, with error: any Error) {
        for waiter in self.state.withLockedValue({ $0.table.fail(flight) }) {
            waiter.resume(throwing: error)
        }
    }

    func abandon(_ flight: FlightID) {
        for waiter in self.state.withLockedValue({ $0.table.abandon(flight) }) {
            waiter.resume(returning: .again)
        }
    }

    func detach(_ key: CacheKey) {
        self.state.withLockedValue { $0.table.detach(key) }
    }

    private func leave(_ id: UInt64) {
        self.state.withLockedValue { $0.table.leave(id) }?.resume(throwing: CancellationError())
    }
}
