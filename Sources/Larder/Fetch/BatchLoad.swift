// SPDX-License-Identifier: Apache-2.0

import NIOConcurrencyHelpers

/// One call of a loader for those of many keys that are missing.
///
/// Each key has a seat, and a flight of its own with its own lease. The call is made when every flight has either come to its load or
/// turned out not to load now, since somebody else does: so nobody waits for others while holding what others wait for.
final class BatchLoad: Sendable {
    /// The loader knows of no value for a key.
    struct NotGiven: Error {}

    private struct Waiter {
        let seat: Int
        let flight: Flights.FlightID?
        let caller: CheckedContinuation<LoadedValue, any Error>
    }

    private struct Entrant {
        let seat: Int
        let flight: Flights.FlightID
        let turn: CheckedContinuation<LoadLimit.Turn, Never>
    }

    /// The place among the loads of the region, one for all.
    private enum Place {
        case none, awaited, taken
    }

    private struct State {
        /// Whether more may take seats.
        var isOpen = true
        /// Seats whose flights have not decided yet.
        var undecided: Set<Int> = []
        /// Flights that wait for a place, before they ask for leases.
        var entrants: [Entrant] = []
        /// Those that have waited for one.
        var flights: Set<Flights.FlightID> = []
        var waiters: [Waiter] = []
        var place = Place.none

        enum Action {
            case enter([Flights.FlightID])
            case load([Waiter], hasPlace: Bool)
            case leavePlace
        }

        /// What is to be done now.
        mutating func next() -> Action? {
            guard !self.isOpen else { return nil }
            if self.place == .none, !self.entrants.isEmpty, self.entrants.count == self.undecided.count {
                self.place = .awaited
                return .enter(self.entrants.map(\.flight))
            }
            guard self.undecided.isEmpty else { return nil }
            let hasPlace = self.place == .taken
            self.place = .none
            if self.waiters.isEmpty { return hasPlace ? .leavePlace : nil }
            defer { self.waiters = [] }
            return .load(self.waiters, hasPlace: hasPlace)
        }
    }

    private let cache: Cache
    private let rules: LoadRules
    private let body: @Sendable ([Int]) async throws -> [Int: LoadedValue]
    private let state = NIOLockedValueBox(State())

    /// - Parameters:
    ///   - cache: The cache.
    ///   - rules: How its region is loaded.
    ///   - body: Loads what some of the seats stand for; gives nothing for what it does not know.
    init(
        _ cache: Cache, _ rules: LoadRules, body: @escaping @Sendable ([Int]) async throws -> [Int: LoadedValue]
    ) {
        self.cache = cache
        self.rules = rules
        self.body = body
    }

    /// The place of a key.
    struct Seat: Sendable {
        fileprivate let batch: BatchLoad
        fileprivate let number: Int

        /// The key is not loaded now.
        func leave() {
            self.batch.decide { state in state.undecided.remove(self.number) }
        }

        /// Waits until there is a place for the load of all; a flight that comes later than the others needs none.
        func enter(_ flight: Flights.FlightID) async -> LoadLimit.Turn {
            await withCheckedContinuation { turn in
                let isLate = self.batch.decide { state in
                    guard state.undecided.contains(self.number) else { return true }
                    state.flights.insert(flight)
                    state.entrants.append(Entrant(seat: self.number, flight: flight, turn: turn))
                    return false
                }
                if isLate { turn.resume(returning: .atOnce) }
            }
        }

        /// The value, loaded with the others; by itself if these are loaded already.
        func load() async throws -> LoadedValue {
            try await withCheckedThrowingContinuation { caller in
                self.batch.decide { state in
                    state.undecided.remove(self.number)
                    state.waiters.append(Waiter(seat: self.number, flight: Flights.currentLoad, caller: caller))
                }
            }
        }
    }

    /// The seat of a key, which has to be left or loaded if it is taken before ``close()``.
    func seat(_ number: Int) -> Seat {
        self.state.withLockedValue { state in
            if state.isOpen { state.undecided.insert(number) }
        }
        return Seat(batch: self, number: number)
    }

    /// All have taken their seats.
    func close() {
        self.decide { $0.isOpen = false }
    }

    @discardableResult
    private func decide<Result>(_ change: (inout State) -> Result) -> Result {
        let (result, action) = self.state.withLockedValue { state in (change(&state), state.next()) }
        switch action {
        case .enter(let flights): Task { await self.enter(for: flights) }
        case .load(let waiters, let hasPlace): Task { await self.load(for: waiters, hasPlace: hasPlace) }
        case .leavePlace: self.rules.limit.leave()
        case nil: break
        }
        return result
    }

    /// Takes one place for all, before leases are held that others would wait for.
    private func enter(for flights: [Flights.FlightID]) async {
        let turn = await self.rules.limit.enter(
            flights, maximum: self.rules.policy.maximumLoads, isDismissible: false, demand: self.cache.flights.demand)
        let entrants = self.state.withLockedValue { state in
            state.place = .taken
            defer { state.entrants = [] }
            return state.entrants
        }
        for entrant in entrants { entrant.turn.resume(returning: turn) }
    }

    private func load(for waiters: [Waiter], hasPlace: Bool) async {
        // One that comes alone is part of a load around it, or later than the others: it must not wait for what that may hold.
        if !hasPlace {
            _ = await self.rules.limit.enter([], maximum: nil, demand: self.cache.flights.demand)
        }
        defer { self.rules.limit.leave() }
        // A load around this one comes last: who waits for a key waits for the flight that was begun for it.
        let own = self.state.withLockedValue { $0.flights }
        let flights = waiters.compactMap(\.flight).sorted { own.contains($0) && !own.contains($1) }
        do {
            let values = try await Flights.load(for: flights) {
                try await self.rules.load(on: self.cache.clock) { try await self.body(waiters.map(\.seat)) }
            }.value
            for waiter in waiters {
                if let value = values[waiter.seat] {
                    waiter.caller.resume(returning: value)
                } else {
                    waiter.caller.resume(throwing: NotGiven())
                }
            }
        } catch {
            for waiter in waiters { waiter.caller.resume(throwing: error) }
        }
    }
}
