// SPDX-License-Identifier: Apache-2.0

import NIOConcurrencyHelpers
import Synchronization

/// The table of loads in flight with its waiters: tasks that are suspended until their flight answers.
final class Flights: Sendable {
    typealias FlightID = FlightTable<Waiter>.FlightID
    typealias Moment = FlightTable<Waiter>.Moment
    typealias Waiter = CheckedContinuation<Answer, any Error>

    enum Answer: Sendable {
        case loaded(LoadedValue)
        /// Read again: what is there now may serve, or somebody must load it.
        case again
        /// Load without the others: the load waited for would wait for this one.
        case alone
        /// It took too long.
        case timedOut
    }

    private let table = NIOLockedValueBox(FlightTable<Waiter>())

    /// Numbers for flights and waiters of all caches in the process.
    private static let lastID = Atomic<UInt64>(0)
    /// Loads of all caches in the process that wait for others.
    private static let graph = NIOLockedValueBox(WaitGraph())
    /// The flight whose load the current task is part of.
    @TaskLocal private static var current: FlightID?

    /// How many wait.
    var waiting: Int {
        self.table.withLockedValue { $0.count }
    }

    /// Whether there is no flight.
    var isEmpty: Bool { self.table.withLockedValue { $0.isEmpty } }

    func arrive() -> Moment {
        self.table.withLockedValue { $0.arrive() }
    }

    /// Waits for the flight on `key`; starts it by `lead` when there is none.
    ///
    /// Cancellation of the caller's task ends only its own waiting.
    ///
    /// - Parameters:
    ///   - key: What is missing.
    ///   - arrival: When the caller first arrived.
    ///   - deadline: When it has waited long enough; nil for never.
    ///   - clock: The clock of the deadline.
    ///   - limit: Where the flight may stand in line.
    ///   - follow: Is told that there was one.
    ///   - lead: Starts the flight.
    func wait(
        for key: CacheKey, arrival: Moment, until deadline: MonotonicInstant?, on clock: any CacheClock,
        limit: LoadLimit, follow: () -> Void = {}, lead: (FlightID) -> Void
    ) async throws -> Answer {
        try Task.checkCancellation()
        let (id, newFlight) = (Self.nextID(), Self.nextID())
        var edge: (load: FlightID, flight: FlightID)?
        var timer: Task<Void, any Error>?
        defer {
            if let edge { Self.graph.withLockedValue { $0.end(edge.load, for: edge.flight) } }
            timer?.cancel()
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (waiter: Waiter) in
                let entrance = self.table.withLockedValue { table -> FlightTable<Waiter>.Entrance? in
                    let entrance = table.enter(
                        key, waiter, id: id, arrival: arrival, newFlight: newFlight, isLoad: Self.current != nil)
                    guard let load = Self.current else { return entrance }
                    guard Self.graph.withLockedValue({ $0.wait(load, for: entrance.flight) }) else {
                        _ = table.leave(id)
                        return nil
                    }
                    edge = (load, entrance.flight)
                    return entrance
                }
                switch entrance {
                case .lead(let flight): lead(flight)
                case .wait(let flight):
                    follow()
                    if Self.current != nil { limit.hasten(flight) }
                case nil: return waiter.resume(returning: .alone)
                }
                if let deadline {
                    timer = Task {
                        try await clock.sleep(until: deadline, tolerance: nil)
                        self.leave(id, limit)?.resume(returning: .timedOut)
                    }
                }
                // A cancellation that came before the seat was taken found nobody to wake.
                if Task.isCancelled { self.leave(id, limit)?.resume(throwing: CancellationError()) }
            }
        } onCancel: {
            self.leave(id, limit)?.resume(throwing: CancellationError())
        }
    }

    /// Starts a flight that nobody waits for; nil when there is one.
    func begin(_ key: CacheKey) -> FlightID? {
        let flight = Self.nextID()
        return self.table.withLockedValue { $0.begin(key, newFlight: flight) } ? flight : nil
    }

    func demand(for flight: FlightID) -> FlightTable<Waiter>.Demand {
        self.table.withLockedValue { $0.demand(for: flight) }
    }

    /// Runs the load of a flight.
    func load<Value>(
        _ flight: FlightID, isLeased: Bool, _ body: () async throws -> Value
    ) async throws -> Value {
        self.table.withLockedValue { $0.beginLoad(flight, isLeased: isLeased) }
        return try await Self.$current.withValue(flight, operation: body)
    }

    /// Runs a load that is one for several flights, as part of the first: a load that waits for any of them waits for that one.
    static func load<Value>(for flights: [FlightID], _ body: () async throws -> Value) async rethrows -> Value {
        guard let first = flights.first else { return try await body() }
        let others = Self.graph.withLockedValue { graph in flights.dropFirst().filter { graph.wait($0, for: first) } }
        defer { Self.graph.withLockedValue { graph in for other in others { graph.end(other, for: first) } } }
        return try await Self.$current.withValue(first, operation: body)
    }

    /// The flight whose load the current task is part of.
    static var currentLoad: FlightID? { Self.current }

    func seal(_ flight: FlightID, with value: LoadedValue) {
        for waiter in self.table.withLockedValue({ $0.seal(flight) }) {
            waiter.resume(returning: .loaded(value))
        }
    }

    func finish(_ flight: FlightID, with value: LoadedValue, isVouched: Bool) {
        let (answered, again) = self.table.withLockedValue { $0.finish(flight, isVouched: isVouched) }
        for waiter in answered { waiter.resume(returning: .loaded(value)) }
        for waiter in again { waiter.resume(returning: .again) }
    }

    func fail(_ flight: FlightID, with error: any Error) {
        let (failed, again) = self.table.withLockedValue { $0.fail(flight) }
        for waiter in failed { waiter.resume(throwing: error) }
        for waiter in again { waiter.resume(returning: .again) }
    }

    /// The flight will not load, which is the answer for all who wait.
    func refuse(_ flight: FlightID, with error: any Error) {
        let (failed, _) = self.table.withLockedValue { table in
            table.beginLoad(flight, isLeased: false)
            return table.fail(flight)
        }
        for waiter in failed { waiter.resume(throwing: error) }
    }

    func abandon(_ flight: FlightID) {
        for waiter in self.table.withLockedValue({ $0.abandon(flight) }) {
            waiter.resume(returning: .again)
        }
    }

    /// The flight lost its lease.
    func detach(_ flight: FlightID) {
        self.table.withLockedValue { $0.detach(flight) }
    }

    func detach(_ key: CacheKey, begunBefore moment: Moment = .max) {
        self.table.withLockedValue { $0.detach(key, begunBefore: moment) }
    }

    /// Whether the load that the current task is part of would wait for itself if it waited for the flight on `key`.
    func isCircular(_ key: CacheKey) -> Bool {
        guard let load = Self.current, let flight = self.table.withLockedValue({ $0.flight(on: key) }) else {
            return false
        }
        return Self.graph.withLockedValue { graph in
            guard graph.wait(load, for: flight) else { return true }
            graph.end(load, for: flight)
            return false
        }
    }

    private static func nextID() -> UInt64 {
        Self.lastID.wrappingAdd(1, ordering: .relaxed).newValue
    }

    /// Gives up waiting, and the place in line of a flight that nobody waits for any more.
    private func leave(_ id: UInt64, _ limit: LoadLimit) -> Waiter? {
        let (waiter, deserted) = self.table.withLockedValue { table -> (Waiter?, FlightID?) in
            guard let (waiter, flight) = table.leave(id) else { return (nil, nil) }
            return (waiter, table.demand(for: flight) == .none ? flight : nil)
        }
        if let deserted { limit.dismiss(deserted) }
        return waiter
    }
}
