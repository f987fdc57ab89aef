// SPDX-License-Identifier: Apache-2.0

/// The loads in flight, one for each missing key, and who waits for them.
///
/// Events in, waiters to answer out; tasks and continuations are the caller's. The rule that makes a shared answer
/// as good as an own one: a waiter takes the value of a load that **began after he arrived**, or of one whose fill was
/// stored and which the log, asked after he arrived, still vouches for. Everyone else goes again; he then meets a
/// load that began after his arrival, so nobody is turned away twice.
struct FlightTable<Waiter: Sendable>: Sendable {
    typealias FlightID = UInt64
    typealias WaiterID = UInt64
    /// A place in the order of everything that happened at this table.
    typealias Moment = UInt64

    enum Entrance: Equatable {
        /// Nobody is on it: the waiter's task is to start this flight, which answers him like the others.
        case lead(FlightID)
        /// He will be answered.
        case wait
        /// Waiting could never end, since the load waited for waits for one of the waiter's own. He is not seated.
        case alone
    }

    private enum Phase: Sendable {
        case acquiring
        case loading(since: Moment)
        /// The fill was sent: whoever comes now was not there when the log was asked.
        case sealed(since: Moment)
    }

    private struct Flight: Sendable {
        let key: CacheKey
        var phase = Phase.acquiring
        var seats: [WaiterID: Seat] = [:]
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
    /// For waiters that are themselves loads: the keys they are loading.
    private var holding: [WaiterID: [CacheKey]] = [:]

    /// How many waiters there are.
    var count: Int { self.flightOf.count }

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
    ///   - key: What he misses.
    ///   - waiter: How to answer him.
    ///   - id: His number.
    ///   - arrival: When he first arrived.
    ///   - loading: The keys whose loads he is part of.
    mutating func enter(
        _ key: CacheKey, _ waiter: Waiter, id: WaiterID, arrival: Moment, loading: [CacheKey]
    ) -> Entrance {
        if self.wouldWaitForItself(key, loading: loading) { return .alone }
        self.holding[id] = loading.isEmpty ? nil : loading
        if let flight = self.attached[key], let phase = self.flights[flight]?.phase {
            let cameLate = if case .sealed = phase { true } else { false }
            let seat = Seat(waiter: waiter, arrival: arrival, cameLate: cameLate)
            self.flights[flight]?.seats[id] = seat
            self.flightOf[id] = flight
            return .wait
        }
        let flight = self.next()
        self.flights[flight] = Flight(key: key, seats: [id: Seat(waiter: waiter, arrival: arrival, cameLate: false)])
        self.attached[key] = flight
        self.flightOf[id] = flight
        return .lead(flight)
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
        let since: Moment =
            switch self.flights[flight]?.phase {
            case .loading(let since), .sealed(let since): since
            case .acquiring, nil: 0
            }
        let answered = self.unseat(flight) { $0.arrival < since || isVouched && !$0.cameLate }
        return (answered, self.end(flight))
    }

    /// The load failed: all who waited for it get its error, for none of them was answered from a cache.
    mutating func fail(_ flight: FlightID) -> [Waiter] {
        self.end(flight)
    }

    /// The flight ends without a load: all go again.
    mutating func abandon(_ flight: FlightID) -> [Waiter] {
        self.end(flight)
    }

    /// A waiter gave up. Returns him, unless he was answered before.
    mutating func leave(_ id: WaiterID) -> Waiter? {
        self.holding[id] = nil
        guard let flight = self.flightOf.removeValue(forKey: id) else { return nil }
        return self.flights[flight]?.seats.removeValue(forKey: id)?.waiter
    }

    /// The key was invalidated here: newcomers start anew, those who wait are judged by what comes of their flight.
    mutating func detach(_ key: CacheKey) {
        self.attached[key] = nil
    }

    private mutating func detach(_ flight: FlightID) {
        if let key = self.flights[flight]?.key, self.attached[key] == flight {
            self.attached[key] = nil
        }
    }

    private mutating func end(_ flight: FlightID) -> [Waiter] {
        self.detach(flight)
        let rest = self.unseat(flight) { _ in true }
        self.flights[flight] = nil
        return rest
    }

    private mutating func unseat(_ flight: FlightID, where condition: (Seat) -> Bool) -> [Waiter] {
        guard let seats = self.flights[flight]?.seats else { return [] }
        var waiters: [Waiter] = []
        for (id, seat) in seats where condition(seat) {
            waiters.append(seat.waiter)
            self.flights[flight]?.seats[id] = nil
            self.flightOf[id] = nil
            self.holding[id] = nil
        }
        return waiters
    }

    /// Whether a load that waits for `key` would, over other loads, wait for one of the keys it is loading.
    private func wouldWaitForItself(_ key: CacheKey, loading: [CacheKey]) -> Bool {
        guard !loading.isEmpty else { return false }
        var pending = [key]
        var seen: Set<CacheKey> = []
        while let next = pending.popLast() {
            guard seen.insert(next).inserted else { continue }
            if loading.contains(next) { return true }
            for (id, keys) in self.holding where keys.contains(next) {
                if let flight = self.flightOf[id], let awaited = self.flights[flight]?.key { pending.append(awaited) }
            }
        }
        return false
    }
}
