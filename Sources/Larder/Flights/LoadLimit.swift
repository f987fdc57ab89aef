// SPDX-License-Identifier: Apache-2.0

import DequeModule
import NIOConcurrencyHelpers

/// How many loads of a region run at a time. Whoever comes when all places are taken waits for its turn, but for a flight
/// that a load waits for: that load may hold the place.
final class LoadLimit: Sendable {
    typealias FlightID = Flights.FlightID

    /// What became of a flight that came.
    enum Turn: Sendable {
        /// There was a place.
        case atOnce
        /// There is one now.
        case later
        /// Nobody waits for it any more; it has no place.
        case never
    }

    private struct Queued {
        /// One, or those whose load is one for all.
        var flights: [FlightID]
        /// Whether it may be given up: not a load of many, for which leases are held.
        var isDismissible: Bool
        var maximum: Int
        var turn: CheckedContinuation<Turn, Never>
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
    ///   - flights: The flight, by which ``hasten(_:)`` finds it; or those that one load is for.
    ///   - isDismissible: Whether it leaves the line when nobody waits for it any more.
    ///   - maximum: How many may run; nil for any number.
    ///   - demand: Who needs the flight; asked once it can be found.
    func enter(
        _ flights: [FlightID], maximum: Int?, isDismissible: Bool = true,
        demand: (FlightID) -> FlightTable<Flights.Waiter>.Demand
    ) async -> Turn {
        await withCheckedContinuation { turn in
            let isFree = self.state.withLockedValue { state in
                if let maximum, state.running >= maximum {
                    state.queue.append(
                        Queued(flights: flights, isDismissible: isDismissible, maximum: maximum, turn: turn))
                    return false
                }
                state.running += 1
                return true
            }
            if isFree { return turn.resume(returning: .atOnce) }
            for flight in flights {
                switch demand(flight) {
                case .none: self.dismiss(flight)
                case .some: break
                case .urgent: self.hasten(flight)
                }
            }
        }
    }

    /// Nobody waits for the flight: it leaves the line.
    func dismiss(_ flight: FlightID) {
        let queued = self.state.withLockedValue { state in
            state.queue.firstIndex { $0.isDismissible && $0.flights.contains(flight) }.map {
                state.queue.remove(at: $0)
            }
        }
        queued?.turn.resume(returning: .never)
    }

    /// A load waits for the flight: its turn is now.
    func hasten(_ flight: FlightID) {
        let queued = self.state.withLockedValue { state -> Queued? in
            guard let index = state.queue.firstIndex(where: { $0.flights.contains(flight) }) else { return nil }
            state.running += 1
            return state.queue.remove(at: index)
        }
        queued?.turn.resume(returning: .later)
    }

    /// Gives a place back, to the next in turn.
    func leave() {
        let next = self.state.withLockedValue { state -> Queued? in
            state.running -= 1
            guard let next = state.queue.first, state.running < next.maximum else { return nil }
            state.running += 1
            return state.queue.popFirst()
        }
        next?.turn.resume(returning: .later)
    }
}
