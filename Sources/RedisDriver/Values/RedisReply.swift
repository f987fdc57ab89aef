// SPDX-License-Identifier: Apache-2.0

package import NIOCore
import RedisRESP

/// A reply as it arrived: its bytes, and where its values are in them. Whoever asked for it reads it, off the event loop.
package struct RedisReply: Sendable {
    let bytes: ByteBuffer
    let nodes: [RESPNode]

    /// The reply as a value.
    ///
    /// - Throws: The error that the server answered with.
    package func value() throws(RedisError) -> RedisValue {
        if let error { throw error }
        var index = 0
        return self.value(at: &index)
    }

    /// The error that the server answered with.
    var error: RedisError? {
        guard case .error(let range)? = self.nodes.first else { return nil }
        return RedisError(answer: String(buffer: self.slice(range)))
    }

    /// Whether the server answered with an error that begins so.
    package func isError(_ prefix: String) -> Bool {
        guard case .error(let range)? = self.nodes.first else { return false }
        return self.slice(range).readableBytesView.starts(with: prefix.utf8)
    }

    /// Whether this push stands where the reply to a command would: subscribing is confirmed so.
    var isConfirmation: Bool {
        guard self.nodes.count > 1, case .push = self.nodes[0] else { return false }
        switch self.nodes[1] {
        case .bulkString(let range), .simpleString(let range):
            return Self.confirmations.contains(String(buffer: self.slice(range)))
        default:
            return false
        }
    }

    private static let confirmations: Set<String> = [
        "subscribe", "unsubscribe", "psubscribe", "punsubscribe", "ssubscribe", "sunsubscribe",
    ]

    /// The member and score of a reply that holds just one such pair; nil for any other reply.
    package var scoredMember: (member: ByteBuffer, score: Double)? {
        guard
            self.nodes.count == 4, case .array(1) = self.nodes[0], case .array(2) = self.nodes[1],
            case .bulkString(let range) = self.nodes[2], case .double(let score) = self.nodes[3]
        else { return nil }
        return (self.slice(range), score)
    }

    /// The parser has checked that each aggregate has its elements and that all ranges are within the reply; a node
    /// that were missing all the same would read as null. Depth is bounded by the parser's limit.
    private func value(at index: inout Int) -> RedisValue {
        guard index < self.nodes.count else { return .null }
        let node = self.nodes[index]
        index += 1
        switch node {
        case .simpleString(let range), .bulkString(let range), .verbatimString(let range), .bigNumber(let range):
            return .string(self.slice(range))
        case .error(let range): return .error(String(buffer: self.slice(range)))
        case .integer(let number): return .integer(number)
        case .double(let number): return .double(number)
        case .boolean(let flag): return .boolean(flag)
        case .null: return .null
        case .array(let count), .set(let count), .push(let count):
            return .array((0..<count).map { _ in self.value(at: &index) })
        case .map(let count):
            return .map(
                (0..<count).map { _ in
                    let key = self.value(at: &index)
                    return RedisValue.Pair(key: key, value: self.value(at: &index))
                })
        }
    }

    private func slice(_ range: Range<Int>) -> ByteBuffer {
        self.bytes.getSlice(at: self.bytes.readerIndex + range.lowerBound, length: range.count) ?? ByteBuffer()
    }
}
