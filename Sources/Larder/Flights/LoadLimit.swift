// SPDX-License-Identifier: Apache-2.0

import DequeModule
import NIOConcurrencyHelpers

/// How many loads of a region run at a time. Whoever comes when all places are taken waits for its turn, but for a flight
/// that a load waits for: that load may hold the place.
final class LoadLimit: Sendable {
    typealias FlightID = Flights.FlightID

    private struct Queued {
        var flight: FlightID
        var maximum: Int
        var turn: CheckedContinuation<Void, Never>
    }

    private struct State {
        var running = 0
        var queue: Deque<Queued> = []
    }

    private let state = NIOLockedValueBox(State())

    /// How many loads run, and how many wait for their turn.
    var counts: (running: Int, queued: Int) {
        self.state.withLockedValue { ($0.running, $0.queue.count) }
    }

    /// Takes a place, to be given back by ``leave()``.
    ///
    /// - Parameters:
    ///   - flight: The flight, by which ``hasten(_:)`` finds it.
    ///   - maximum: How many may run; nil for any number.
    ///   - isUrgent: Whether a load waits for the flight; asked once it can be found.
    /// - Returns: Whether it had to wait.
    func enter(_ flight: FlightID, maximum: Int?, isUrgent: () -> Bool) async -> Bool {
        var hasWaited = false
        await withCheckedContinuation { turn in
            let isFree = self.state.withLockedValue { state in
                if let maximum, state.running >= maximum {
                    state.queue.append(Queued(flight: flight, maximum: maximum, turn: turn))
                    return false
                }
                state.running += 1
                return true
            }
            if isFree { return turn.resume() }
            hasWaited = true
            if isUrgent() { self.hasten(flight) }
        }
        return hasWaited
    }

    /// A load waits for the flight: its turn is now.
    func hasten(_ flight: FlightID) {
        let queued = self.state.withLockedValue { state -> Queued? in
            guard let index = state.queue.firstIndex(where: { $0.flight == flight }) else { return nil }
            state.running += 1
            return state.queue.remove(at: index)
        }
        queued?.turn.resume()
    }

    /// Gives a place back, to the next in turn.
    func leave() {
        let next = self.state.withLockedValue { state -> Queued? in
            state.running -= 1
            guard let next = state.queue.first, state.running < next.maximum else { return nil }
            state.running += 1
            return state.queue.popFirst()
        }
        next?.turn.resume()
    }
}
