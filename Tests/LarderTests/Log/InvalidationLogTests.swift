// SPDX-License-Identifier: Apache-2.0

import Larder
import LarderTesting
import Testing

@Suite struct InvalidationLogTests {
    private let time = StoreTime(milliseconds: 1_000)

    private func log(capacity: Int = 100) -> InvalidationLog {
        InvalidationLog(epoch: 1, now: self.time, capacity: capacity)
    }

    private func metadata(_ tags: String..., epoch: UInt64 = 1) -> EntryMetadata {
        var metadata = EntryMetadata()
        metadata.tags = tags
        metadata.epoch = epoch
        return metadata
    }

    @Test func anInvalidationEndsWhatCarriesTheTagAndWasLoadedBefore() {
        var log = self.log()
        let before = log.position.head
        log.invalidate(tags: ["a"], now: self.time)
        #expect(!log.validates(stamp: before, metadata: self.metadata("a")))
        #expect(!log.validates(stamp: before, metadata: self.metadata("b", "a")))
        #expect(log.validates(stamp: before, metadata: self.metadata("b")))
        #expect(log.validates(stamp: before, metadata: self.metadata()))
        #expect(log.validates(stamp: log.position.head, metadata: self.metadata("a")))
    }

    @Test func clearingEndsAllThatWasLoadedBefore() {
        var log = self.log()
        let before = log.position.head
        log.clear(now: self.time)
        #expect(!log.validates(stamp: before, metadata: self.metadata()))
        #expect(log.validates(stamp: log.position.head, metadata: self.metadata()))
    }

    @Test func stampsOfAnotherEpochAreInvalidHoweverHigh() {
        let log = self.log()
        #expect(!log.validates(stamp: LogSequence(rawValue: .max), metadata: self.metadata(epoch: 2)))
    }

    @Test func pastItsCapacityItForgetsByInvalidatingMore() {
        var log = self.log(capacity: 3)
        let before = log.position.head
        log.invalidate(tags: ["a"], now: self.time)
        let afterA = log.position.head
        for tag in ["b", "c", "d"] { log.invalidate(tags: [tag], now: self.time) }
        #expect(log.count == 3)
        #expect(!log.validates(stamp: before, metadata: self.metadata("a")))
        #expect(!log.validates(stamp: before, metadata: self.metadata("never")))
        #expect(log.validates(stamp: afterA, metadata: self.metadata("a")))
    }

    @Test func memoryStaysBoundedWhateverIsInvalidated() {
        var log = self.log(capacity: 10)
        for number in 0..<10_000 {
            log.invalidate(tags: ["\(number % 25)", "same"], now: self.time)
            #expect(log.count <= 10)
        }
        guard case .changes(let changes) = log.changes(since: nil) else {
            Issue.record("no changes")
            return
        }
        #expect(changes.tags.count <= 10)
    }

    @Test func sequencesRiseThoughTheClockStepsBack() {
        var log = InvalidationLog(epoch: 1, now: StoreTime(milliseconds: 5_000), capacity: 10)
        var last = log.position.head
        for milliseconds: UInt64 in [4_000, 0, 4_999, 6_000, .max, 1] {
            log.invalidate(tags: ["t"], now: StoreTime(milliseconds: milliseconds))
            #expect(log.position.head > last)
            last = log.position.head
        }
    }

    @Test func aMirrorThatFollowsJudgesAsTheLogDoes() {
        for seed in 0..<200 as Range<UInt64> {
            var random = SeededGenerator(seed: seed)
            var log = self.log(capacity: 8)
            guard case .changes(let whole) = log.changes(since: nil),
                var mirror = InvalidationLog(mirroring: whole, capacity: 8)
            else {
                Issue.record("no mirror")
                return
            }
            var answers: [(LogAnswer, LogPosition)] = []
            var entries: [(LogSequence, EntryMetadata)] = []
            for step in 0..<60 as Range<UInt64> {
                let now = StoreTime(milliseconds: 1_000 + step)
                let tags = (0..<Int.random(in: 0...3, using: &random)).map { _ in
                    "\(Int.random(in: 0..<12, using: &random))"
                }
                switch Int.random(in: 0..<6, using: &random) {
                case 0...2: log.invalidate(tags: tags, now: now)
                case 3: if Int.random(in: 0..<10, using: &random) == 0 { log.clear(now: now) }
                case 4: answers.append((log.changes(since: mirror.position), mirror.position))
                default:
                    var metadata = EntryMetadata()
                    metadata.tags = tags
                    metadata.epoch = 1
                    entries.append((mirror.position.head, metadata))
                }
                // Answers may come in any order, and late.
                if let index = answers.indices.randomElement(using: &random), Bool.random(using: &random) {
                    let (answer, asked) = answers.remove(at: index)
                    let isUsable = mirror.apply(answer, asked: asked)
                    #expect(isUsable)
                }
            }
            let isUsable = mirror.apply(log.changes(since: mirror.position), asked: mirror.position)
            #expect(isUsable)
            #expect(mirror.position == log.position)
            for (stamp, metadata) in entries where mirror.validates(stamp: stamp, metadata: metadata) {
                #expect(log.validates(stamp: stamp, metadata: metadata), "seed \(seed)")
            }
        }
    }

    @Test func anAnswerFromAReplacedLogIsDropped() {
        var log = self.log()
        guard case .changes(let whole) = log.changes(since: nil),
            var mirror = InvalidationLog(mirroring: whole, capacity: 10)
        else {
            Issue.record("no mirror")
            return
        }
        let asked = mirror.position
        let quiet = log.changes(since: asked)
        log.invalidate(tags: ["t"], now: self.time)
        let late = log.changes(since: asked)
        let lateWhole = log.changes(since: nil)
        // The log is lost and made anew; the mirror hears of it before the answers above arrive.
        let anew = InvalidationLog(epoch: 2, now: self.time, above: asked, capacity: 10)
        let isRenewed = mirror.apply(anew.changes(since: asked), asked: asked)
        #expect(isRenewed)
        #expect(mirror.position == anew.position)
        for answer in [quiet, late, lateWhole, .lost] {
            let isUsable = mirror.apply(answer, asked: asked)
            #expect(!isUsable)
            #expect(mirror.position == anew.position)
        }
        let isUsable = mirror.apply(lateWhole, asked: nil)
        #expect(!isUsable)
    }

    @Test func whoKnowsMoreThanThereIsIsToldTheLogIsLost() {
        var log = self.log()
        log.invalidate(tags: ["t"], now: self.time)
        let ahead = LogPosition(epoch: 1, head: LogSequence(rawValue: log.position.head.rawValue + 1))
        #expect(log.changes(since: ahead) == .lost)
        var mirror = log
        let behind = LogChanges(position: log.position, floor: .zero, tags: [:], isComplete: false)
        let isUsable = mirror.apply(.changes(behind), asked: ahead)
        #expect(!isUsable)
    }

    @Test func aPartOfAnotherLogIsNoMirror() {
        let changes = LogChanges(
            position: LogPosition(epoch: 2, head: LogSequence(rawValue: 9)), floor: .zero, tags: [:], isComplete: false)
        #expect(InvalidationLog(mirroring: changes, capacity: 10) == nil)
        var mirror = self.log()
        let isUsable = mirror.apply(.changes(changes), asked: mirror.position)
        #expect(!isUsable)
    }
}
