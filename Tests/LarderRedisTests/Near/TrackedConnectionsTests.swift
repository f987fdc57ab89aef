// SPDX-License-Identifier: Apache-2.0

import Larder
import RedisDriver
import Testing

@testable import LarderRedis

@Suite struct TrackedConnectionsTests {
    private func at(_ milliseconds: Int64) -> MonotonicInstant {
        MonotonicInstant(nanoseconds: milliseconds * 1_000_000)
    }

    @Test func anAnswerOfTheMasterProvesWhatWasSentBeforeIt() throws {
        var connections = TrackedConnections(.keys)
        #expect(connections.generation(of: 1) == nil && !connections.lead(to: .only))
        connections.trust(1, to: .only, covering: 0, of: "a", sent: self.at(0), answered: self.at(1))
        let generation = try #require(connections.generation(of: 1))
        #expect(connections.proof(of: generation) == self.at(0))
        connections.prove(1, of: "a", sent: self.at(10), answered: self.at(30))
        // Answers may be taken in late.
        connections.prove(1, of: "a", sent: self.at(5), answered: self.at(31))
        #expect(connections.proof(of: generation) == self.at(10))
        connections.prove(2, of: "a", sent: self.at(20), answered: self.at(31))
        #expect(connections.proof(of: generation) == self.at(10))
    }

    @Test func withPrefixesAnAnswerProvesTheExchangeBefore() throws {
        var connections = TrackedConnections(.prefixes)
        connections.trust(1, to: .only, covering: 0, of: "a", sent: self.at(0), answered: self.at(2))
        let generation = try #require(connections.generation(of: 1))
        connections.prove(1, of: "a", sent: self.at(10), answered: self.at(12))
        #expect(connections.proof(of: generation) == self.at(0))
        // It was sent before the last one was answered, so the server may have answered both in one turn.
        connections.prove(1, of: "a", sent: self.at(11), answered: self.at(13))
        #expect(connections.proof(of: generation) == self.at(0))
        connections.prove(1, of: "a", sent: self.at(14), answered: self.at(15))
        #expect(connections.proof(of: generation) == self.at(10))
    }

    @Test func aGenerationEndsWithWhatMayHaveBeenMissed() throws {
        var connections = TrackedConnections(.keys)
        func generation() throws -> TrackedConnections.Generation { try #require(connections.generation(of: 1)) }
        var ended: [TrackedConnections.Generation] = []
        connections.trust(1, to: .only, covering: 0, of: "a", sent: self.at(0), answered: self.at(1))
        ended.append(try generation())
        // The server was made a replica and promoted again.
        connections.prove(1, of: "b", sent: self.at(1), answered: self.at(2))
        #expect(!connections.lead(to: .only))
        connections.trust(1, to: .only, covering: 0, of: "b", sent: self.at(2), answered: self.at(3))
        ended.append(try generation())
        connections.distrust(1)
        connections.trust(1, to: .only, covering: 0, of: "b", sent: self.at(3), answered: self.at(4))
        ended.append(try generation())
        connections.trust(1, to: .only, covering: 0, of: "b", sent: self.at(4), answered: self.at(5))
        ended.append(try generation())
        connections.distrustAll()
        connections.trust(1, to: .only, covering: 0, of: "b", sent: self.at(5), answered: self.at(6))
        #expect(Set(ended).count == 4)
        for generation in ended { #expect(connections.proof(of: generation) == nil) }
        #expect(connections.proof(of: try generation()) == self.at(5))
    }

    @Test func connectionsThatSayNothingAreForgotten() {
        var connections = TrackedConnections(.keys)
        for number in 0..<1_000 {
            let now = self.at(Int64(number) * 1_000)
            connections.trust(UInt64(number), to: .only, covering: 0, of: "a", sent: now, answered: now)
        }
        #expect((0..<1_000).filter { connections.generation(of: UInt64($0)) != nil }.count == 61)
    }
}
