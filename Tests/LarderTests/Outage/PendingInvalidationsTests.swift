// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Larder

@Suite struct PendingInvalidationsTests {
    private let key = CacheKey(namespace: "n", region: "r", 1)
    private let other = CacheKey(namespace: "n", region: "r", 2)

    private func metadata(_ tags: String...) -> EntryMetadata {
        var metadata = EntryMetadata()
        metadata.tags = tags
        return metadata
    }

    @Test func aKeyEndsItsEntryOnly() {
        var pending = PendingInvalidations(capacity: 10)
        pending.add(.key(self.key))
        #expect(pending.ends(self.key) && !pending.ends(self.other))
        #expect(!pending.ends(self.metadata("t"), under: self.key))
    }

    @Test func aTagEndsWhatCarriesItInItsNamespace() {
        var pending = PendingInvalidations(capacity: 10)
        pending.add(.tag("t", in: "n"))
        #expect(pending.ends(self.metadata("s", "t"), under: self.key))
        #expect(!pending.ends(self.metadata("s"), under: self.key))
        #expect(!pending.ends(self.metadata("t"), under: CacheKey(namespace: "m", region: "r", 1)))
        #expect(!pending.ends(self.key))
        var absence = EntryMetadata()
        absence.endsWithAnyInvalidation = true
        #expect(pending.ends(absence, under: self.key))
    }

    @Test func aPatternEndsWhatItMatches() {
        var pending = PendingInvalidations(capacity: 10)
        pending.add(.pattern("r:i.1", in: "n"))
        #expect(pending.ends(self.key) && !pending.ends(self.other))
        #expect(!pending.ends(CacheKey(namespace: "m", region: "r", 1)))
        for item in pending.items { pending.delivered(item) }
        #expect(!pending.ends(self.key))
    }

    @Test func clearingEndsAllOfANamespace() {
        var pending = PendingInvalidations(capacity: 10)
        pending.add(.namespace("n"))
        #expect(pending.ends(self.key) && pending.ends(self.other))
        #expect(!pending.ends(CacheKey(namespace: "m", region: "r", 1)))
    }

    @Test func whatWasAddedAgainWhileItWasDeliveredStays() {
        var pending = PendingInvalidations(capacity: 10)
        pending.add(.key(self.key))
        let items = pending.items
        pending.add(.key(self.key))
        for item in items { pending.delivered(item) }
        #expect(pending.ends(self.key))
        for item in pending.items { pending.delivered(item) }
        #expect(pending.isEmpty)
    }

    @Test func theStrongestFormStays() {
        let forms: [InvalidationMethod] = [
            .expire, .remove, .holdOff(.seconds(1)), .holdOff(.seconds(5)), .remove, .expire, .holdOff(.seconds(2)),
        ]
        var pending = PendingInvalidations(capacity: 10)
        for form in forms { pending.add(.key(self.key), by: form) }
        #expect(pending.items.map(\.method) == [.holdOff(.seconds(5))])
        var weaker = PendingInvalidations(capacity: 10)
        for form in [InvalidationMethod.remove, .expire] { weaker.add(.key(self.key), by: form) }
        #expect(weaker.items.map(\.method) == [.remove])
    }

    @Test func anotherDeliveryDoesForOneThatIsNoStronger() {
        var pending = PendingInvalidations(capacity: 10)
        pending.add(.key(self.key), by: .remove)
        let now = pending.now
        pending.delivered(.key(self.key), by: .expire, upTo: now)
        #expect(pending.ends(self.key))
        pending.delivered(.key(self.key), by: .remove, upTo: now)
        #expect(!pending.ends(self.key))
    }

    @Test func tooManyBecomeAClearOfTheirNamespaces() {
        var pending = PendingInvalidations(capacity: 3)
        pending.add(.tag("t", in: "m"))
        for id in 1...3 { pending.add(.key(CacheKey(namespace: "n", region: "r", id))) }
        #expect(Set(pending.items.map(\.target)) == [.namespace("m"), .namespace("n")])
        // What was taken out before is not what is to be delivered now.
        #expect(pending.ends(CacheKey(namespace: "n", region: "r", 99)))
    }

    @Test func manyPatternsBecomeAClear() {
        var pending = PendingInvalidations(capacity: 1_000)
        for number in 1...16 { pending.add(.pattern(KeyPattern("r\(number):*"), in: "n")) }
        #expect(pending.count == 16)
        #expect(!pending.ends(CacheKey(namespace: "n", region: "r17", 1)))
        pending.add(.pattern("r17:*", in: "n"))
        #expect(pending.items.map(\.target) == [.namespace("n")])
    }
}
