// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import LarderRedis

@Suite struct VerifiedConnectionsTests {
    private var verified = VerifiedConnections()

    private mutating func add(_ connection: UInt64, of replication: String, asked generation: UInt64? = nil) {
        self.verified.add(
            connection, of: replication, asked: generation ?? self.verified.generation, keeping: 3)
    }

    @Test mutating func allAreTrustedThatTellTheSame() {
        self.add(1, of: "a", asked: 0)
        self.add(2, of: "a", asked: 0)
        self.verified.heard(of: "a")
        #expect(self.verified.contains(1) && self.verified.contains(2) && !self.verified.contains(3))
    }

    @Test mutating func anotherHistoryEndsTrustForAll() {
        self.add(1, of: "a")
        self.add(2, of: "a")
        self.verified.heard(of: "b")
        #expect(!self.verified.contains(1) && !self.verified.contains(2))
        self.add(1, of: "b")
        self.add(2, of: "c")
        #expect(!self.verified.contains(1) && self.verified.contains(2))
    }

    @Test mutating func whatWasAskedBeforeTrustEndedGivesNone() {
        let generation = self.verified.generation
        self.add(1, of: "a")
        self.verified.heard(of: "b")
        self.add(1, of: "a", asked: generation)
        #expect(!self.verified.contains(1))
    }

    @Test mutating func aServerThatIsNoMasterEndsTrustInAll() {
        self.add(1, of: "a")
        let generation = self.verified.generation
        self.verified.distrustAll()
        self.add(2, of: "a", asked: generation)
        #expect(!self.verified.contains(1) && !self.verified.contains(2))
        self.add(2, of: "a")
        #expect(self.verified.contains(2))
    }

    @Test mutating func theNewestAreRemembered() {
        for connection in 1...5 { self.add(UInt64(connection), of: "a") }
        #expect((1...5).filter { self.verified.contains($0) } == [3, 4, 5])
    }
}
