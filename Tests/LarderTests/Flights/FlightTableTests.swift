// SPDX-License-Identifier: Apache-2.0

import LarderTesting
import Testing

@testable import Larder

@Suite struct FlightTableTests {
    private typealias Table = FlightTable<String>

    private let key = CacheKey(namespace: "test", region: "r", 1)

    /// Seats a waiter who arrives now.
    private func seat(
        _ name: String, _ id: UInt64, in table: inout Table, at key: CacheKey? = nil
    ) -> Table.Entrance {
        let arrival = table.arrive()
        return table.enter(key ?? self.key, name, id: id, arrival: arrival, newFlight: 100 + id)
    }

    private func lead(_ name: String, _ id: UInt64, in table: inout Table) throws -> Table.FlightID {
        guard case .lead(let flight) = self.seat(name, id, in: &table) else { throw UnexpectedEntrance() }
        return flight
    }

    private struct UnexpectedEntrance: Error {}

    @Test func theFirstLeadsAndTheRestWait() throws {
        var table = Table()
        let flight = try self.lead("first", 1, in: &table)
        #expect(self.seat("second", 2, in: &table) == .wait(flight))
        table.beginLoad(flight, isLeased: true)
        #expect(self.seat("third", 3, in: &table) == .wait(flight))
        #expect(Set(table.seal(flight)) == ["first", "second"])
        let (answered, again) = table.finish(flight, isVouched: true)
        #expect(answered == ["third"])
        #expect(again.isEmpty)
        #expect(table.count == 0)
    }

    @Test func aRefusedFillSendsThoseAwayWhoCameDuringTheLoad() throws {
        var table = Table()
        let flight = try self.lead("first", 1, in: &table)
        table.beginLoad(flight, isLeased: true)
        #expect(self.seat("joiner", 2, in: &table) == .wait(flight))
        #expect(table.seal(flight) == ["first"])
        #expect(self.seat("late", 3, in: &table) == .wait(flight))
        let (answered, again) = table.finish(flight, isVouched: false)
        #expect(answered.isEmpty)
        #expect(Set(again) == ["joiner", "late"])
    }

    @Test func whoComesAfterTheFillWasSentReadsAgainThoughItWasStored() throws {
        var table = Table()
        let flight = try self.lead("first", 1, in: &table)
        table.beginLoad(flight, isLeased: true)
        _ = table.seal(flight)
        #expect(self.seat("late", 2, in: &table) == .wait(flight))
        let (answered, again) = table.finish(flight, isVouched: true)
        #expect(answered.isEmpty)
        #expect(again == ["late"])
    }

    @Test func whoWasTurnedAwayTakesTheNextLoadWhateverBecomesOfIt() throws {
        var table = Table()
        let flight = try self.lead("first", 1, in: &table)
        table.beginLoad(flight, isLeased: true)
        let arrival = table.arrive()
        #expect(table.enter(self.key, "joiner", id: 2, arrival: arrival, newFlight: 102) == .wait(flight))
        _ = table.seal(flight)
        _ = table.finish(flight, isVouched: false)

        let next = try self.lead("next", 3, in: &table)
        table.beginLoad(next, isLeased: true)
        #expect(table.enter(self.key, "joiner", id: 4, arrival: arrival, newFlight: 104) == .wait(next))
        #expect(Set(table.seal(next)) == ["next", "joiner"])
    }

    @Test func nobodyJoinsALoadWithoutALease() throws {
        var table = Table()
        let flight = try self.lead("first", 1, in: &table)
        #expect(self.seat("early", 2, in: &table) == .wait(flight))
        table.beginLoad(flight, isLeased: false)
        _ = try self.lead("newcomer", 3, in: &table)
        let (answered, again) = table.finish(flight, isVouched: false)
        #expect(Set(answered) == ["first", "early"])
        #expect(again.isEmpty)
        #expect(table.count == 1)
    }

    @Test func afterADetachNewcomersStartAnewAndTheOldFlightLeavesThemAlone() throws {
        var table = Table()
        let old = try self.lead("old", 1, in: &table)
        table.beginLoad(old, isLeased: true)
        table.detach(self.key)
        let new = try self.lead("new", 2, in: &table)
        _ = table.seal(old)
        _ = table.finish(old, isVouched: false)
        #expect(self.seat("third", 3, in: &table) == .wait(new))
        table.beginLoad(new, isLeased: true)
        #expect(Set(table.seal(new)) == ["new", "third"])
    }

    @Test func aDetachLeavesALoadThatHasNotBegun() throws {
        var table = Table()
        let flight = try self.lead("first", 1, in: &table)
        table.detach(self.key)
        #expect(self.seat("second", 2, in: &table) == .wait(flight))
        table.beginLoad(flight, isLeased: true)
        #expect(Set(table.seal(flight)) == ["first", "second"])
    }

    @Test func aFlightThatLostItsLeaseIsJoinedNoMore() throws {
        var table = Table()
        let old = try self.lead("old", 1, in: &table)
        table.beginLoad(old, isLeased: true)
        table.detach(old)
        let new = try self.lead("new", 2, in: &table)
        table.detach(old)
        #expect(self.seat("third", 3, in: &table) == .wait(new))
    }

    @Test func anErrorIsForThoseWhoCameBeforeTheLoadBegan() throws {
        var table = Table()
        let flight = try self.lead("first", 1, in: &table)
        #expect(self.seat("second", 2, in: &table) == .wait(flight))
        table.beginLoad(flight, isLeased: true)
        #expect(self.seat("joiner", 3, in: &table) == .wait(flight))
        let (failed, again) = table.fail(flight)
        #expect(Set(failed) == ["first", "second"])
        #expect(again == ["joiner"])
        _ = try self.lead("third", 4, in: &table)
    }

    @Test func anAbandonedFlightSendsAllAgain() throws {
        var table = Table()
        let flight = try self.lead("first", 1, in: &table)
        #expect(self.seat("second", 2, in: &table) == .wait(flight))
        #expect(Set(table.abandon(flight)) == ["first", "second"])
        #expect(table.count == 0)
    }

    @Test func whoLeavesIsAnsweredOnce() throws {
        var table = Table()
        let flight = try self.lead("first", 1, in: &table)
        #expect(self.seat("second", 2, in: &table) == .wait(flight))
        #expect(table.leave(1)?.waiter == "first")
        #expect(table.leave(1)?.waiter == nil)
        #expect(table.leave(99)?.waiter == nil)
        table.beginLoad(flight, isLeased: true)
        #expect(table.seal(flight) == ["second"])
        #expect(table.leave(2)?.waiter == nil)
        let (answered, again) = table.finish(flight, isVouched: true)
        #expect(answered.isEmpty && again.isEmpty)
    }

    /// Any schedule: everyone is answered once, and by nothing that was loaded before an invalidation he came after.
    @Test func randomSchedulesAnswerEverybodyOnceAndNobodyWithTooOldAValue() {
        for seed in 0..<2_000 as Range<UInt64> {
            var schedule = Schedule(seed: seed)
            schedule.run()
            #expect(schedule.failure == nil, "seed \(seed): \(schedule.failure ?? "")")
        }
    }

    /// Readers, a writer of versions, and a store of one entry that a fill may only change with a live lease.
    private struct Schedule {
        private struct Reader {
            let arrival: UInt64
            let oldest: Int
        }
        private struct Flight {
            var id: UInt64
            var lease: Int?
            var isLoading = false
            var loaded: Int?
            var isSealed = false
            var wasStored = false
        }

        private(set) var failure: String?
        private var random: SeededGenerator
        private var table = FlightTable<UInt64>()
        private var readers: [UInt64: Reader] = [:]
        private var flights: [Flight] = []
        private var version = 1
        private var stored: Int?
        /// Which lease is alive: the number of its flight.
        private var lease: UInt64?
        private var lastID: UInt64 = 0
        private let key = CacheKey(namespace: "test", region: "r", 1)

        init(seed: UInt64) {
            self.random = SeededGenerator(seed: seed)
        }

        mutating func run() {
            for _ in 0..<40 where self.failure == nil {
                switch Int.random(in: 0..<10, using: &self.random) {
                case 0...3: self.read(arrival: nil, oldest: self.version)
                case 4: self.write()
                default: self.step()
                }
            }
            while !self.flights.isEmpty, self.failure == nil { self.step() }
            if !self.readers.isEmpty { self.failure = "\(self.readers.count) readers were not answered" }
        }

        private mutating func read(arrival: UInt64?, oldest: Int) {
            if let stored = self.stored {
                if stored < oldest { self.failure = "hit \(stored), wanted \(oldest)" }
                return
            }
            self.lastID += 1
            let arrival = arrival ?? self.table.arrive()
            self.readers[self.lastID] = Reader(arrival: arrival, oldest: oldest)
            let entrance = self.table.enter(
                self.key, self.lastID, id: self.lastID, arrival: arrival, newFlight: self.lastID)
            if case .lead(let id) = entrance { self.flights.append(Flight(id: id)) }
        }

        private mutating func write() {
            self.version += 1
            self.stored = nil
            self.lease = nil
            if Bool.random(using: &self.random) { self.table.detach(self.key) }
        }

        private mutating func step() {
            guard let index = self.flights.indices.randomElement(using: &self.random) else { return }
            let flight = self.flights[index]
            if !flight.isLoading {
                // A flight whose lease another holds goes without.
                let isLeased = self.lease == nil && self.stored == nil
                if isLeased { self.lease = flight.id }
                self.flights[index].lease = isLeased ? 1 : nil
                self.flights[index].isLoading = true
                self.table.beginLoad(flight.id, isLeased: isLeased)
            } else if flight.loaded == nil {
                self.flights[index].loaded = self.version
            } else if let loaded = flight.loaded, !flight.isSealed {
                self.flights[index].isSealed = true
                self.answer(self.table.seal(flight.id), loaded)
                if flight.lease != nil, self.lease == flight.id {
                    self.flights[index].wasStored = true
                    self.stored = loaded
                    self.lease = nil
                }
            } else if let loaded = flight.loaded {
                self.flights.remove(at: index)
                let (answered, again) = self.table.finish(flight.id, isVouched: flight.wasStored)
                self.answer(answered, loaded)
                for id in again {
                    if let reader = self.readers.removeValue(forKey: id) {
                        self.read(arrival: reader.arrival, oldest: reader.oldest)
                    }
                }
            }
        }

        private mutating func answer(_ ids: [UInt64], _ value: Int) {
            for id in ids {
                guard let reader = self.readers.removeValue(forKey: id) else {
                    self.failure = "reader \(id) was answered twice"
                    return
                }
                if value < reader.oldest { self.failure = "answered \(value), wanted \(reader.oldest)" }
            }
        }
    }
}
