// SPDX-License-Identifier: Apache-2.0

import LarderTesting
import NIOCore
import RedisRESP
import Testing

@testable import RedisDriver

@Suite struct ReplyStreamTests {
    private static let wire =
        "+OK\r\n$5\r\nhello\r\n>2\r\n+invalidate\r\n*1\r\n$1\r\nk\r\n*3\r\n:1\r\n$-1\r\n>1\r\n+in\r\n,1.5\r\n-ERR no\r\n"

    private static func texts(_ elements: [ReplyStream.Element]) -> [String] {
        elements.map { element in
            switch element {
            case .push(let reply): "push \((try? reply.value()).map(Self.text) ?? "error")"
            case .reply(let reply): (try? reply.value()).map(Self.text) ?? "error"
            }
        }
    }

    private static func text(_ value: RedisValue) -> String {
        switch value {
        case .string(let bytes): String(buffer: bytes)
        case .array(let values): "[" + values.map(Self.text).joined(separator: " ") + "]"
        case .integer(let number): "\(number)"
        case .double(let number): "\(number)"
        case .null: "null"
        default: "?"
        }
    }

    private static let expected = [
        "OK", "hello", "push [invalidate [k]]", "push [in]", "[1 null 1.5]", "error",
    ]

    @Test(arguments: 0..<100) func anyChunkingGivesTheSameInWireOrder(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var stream = ReplyStream(limits: RESPLimits())
        var elements: [ReplyStream.Element] = []
        var rest = ByteBuffer(string: String(repeating: Self.wire, count: 3))
        while rest.readableBytes > 0 {
            let length = min(Int.random(in: 1...40, using: &random), rest.readableBytes)
            let piece = rest.readSlice(length: length)
            try stream.receive(try #require(piece)) {
                elements.append($0)
                return true
            }
        }
        #expect(Self.texts(elements) == Self.expected + Self.expected + Self.expected)
    }

    @Test func whatCameBeforeAnErrorIsGiven() {
        var stream = ReplyStream(limits: RESPLimits())
        var elements: [ReplyStream.Element] = []
        #expect(throws: RESPError.self) {
            try stream.receive(ByteBuffer(string: "+OK\r\n?nonsense\r\n")) {
                elements.append($0)
                return true
            }
        }
        #expect(Self.texts(elements) == ["OK"])
    }
}
