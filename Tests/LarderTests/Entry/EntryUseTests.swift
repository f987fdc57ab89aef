// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Larder

@Suite struct EntryUseTests {
    private static let now = StoreTime(milliseconds: 1_000_000)

    private func entry(_ policy: CachePolicy, freshUntil: UInt64, kind: Entry.Kind = .value) -> Entry {
        var entry = Entry(kind: kind, freshUntil: StoreTime(milliseconds: freshUntil))
        entry.metadata.created = StoreTime(milliseconds: 990_000)
        policy.mark(&entry)
        return entry
    }

    @Test func anEntryIsGoodForLessTheOlderItIs() {
        let policy = CachePolicy.ttl(.seconds(9)).staleWhileRevalidate(for: .seconds(2)).staleIfError(for: .seconds(5))
        let uses: [(UInt64, EntryUse)] = [
            (1_000_001, .fresh), (1_000_000, .whileRevalidating), (998_001, .whileRevalidating), (998_000, .onError),
            (995_001, .onError), (995_000, .nothing),
        ]
        for (freshUntil, use) in uses {
            #expect(self.entry(policy, freshUntil: freshUntil).use(at: Self.now, isValid: true) == use)
            #expect(self.entry(policy, freshUntil: freshUntil).use(at: Self.now, isValid: false) == .nothing)
            #expect(self.entry(.ttl(.seconds(9)), freshUntil: freshUntil).use(at: Self.now, isValid: true) != .onError)
        }
    }

    @Test func anInvalidatedEntryServesTheWorstCaseAtMost() {
        let policy = CachePolicy.ttl(.seconds(9)).staleWhileRevalidate(for: .seconds(2))
        let lenient = policy.staleIfError(for: .seconds(5), afterInvalidation: true)
        #expect(self.entry(lenient, freshUntil: 1_000_001).use(at: Self.now, isValid: false) == .onError)
        #expect(self.entry(lenient, freshUntil: 995_000).use(at: Self.now, isValid: false) == .nothing)
        // Ended by its key: its time of freshness is gone.
        #expect(self.entry(lenient, freshUntil: 0).use(at: Self.now, isValid: true) == .onError)
        #expect(
            self.entry(policy.staleIfError(for: .seconds(5)), freshUntil: 0).use(at: Self.now, isValid: true)
                == .nothing)
        #expect(self.entry(lenient, freshUntil: 0, kind: .lease).use(at: Self.now, isValid: true) == .nothing)
        #expect(self.entry(lenient, freshUntil: 0, kind: .tombstone).use(at: Self.now, isValid: true) == .nothing)
    }

    @Test func aLifeSlidesWhenATenthOfItsIdleTimeHasPassed() throws {
        let policy = CachePolicy.sliding(idle: .seconds(10), atMost: .seconds(60))
        #expect(self.entry(policy, freshUntil: 1_009_500).slide(at: Self.now) == nil)
        let slide = try #require(self.entry(policy, freshUntil: 1_009_000).slide(at: Self.now))
        #expect(slide.lifetime == EntryLifetime(fresh: .seconds(10)) && slide.end == StoreTime(milliseconds: 1_050_000))
        // Close to its end there is nothing to win.
        let late = StoreTime(milliseconds: 1_049_000)
        #expect(self.entry(policy, freshUntil: 1_049_900).slide(at: late) == nil)
        #expect(self.entry(.ttl(.seconds(10)), freshUntil: 1_001_000).slide(at: Self.now) == nil)
    }

    @Test func theNearerItsEndAndTheSlowerItsLoadTheSoonerItIsDue() {
        var entry = self.entry(.ttl(.seconds(9)), freshUntil: 1_000_100)
        #expect(!entry.isDueEarly(at: Self.now, eagerness: 1, draw: { 1_000 }))
        entry.metadata.loadDuration = .milliseconds(50)
        #expect(!entry.isDueEarly(at: Self.now, eagerness: 1, draw: { 1.9 }))
        #expect(entry.isDueEarly(at: Self.now, eagerness: 1, draw: { 2 }))
        #expect(entry.isDueEarly(at: Self.now, eagerness: 2, draw: { 1 }))
        entry.metadata.loadDuration = .seconds(9_000_000_000)
        #expect(entry.isDueEarly(at: Self.now, eagerness: .infinity, draw: { 1 }))
        entry.metadata.loadDuration = .milliseconds(100)
        #expect(entry.isDueEarly(at: Self.now, eagerness: 1, draw: { 1 }))
    }

    @Test func aPauseIsALeaseOfNobody() {
        var entry = self.entry(.ttl(.seconds(9)), freshUntil: 1)
        #expect(!entry.isLeased(at: Self.now))
        entry.leaseUntil = StoreTime(milliseconds: 1_000_001)
        #expect(entry.isLeased(at: Self.now) && entry.isPaused(at: Self.now))
        entry.token = LeaseToken()
        #expect(entry.isLeased(at: Self.now) && !entry.isPaused(at: Self.now))
        entry.leaseUntil = Self.now.advanced(by: .seconds(31))
        #expect(!entry.isLeased(at: Self.now))
    }
}
