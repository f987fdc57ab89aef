// SPDX-License-Identifier: Apache-2.0

import LarderTesting
import RedisRESP
import Testing

@Suite struct RESPParserTests {
    /// Bytes and what they say, one reply each.
    static let replies: [(String, String)] = [
        ("+OK\r\n", "+OK"), ("+\r\n", "+"), ("-ERR no such thing\r\n", "-ERR no such thing"),
        ("!8\r\nERR a\r\nb\r\n", "-ERR a\r\nb"),
        (":0\r\n", "0"), (":42\r\n", "42"), (":+7\r\n", "7"), (":-42\r\n", "-42"),
        (":9223372036854775807\r\n", "9223372036854775807"), (":-9223372036854775808\r\n", "-9223372036854775808"),
        ("$5\r\nhello\r\n", "'hello'"), ("$0\r\n\r\n", "''"), ("$4\r\n\r\n\r\n\r\n", "'\r\n\r\n'"),
        ("$1\r\n\0\r\n", "'\0'"), ("$-1\r\n", "nil"), ("*-1\r\n", "nil"), ("_\r\n", "nil"),
        ("=9\r\ntxt:hello\r\n", "=hello"), ("=4\r\nmkd:\r\n", "="),
        ("(123456789012345678901234567890\r\n", "(123456789012345678901234567890"), ("(-1\r\n", "(-1"),
        (",1.5\r\n", "1.5"), (",-0\r\n", "-0.0"), (",1e300\r\n", "1e+300"), (",inf\r\n", "inf"),
        (",-inf\r\n", "-inf"), (",nan\r\n", "nan"), ("#t\r\n", "true"), ("#f\r\n", "false"),
        ("*0\r\n", "[]"), ("~0\r\n", "~[]"), ("%0\r\n", "{}"), (">0\r\n", ">[]"),
        ("*2\r\n:1\r\n*2\r\n$1\r\na\r\n*0\r\n", "[1 ['a' []]]"),
        ("%2\r\n+a\r\n:1\r\n+b\r\n*1\r\n_\r\n", "{+a 1 +b [nil]}"), ("~2\r\n:1\r\n:2\r\n", "~[1 2]"),
        (">2\r\n+invalidate\r\n*1\r\n$1\r\nk\r\n", ">[+invalidate ['k']]"),
        (">2\r\n+invalidate\r\n_\r\n", ">[+invalidate nil]"),
        // Attributes, before a reply and inside it, are skipped.
        ("|1\r\n+ttl\r\n:3600\r\n$1\r\nv\r\n", "'v'"), ("|0\r\n:1\r\n", "1"),
        ("*2\r\n|1\r\n+a\r\n*1\r\n:9\r\n:1\r\n:2\r\n", "[1 2]"),
        ("*1\r\n|1\r\n+a\r\n|1\r\n+b\r\n:1\r\n:2\r\n:3\r\n", "[3]"),
        // Pushes inside a reply stand beside it.
        ("*2\r\n:1\r\n>1\r\n+x\r\n:2\r\n", "[1 2] with >[+x]"), ("*1\r\n>0\r\n:2\r\n", "[2] with >[]"),
        ("*2\r\n>2\r\n+x\r\n*1\r\n:5\r\n:1\r\n>1\r\n+y\r\n:2\r\n", "[1 2] with >[+x [5]] >[+y]"),
        ("%1\r\n+k\r\n>1\r\n+x\r\n*1\r\n:1\r\n", "{+k [1]} with >[+x]"),
    ]

    @Test(arguments: replies)
    func readsEveryType(_ text: String, _ expected: String) throws {
        #expect(try Replies.parse(Array(text.utf8), cutting: []) == [expected])
    }

    @Test(arguments: replies)
    func anyTwoCutsGiveTheSame(_ text: String, _ expected: String) throws {
        let bytes = Array(text.utf8)
        for first in 0...bytes.count {
            for second in first...bytes.count {
                let replies = try Replies.parse(bytes, cutting: [first, second])
                if replies != [expected] { Issue.record("cut at \(first) and \(second): \(replies)") }
            }
        }
    }

    @Test func repliesFollowEachOtherHoweverTheyAreCut() throws {
        for seed in 0..<300 as Range<UInt64> {
            var random = SeededGenerator(seed: seed)
            var bytes: [UInt8] = []
            var expected: [String] = []
            for _ in 0..<20 {
                guard let (text, reply) = Self.replies.randomElement(using: &random) else { continue }
                bytes += Array(text.utf8)
                expected.append(reply)
            }
            let cuts = (0..<Int.random(in: 0..<30, using: &random)).map { _ in
                Int.random(in: 0...bytes.count, using: &random)
            }
            #expect(try Replies.parse(bytes, cutting: cuts.sorted()) == expected, "seed \(seed)")
        }
    }

    @Test(arguments: [
        ("x\r\n", RESPError.Code.unknownType), ("\r\n", .unknownType), ("\0\r\n", .unknownType),
        (":\r\n", .malformedNumber), (":-\r\n", .malformedNumber), (":+\r\n", .malformedNumber),
        (":1x\r\n", .malformedNumber), (": 1\r\n", .malformedNumber), (":--1\r\n", .malformedNumber),
        (":9223372036854775808\r\n", .malformedNumber), (":-9223372036854775809\r\n", .malformedNumber),
        ("$\r\n", .malformedNumber), ("$-2\r\n", .malformedNumber), ("$1.5\r\n", .malformedNumber),
        ("$99999999999999999999\r\n", .malformedNumber), ("!-1\r\n", .malformedNumber), ("=-1\r\n", .malformedNumber),
        ("%-1\r\n", .malformedNumber), ("~-1\r\n", .malformedNumber), (">-1\r\n", .malformedNumber),
        ("|-1\r\n", .malformedNumber), ("*-2\r\n", .malformedNumber), ("(\r\n", .malformedNumber),
        ("(-\r\n", .malformedNumber), ("(1.5\r\n", .malformedNumber), ("(+-1\r\n", .malformedNumber),
        ("$9223372036854775807\r\n", .limitExceeded), ("*9223372036854775807\r\n", .limitExceeded),
        ("%9223372036854775807\r\n", .limitExceeded), ("*1000000000000\r\n", .limitExceeded),
        ("|500001\r\n", .limitExceeded), ("#\r\n", .malformedValue), ("#x\r\n", .malformedValue),
        ("#tt\r\n", .malformedValue), (",\r\n", .malformedValue), (",1.5x\r\n", .malformedValue),
        (", 1\r\n", .malformedValue), ("_x\r\n", .malformedValue), ("=3\r\ntxt\r\n", .malformedValue),
        ("=4\r\ntxtx\r\n", .malformedValue), ("$5\r\nhelloxx", .missingTerminator),
        ("$5\r\nhello\n\n", .missingTerminator), ("+OK\rx", .missingTerminator), ("$?\r\n", .unsupported),
        ("*?\r\n", .unsupported), ("%?\r\n", .unsupported), (";1\r\n", .unsupported), (".\r\n", .unsupported),
    ])
    func whatIsNotRESPIsAnError(_ text: String, _ code: RESPError.Code) {
        let bytes = Array(text.utf8)
        for cuts in [[], Array(0..<bytes.count)] {
            let error = #expect(throws: RESPError.self) { try Replies.parse(bytes, cutting: cuts) }
            #expect(error?.code == code)
        }
    }

    @Test func limitsHold() throws {
        let limits = RESPLimits(
            maximumBulkLength: 10, maximumElements: 8, maximumDepth: 3, maximumLineLength: 20, maximumReplyLength: 40)
        let allowed = [
            "$10\r\n0123456789\r\n", "*7\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n",
            "*1\r\n*1\r\n*1\r\n:1\r\n", "+0123456789012345678\r\n",
        ]
        for text in allowed {
            #expect(try Replies.parse(Array(text.utf8), cutting: [], limits: limits).count == 1)
        }
        let refused = [
            "$11\r\n", "*9\r\n", "%5\r\n", "*8\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n",
            "*1\r\n*1\r\n*1\r\n*1\r\n", "+01234567890123456789012", "+012345678901234567890123456789\r\n",
            // Attributes and pushes count too: a server cannot send them without end.
            String(repeating: "|0\r\n", count: 9), "*1\r\n" + String(repeating: ">0\r\n", count: 9),
            "*3\r\n$9\r\n012345678\r\n$9\r\n012345678\r\n$9\r\n012345678",
        ]
        for text in refused {
            let bytes = Array(text.utf8)
            for cuts in [[], Array(0..<bytes.count)] {
                let error = #expect(throws: RESPError.self, "\(text)") {
                    try Replies.parse(bytes, cutting: cuts, limits: limits)
                }
                #expect(error?.code == .limitExceeded)
            }
        }
    }

    /// A reply of many elements in small pieces: nothing is looked at twice, or this would take minutes.
    @Test(.timeLimit(.minutes(1))) func aLargeAggregateIsReadOnce() throws {
        let count = 200_000
        let bytes = Array(("*\(count)\r\n" + String(repeating: "$8\r\nmember42\r\n", count: count)).utf8)
        var parser = RESPParser()
        var available = 0
        var reply: RESPReply?
        try bytes.withUnsafeBytes { whole in
            while reply == nil, available < whole.count {
                available = min(available + 512, whole.count)
                reply = try parser.parse(UnsafeRawBufferPointer(rebasing: whole[..<available]))
            }
        }
        #expect(reply?.elements.count == count)
        #expect(reply?.length == bytes.count)
    }

    @Test func aLineWithoutEndIsRefusedWhileItArrives() {
        var parser = RESPParser()
        let bytes = [UInt8](repeating: UInt8(ascii: "+"), count: 1 << 20)
        var refusedAt: Int?
        for available in stride(from: 1_024, through: bytes.count, by: 1_024) where refusedAt == nil {
            let result = Result {
                try bytes.withUnsafeBytes { whole in
                    try parser.parse(UnsafeRawBufferPointer(rebasing: whole[..<available]))
                }
            }
            if case .failure = result { refusedAt = available }
        }
        #expect(refusedAt == 65 << 10)
    }

    @Test func noBytesTrap() {
        let texts = Self.replies.map { Array($0.0.utf8) }
        for seed in 0..<20_000 as Range<UInt64> {
            var random = SeededGenerator(seed: seed)
            var bytes = (0..<3).flatMap { _ in texts.randomElement(using: &random) ?? [] }
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.insert(Array("$*%>|-:9?\r\n".utf8).randomElement(using: &random) ?? 0, at: index)
                default: bytes.remove(at: index)
                }
                if bytes.isEmpty { bytes = [0] }
            }
            let cut = Int.random(in: 0...bytes.count, using: &random)
            let whole = Result { try Replies.parse(bytes, cutting: []) }
            let pieces = Result { try Replies.parse(bytes, cutting: [cut]) }
            #expect((try? whole.get()) == (try? pieces.get()), "seed \(seed)")
        }
    }
}
