// SPDX-License-Identifier: Apache-2.0

import LarderTesting
import NIOCore
import RedisRESP
import Testing

@testable import RedisDriver

@Suite struct CommandQueueTests {
    private typealias Queue = CommandQueue<Int>

    private static func reply(_ text: String) -> RedisReply {
        RedisReply(bytes: ByteBuffer(string: text), head: .simpleString(0..<text.utf8.count), elements: [])
    }

    private static func text(_ replies: [RedisReply]) -> String {
        replies.map { (try? $0.value())?.text ?? "?" }.joined(separator: ",")
    }

    /// Appends a command whose number is its waiter, its ticket and its bytes.
    private static func append(
        _ number: Int, to queue: inout Queue, replies: Int = 1, at now: Int64 = 0, for timeout: Int64 = 100
    ) {
        let bytes = ByteBuffer(string: "<\(number)>")
        let slot = Queue.Slot(
            ticket: UInt64(number), waiter: number, length: bytes.readableBytes, replies: replies,
            deadline: .uptimeNanoseconds(0) + .nanoseconds(now + timeout), timeout: .nanoseconds(timeout))
        queue.append([slot], bytes)
    }

    /// Who is answered, and what.
    private static func answer(_ delivery: Queue.Delivery) -> (waiter: Int, replies: [RedisReply])? {
        switch delivery {
        case .answer(let waiter, let reply): (waiter, [reply])
        case .answers(let waiter, let replies): (waiter, replies)
        case .nothing, .unasked: nil
        }
    }

    /// Sends what there is to be sent.
    @discardableResult
    private static func send(_ queue: inout Queue) -> String {
        queue.send(at: .uptimeNanoseconds(0)).map { String(buffer: $0) } ?? ""
    }

    @Test func repliesGoToThoseWhoAskedInOrder() {
        var queue = Queue(window: 10)
        for number in 1...3 { Self.append(number, to: &queue) }
        Self.send(&queue)
        for number in 1...3 {
            guard let (waiter, replies) = Self.answer(queue.receive(Self.reply("r\(number)"))), waiter == number else {
                Issue.record("reply \(number) went elsewhere")
                return
            }
            #expect(Self.text(replies) == "r\(number)")
        }
        #expect(queue.isIdle)
    }

    @Test func aBatchIsAnsweredWhenItsLastReplyCame() {
        var queue = Queue(window: 10)
        Self.append(1, to: &queue, replies: 3)
        Self.send(&queue)
        for text in ["a", "b"] {
            guard case .nothing = queue.receive(Self.reply(text)) else {
                Issue.record("answered too early")
                return
            }
        }
        guard let (waiter, replies) = Self.answer(queue.receive(Self.reply("c"))), waiter == 1 else {
            Issue.record("not answered")
            return
        }
        #expect(Self.text(replies) == "a,b,c")
    }

    @Test func theReplyOfOneWhoGaveUpReachesNobody() {
        var queue = Queue(window: 10)
        for number in 1...2 { Self.append(number, to: &queue) }
        Self.send(&queue)
        #expect(queue.abandon(1)?.waiter == 1)
        #expect(queue.abandon(1) == nil)
        guard case .nothing = queue.receive(Self.reply("r1")) else {
            Issue.record("the reply went somewhere")
            return
        }
        guard let (waiter, replies) = Self.answer(queue.receive(Self.reply("r2"))), waiter == 2 else {
            Issue.record("the next reply went elsewhere")
            return
        }
        #expect(Self.text(replies) == "r2")
    }

    @Test func aReplyThatNobodyAskedForIsTold() {
        var queue = Queue(window: 10)
        guard case .unasked = queue.receive(Self.reply("r")) else {
            Issue.record("taken while nothing was asked")
            return
        }
        // Written, but not sent: no reply can be for it.
        Self.append(1, to: &queue)
        guard case .unasked = queue.receive(Self.reply("r")) else {
            Issue.record("taken for a command that was not sent")
            return
        }
    }

    @Test func whatWasNotSentGoesWithItsCaller() {
        var queue = Queue(window: 10)
        for number in 1...3 { Self.append(number, to: &queue) }
        #expect(queue.abandon(2).map { $0.wasSent } == false)
        #expect(Self.send(&queue) == "<1><3>")
        #expect(queue.abandon(1).map { $0.wasSent } == true)
        #expect(Self.send(&queue) == "")
        Self.append(4, to: &queue, for: 10)
        #expect(queue.expire(at: .uptimeNanoseconds(10)).map(\.wasSent) == [false])
        #expect(Self.send(&queue) == "")
    }

    @Test func noMoreIsUnderWayThanTheWindowHolds() {
        var queue = Queue(window: 10)
        // One batch there always is room for.
        Self.append(1, to: &queue, replies: 50)
        Self.append(2, to: &queue)
        #expect(Self.send(&queue) == "<1>")
        #expect(!queue.canSend)
        for _ in 0..<50 { _ = queue.receive(Self.reply("r")) }
        Self.append(3, to: &queue, replies: 6)
        Self.append(4, to: &queue, replies: 4)
        Self.append(5, to: &queue)
        #expect(queue.canSend && Self.send(&queue) == "<2><3>")
        // Whoever comes later waits, though there were room.
        #expect(!queue.canSend && Self.send(&queue) == "")
        _ = queue.receive(Self.reply("r"))
        #expect(Self.send(&queue) == "<4>")
        #expect(queue.abandon(5)?.wasSent == false)
        Self.append(6, to: &queue)
        for _ in 0..<6 { _ = queue.receive(Self.reply("r")) }
        #expect(Self.send(&queue) == "<6>")
    }

    @Test func silenceIsCountedFromTheSending() {
        var queue = Queue(window: 10)
        Self.append(1, to: &queue, at: 5, for: 100)
        #expect(queue.awaited == nil)
        _ = queue.send(at: .uptimeNanoseconds(70))
        #expect(queue.awaited.map { $0.since } == .uptimeNanoseconds(70))
        #expect(queue.awaited.map { $0.timeout } == .nanoseconds(100))
    }

    @Test func deadlinesExpireOneByOneWhateverTheirOrder() {
        var queue = Queue(window: 10)
        for (number, timeout) in [(1, Int64(300)), (2, 100), (3, 200)] { Self.append(number, to: &queue, for: timeout) }
        Self.send(&queue)
        Self.append(4, to: &queue, for: 100)
        #expect(queue.earliestDeadline == .uptimeNanoseconds(100))
        #expect(queue.expire(at: .uptimeNanoseconds(99)).isEmpty)
        let expired = queue.expire(at: .uptimeNanoseconds(100))
        #expect(expired.map(\.waiter) == [2, 4])
        #expect(expired.map(\.wasSent) == [true, false])
        #expect(queue.earliestDeadline == .uptimeNanoseconds(200))
        #expect(queue.expire(at: .uptimeNanoseconds(1_000)).map(\.waiter) == [1, 3])
        #expect(queue.earliestDeadline == nil)
        #expect(queue.isIdle)
    }

    @Test func aLostConnectionEndsAllAndSaysWhichMayHaveRun() {
        var queue = Queue(window: 10)
        for number in 1...2 { Self.append(number, to: &queue) }
        Self.send(&queue)
        Self.append(3, to: &queue)
        _ = queue.abandon(1)
        let all = queue.removeAll()
        #expect(all.map(\.waiter) == [2, 3])
        #expect(all.map(\.wasSent) == [true, false])
        #expect(queue.isIdle)
    }

    /// Under any order of events each caller is answered once, with its own reply or with none.
    @Test(arguments: 0..<200) func anyScheduleAnswersEachOnceWithItsOwn(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let window = Int.random(in: 1...30, using: &random)
        var queue = Queue(window: window)
        var next = 1
        var sent: [(number: Int, replies: Int)] = []
        var written: [(number: Int, replies: Int)] = []
        var waiting: Set<Int> = []
        var partial = 0
        var now: Int64 = 0
        for _ in 0..<300 {
            switch Int.random(in: 0..<6, using: &random) {
            case 0, 1:
                let replies = Int.random(in: 1...3, using: &random)
                Self.append(next, to: &queue, replies: replies, at: now, for: .random(in: 1...50, using: &random))
                waiting.insert(next)
                written.append((next, replies))
                next += 1
            case 2:
                var room: [(number: Int, replies: Int)] = []
                while let head = written.first {
                    let awaited = (sent + room).reduce(-partial) { $0 + $1.replies }
                    guard awaited == 0 || awaited + head.replies <= window else { break }
                    room.append(written.removeFirst())
                }
                #expect(Self.send(&queue) == room.map { "<\($0.number)>" }.joined())
                sent += room
            case 3:
                guard let head = sent.first else { continue }
                partial += 1
                let isLast = partial == head.replies
                let delivery = queue.receive(Self.reply("\(head.number)"))
                switch delivery {
                case .answer, .answers:
                    guard let (waiter, replies) = Self.answer(delivery) else { continue }
                    #expect(isLast && waiter == head.number)
                    #expect(replies.allSatisfy { Self.text([$0]) == "\(head.number)" } && replies.count == head.replies)
                    #expect(waiting.remove(waiter) != nil)
                case .nothing:
                    #expect(!isLast || !waiting.contains(head.number))
                case .unasked:
                    Issue.record("seed \(seed)")
                }
                if isLast {
                    sent.removeFirst()
                    partial = 0
                }
            case 4:
                guard let number = waiting.randomElement(using: &random) else { continue }
                let abandoned = queue.abandon(UInt64(number))
                #expect(abandoned?.waiter == number)
                #expect(abandoned?.wasSent == sent.contains { $0.number == number })
                waiting.remove(number)
                written.removeAll { $0.number == number }
            default:
                now += .random(in: 0...20, using: &random)
                for abandoned in queue.expire(at: .uptimeNanoseconds(0) + .nanoseconds(now)) {
                    #expect(waiting.remove(abandoned.waiter) != nil)
                    #expect(abandoned.wasSent == sent.contains { $0.number == abandoned.waiter })
                    written.removeAll { $0.number == abandoned.waiter }
                }
            }
        }
        let rest = queue.removeAll().map(\.waiter)
        #expect(Set(rest) == waiting && rest.count == waiting.count)
    }
}
