// SPDX-License-Identifier: Apache-2.0

import Larder
import NIOCore
import RedisDriver
import Testing

@testable import LarderRedis

@Suite struct LogReplyTests {
    private static let known = LogPosition(epoch: 0xABC, head: LogSequence(rawValue: 100))

    private static func reply(_ members: [(String, Double)]) -> LogReply? {
        LogReply(
            .array(members.map { .array([.string(ByteBuffer(string: $0.0)), .double($0.1)]) }))
    }

    @Test func theHeadAloneWhereItWasIsQuiet() {
        #expect(Self.reply([("h:abc", 100)])?.answer(since: Self.known) == .quiet)
    }

    @Test func nothingOrAnotherEpochIsLost() {
        #expect(Self.reply([])?.answer(since: Self.known) == .lost)
        #expect(Self.reply([("t:a", 100)])?.answer(since: Self.known) == .lost)
        #expect(Self.reply([("h:abd", 100)])?.answer(since: Self.known) == .lost)
        #expect(Self.reply([("h:abd", 200), ("t:a", 150)])?.answer(since: Self.known) == .lost)
        #expect(Self.reply([("h:abc", 99)])?.answer(since: Self.known) == .lost)
    }

    @Test func aTagAboveTheHeadIsNoLog() {
        #expect(Self.reply([("t:a", 300), ("h:abc", 200)])?.answer(since: Self.known) == .lost)
    }

    @Test func whatHappenedIsTold() {
        let answer = Self.reply([("t:a", 150), ("t:b", 160), ("f:", 140), ("h:abc", 161)])?.answer(since: Self.known)
        guard case .changes(let changes) = answer else {
            Issue.record("\(String(describing: answer))")
            return
        }
        #expect(changes.position == LogPosition(epoch: 0xABC, head: LogSequence(rawValue: 161)))
        #expect(changes.floor == LogSequence(rawValue: 140))
        #expect(changes.tags == ["a": LogSequence(rawValue: 150), "b": LogSequence(rawValue: 160)])
        #expect(!changes.isComplete)
    }

    @Test func foreignMembersArePassedOverAndOddScoresNeverCountTooLow() {
        let reply = Self.reply([("x", -.infinity), ("", .nan), ("t:a", 149.5), ("t:b", -5), ("f:", 0), ("h:abc", 161)])
        guard case .changes(let changes)? = reply?.whole else {
            Issue.record("not read")
            return
        }
        #expect(changes.tags == ["a": LogSequence(rawValue: 150), "b": .zero])
    }

    @Test(arguments: [Double.infinity, .nan, 1e18, 0x1p53]) func aScoreThatIsNoSequenceIsNoLog(score: Double) {
        for member in ["t:a", "f:", "h:abc"] { #expect(Self.reply([(member, score)]) == nil) }
    }

    @Test func whatIsNoListIsNoLog() {
        for value in [
            RedisValue.null, .integer(1), .array([.integer(1)]), .array([.array([.integer(1)])]),
            .array([.string(ByteBuffer(string: "h:xyz")), .integer(1)]),
        ] { #expect(LogReply(value) == nil) }
    }

    @Test func theFloorOfAScriptIsTheHighest() {
        func text(_ text: String) -> RedisValue { .string(ByteBuffer(string: text)) }
        let reply = LogReply(
            .array([text("f:"), text("10"), text("h:a"), text("90"), text("f:"), text("50"), text("t:x"), text("60")]))
        guard case .changes(let changes)? = reply?.whole else {
            Issue.record("not read")
            return
        }
        #expect(changes.floor == LogSequence(rawValue: 50) && changes.isComplete)
    }
}
