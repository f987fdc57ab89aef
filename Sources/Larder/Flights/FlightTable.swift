// SPDX-License-Identifier: Apache-2.0

/// The loads in flight, one for each missing key, and who waits for them.
///
/// Events in, waiters to answer out; tasks and continuations are the caller's. The rule that makes a shared answer
/// as good as one's own: a waiter takes the value of a load that **began after it arrived**, or of one whose fill was
/// stored and which the log, asked after it arrived, still vouches for. Everyone else goes again; it then meets a
/// load that began after its arrival, so nobody is turned away twice.
struct FlightTable<Waiter: Sendable>: Sendable {
    typealias FlightID = UInt64
    typealias WaiterID = UInt64
    /// A place in the order of everything that happened at this table.
    typealias Moment = UInt64

    enum Entrance: Equatable {
        /// Nobody is on it: the waiter's task is to start this flight, which answers it like the others.
        case lead(FlightID)
        /// This flight will answer it.
        case wait(FlightID)

        var flight: FlightID {
            switch self {
            case .lead(let flight), .wait(let flight): flight
            }
        }
    }

    private enum Phase: Sendable {
        case acquiring
        case loading(since: Moment)
        /// The fill was sent: whoever comes now was not there when the log was asked.
        case sealed(since: Moment)
    }

    /// Who needs what a flight will bring.
    enum Demand: Sendable {
        /// All who waited have left.
        case none
        case some
        /// A load waits for it, or has.
        case urgent
    }

    private struct Flight: Sendable {
        let key: CacheKey
        /// Whether it began for nobody: what it loads is served meanwhile.
        let isRefresh: Bool
        var phase = Phase.acquiring
        var seats: [WaiterID: Seat] = [:]
        /// Whether a load waits for it.
        var isUrgent = false
    }

    private struct Seat: Sendable {
        let waiter: Waiter
        let arrival: Moment
        let cameLate: Bool
    }

    private var moment: Moment = 0
    private var flights: [FlightID: Flight] = [:]
    /// The flights that newcomers may find.
    private var attached: [CacheKey: FlightID] = [:]
    private var flightOf: [WaiterID: FlightID] = [:]

    /// How many waiters there are.
    var count: Int { self.flightOf.count }

    /// Whether there is no flight.
    var isEmpty: Bool { self.flights.isEmpty }

    private mutating func next() -> Moment {
        self.moment += 1
        return self.moment
    }

    /// A caller has missed.
    mutating func arrive() -> Moment {
        self.next()
    }

    /// A caller who missed takes a seat.
    ///
    /// - Parameters:
    ///   - key: What it misses.
    ///   - waiter: How to answer it.
    ///   - id: Its number.
    ///   - arrival: When it first arrived.
    ///   - newFlight: The number of the flight that it starts if there is none.
    ///   - isLoad: Whether it asks from within a load, which would wait with it.
    mutating func enter(
        _ key: CacheKey, _ waiter: Waiter, id: WaiterID, arrival: Moment, newFlight: FlightID, isLoad: Bool = false
    ) -> Entrance {
        if let flight = self.attached[key], let phase = self.flights[flight]?.phase {
            let cameLate = if case .sealed = phase { true } else { false }
            let seat = Seat(waiter: waiter, arrival: arrival, cameLate: cameLate)
            self.flights[flight]?.seats[id] = seat
            if isLoad { self.flights[flight]?.isUrgent = true }
            self.flightOf[id] = flight
            return .wait(flight)
        }
        let seat = Seat(waiter: waiter, arrival: arrival, cameLate: false)
        self.flights[newFlight] = Flight(key: key, isRefresh: false, seats: [id: seat], isUrgent: isLoad)
        self.attached[key] = newFlight
        self.flightOf[id] = newFlight
        return .lead(newFlight)
    }

    /// Starts a flight that nobody waits for, unless there is one: what it loads anew is served meanwhile.
    mutating func begin(_ key: CacheKey, newFlight: FlightID) -> Bool {
        guard self.attached[key] == nil else { return false }
        self.flights[newFlight] = Flight(key: key, isRefresh: true)
        self.attached[key] = newFlight
        return true
    }

    /// Who needs what a flight will bring.
    func demand(for id: FlightID) -> Demand {
        guard let flight = self.flights[id], flight.isRefresh || !flight.seats.isEmpty else { return .none }
        return flight.isUrgent ? .urgent : .some
    }

    /// The lease was decided and the load begins.
    ///
    /// Without a lease nobody may join from now on: no fill will prove that the value is still the newest.
    mutating func beginLoad(_ flight: FlightID, isLeased: Bool) {
        let since = self.next()
        self.flights[flight]?.phase = .loading(since: since)
        if !isLeased { self.detach(flight) }
    }

    /// The load is done and the fill goes out. Returns those who are answered already now.
    mutating func seal(_ flight: FlightID) -> [Waiter] {
        guard case .loading(let since)? = self.flights[flight]?.phase else { return [] }
        self.flights[flight]?.phase = .sealed(since: since)
        return self.unseat(flight) { $0.arrival < since }
    }

    /// The load is done and the fill answered, or there was none.
    ///
    /// - Parameters:
    ///   - flight: The flight, which ends.
    ///   - isVouched: Whether the fill was stored and the log vouches for it.
    mutating func finish(_ flight: FlightID, isVouched: Bool) -> (answered: [Waiter], again: [Waiter]) {
        let since = self.beginning(of: flight)
        let answered = self.unseat(flight) { $0.arrival < since || isVouched && !$0.cameLate }
        return (answered, self.abandon(flight))
    }

    /// The load failed. Its error is for those who came before it began; the rest go again, for what it stumbled over
    /// may have been mended before they came.
    mutating func fail(_ flight: FlightID) -> (failed: [Waiter], again: [Waiter]) {
        let since = self.beginning(of: flight)
        let failed = self.unseat(flight) { $0.arrival < since }
        return (failed, self.abandon(flight))
    }

    /// The flight ends, and all who are left go again.
    mutating func abandon(_ flight: FlightID) -> [Waiter] {
        self.detach(flight)
        let rest = self.unseat(flight) { _ in true }
        self.flights[flight] = nil
        return rest
    }

    /// A waiter gave up. Returns it with the flight that it waited for, unless it was answered before.
    mutating func leave(_ id: WaiterID) -> (waiter: Waiter, flight: FlightID)? {
        guard
            let flight = self.flightOf.removeValue(forKey: id),
            let seat = self.flights[flight]?.seats.removeValue(forKey: id)
        else { return nil }
        return (seat.waiter, flight)
    }

    /// The key was invalidated here: newcomers start anew, those who wait are judged by what comes of their flight.
    ///
    /// A load that has not begun will see what the invalidation was for, and may be joined; so may one that began after `moment`, by
    /// who came then.
    mutating func detach(_ key: CacheKey, begunBefore moment: Moment = .max) {
        guard let flight = self.attached[key], 1..<moment ~= self.beginning(of: flight) else { return }
        self.attached[key] = nil
    }

    /// The flight on a key that newcomers may find.
    func flight(on key: CacheKey) -> FlightID? { self.attached[key] }

    /// The flight lost its lease: newcomers start anew.
    mutating func detach(_ flight: FlightID) {
        if let key = self.flights[flight]?.key, self.attached[key] == flight {
            self.attached[key] = nil
        }
    }

    /// When the load began; zero before.
    private func beginning(of flight: FlightID) -> Moment {
        switch self.flights[flight]?.phase {
        case .loading(let since), .sealed(let since): since
        case .acquiring, nil: 0
        }
    }

    private mutating func unseat(_ flight: FlightID, where condition: (Seat) -> Bool) -> [Waiter] {
        guard let seats = self.flights[flight]?.seats else { return [] }
        // Whoever came first is answered first.
        let leaving = seats.filter { condition($0.value) }.sorted { $0.key < $1.key }
        for (id, _) in leaving {
            self.flights[flight]?.seats[id] = nil
            self.flightOf[id] = nil
        }
        return leaving.map(\.value.waiter)
    }
}
