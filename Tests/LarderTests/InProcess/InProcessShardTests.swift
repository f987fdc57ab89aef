// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Larder

/// What cannot be seen from outside, or only by chance.
@Suite struct InProcessShardTests {
    private final class Shard {
        var state: InProcessShard<Int, Int>
        var removals = RemovalBatch<Int, Int>()
        var now = MonotonicInstant(nanoseconds: 0)

        init(maximumWeight: Int) { self.state = InProcessShard(maximumWeight: maximumWeight) }

        /// The hash of a key is the key.
        @discardableResult
        func insert(_ key: Int, _ value: Int = 0, weight: UInt32 = 1, until deadline: Int64 = .max) -> Bool? {
            let entry = InProcessShard<Int, Int>.Entry(
                hash: UInt32(key), weight: weight, deadline: MonotonicInstant(nanoseconds: deadline), key: key,
                value: value)
            return self.state.insert(entry, now: self.now, into: &self.removals)
        }

        @discardableResult
        func use(_ key: Int) -> Int? { self.state.use(key, UInt32(key))?.value }
    }

    /// Between finding that a value has expired and removing it another may have come.
    @Test func expiringSparesWhatCameMeanwhile() {
        let shard = Shard(maximumWeight: 10)
        shard.insert(7, 1, until: 50)
        shard.insert(7, 2, until: 150)
        shard.now = MonotonicInstant(nanoseconds: 100)
        shard.state.expire(7, 7, now: shard.now, into: &shard.removals)
        #expect(shard.use(7) == 2)
        shard.now = MonotonicInstant(nanoseconds: 150)
        shard.state.expire(7, 7, now: shard.now, into: &shard.removals)
        #expect(shard.use(7) == nil)
    }

    /// An operation that read the generation before it changed may come to the shard after others.
    @Test func whoComesLateWithAnOldGenerationKillsNothing() {
        let shard = Shard(maximumWeight: 10)
        shard.insert(1)
        shard.state.follow(2)
        #expect(shard.use(1) == nil)
        shard.insert(2)
        shard.state.follow(1)
        #expect(shard.use(2) == 0)
        shard.state.follow(2)
        #expect(shard.use(2) == 0)
    }

    @Test func aReplacementIsSearchedForWhenItExpires() {
        let shard = Shard(maximumWeight: 100)
        shard.insert(1)
        shard.insert(1, until: 10)
        shard.now = MonotonicInstant(nanoseconds: 10)
        shard.insert(2)
        #expect(shard.state.count == 1)
        shard.insert(2, until: 20)
        shard.insert(2)
        #expect(shard.state.timed == 0)
    }

    /// A replacement may be too heavy to stay beside others that are used more.
    @Test func aReplacementThatGoesAtOnceIsNotKept() {
        let shard = Shard(maximumWeight: 10)
        #expect(shard.insert(1, weight: 5) == true)
        #expect(shard.insert(2, weight: 5) == true)
        for _ in 0..<3 { shard.use(2) }
        #expect(shard.insert(1, 1, weight: 8) == false)
        #expect(shard.use(1) == nil)
        #expect(shard.use(2) == 0)
    }

    @Test func whatWasUsedInTheWindowNeedsNoContest() {
        let shard = Shard(maximumWeight: 20)  // three of them the window
        for key in 0..<20 { shard.insert(key) }
        for _ in 0..<9 { for key in 0..<17 { shard.state.sketch.increment(UInt32(key)) } }
        shard.use(17)
        shard.insert(20)
        #expect(shard.use(17) == 0, "used once, it displaced one that had been asked for ten times")
        shard.insert(21)
        #expect(shard.use(18) == nil, "not used, it lost")
        #expect(shard.state.count == 20)
    }

    @Test func usesAreCountedToThree() {
        let shard = Shard(maximumWeight: 10)
        shard.insert(1)
        for _ in 0..<9 { shard.use(1) }
        #expect(shard.state.entries[0].uses == 3)
        #expect(shard.state.sketch.frequency(of: 1) == 4, "a hot entry writes nothing")
    }

    /// Also where the contest would have decided otherwise.
    @Test(arguments: [30, 36])
    func whatHasExpiredGoesFirst(expired: Int) {
        let shard = Shard(maximumWeight: 40)  // six of them the window
        for key in 0..<40 { shard.insert(key, until: key == expired ? 10 : 1_000) }
        // The main area is worth more than the window.
        for key in 0..<36 { for _ in 0..<3 { shard.use(key) } }
        shard.now = MonotonicInstant(nanoseconds: 10)
        shard.state.hand = 30
        for key in [34, 35] { shard.state.promote(key) }
        shard.state.windowWeight = shard.state.maximumWindowWeight + 1
        #expect(shard.state.victim(shard.now) == expired)
        shard.now = MonotonicInstant(nanoseconds: 9)
        #expect(shard.state.victim(shard.now) == 36, "the oldest of the window, without the deadline")
    }

    /// One step removes so much, and others come to the shard in between.
    @Test func makingRoomGoesInSteps() {
        let shard = Shard(maximumWeight: 1_000)
        for key in 0..<1_000 { shard.insert(key) }
        shard.state.killAll(1)
        #expect(shard.insert(1_000, weight: 1_000) == nil)
        #expect(shard.state.count > 700)
        var steps = 1
        while shard.state.settle(1_000, 1_000, now: shard.now, into: &shard.removals) == nil { steps += 1 }
        #expect(steps == 3)
        #expect(shard.use(1_000) == 0)
        #expect(shard.state.weight == 1_000)
    }

    /// Few heavy values that are always used, among as many light ones as the window holds, are not searched for long.
    @Test func theHandIsNotLostAmongLightValues() {
        let shard = Shard(maximumWeight: 100_000)
        shard.insert(0, weight: 85_000)
        for key in 1...15_000 { shard.insert(key) }
        shard.state.hand = 1
        #expect(shard.state.advanceHand(shard.now) == nil)
        #expect(shard.state.hand == 257)
    }
}
