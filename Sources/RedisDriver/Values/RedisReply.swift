// SPDX-License-Identifier: Apache-2.0

package import NIOCore
import RedisRESP

/// A reply as it arrived: its bytes, and where its values are in them. Whoever asked for it reads it, off the event loop.
@usableFromInline
package struct RedisReply: Sendable {
    let bytes: ByteBuffer
    /// The value: a scalar, or the head of an aggregate.
    let head: RESPNode
    /// What the aggregate holds.
    let elements: [RESPNode]

    /// How many bytes it took.
    var length: Int { self.bytes.readableBytes }

    /// The reply as a value.
    ///
    /// - Throws: The error that the server answered with.
    @usableFromInline
    package func value() throws(RedisError) -> RedisValue {
        if let error { throw error }
        var index = 0
        return self.value(of: self.head, elementsAt: &index)
    }

    /// The error that the server answered with.
    var error: RedisError? {
        guard case .error(let range) = self.head else { return nil }
        return RedisError(answer: String(buffer: self.slice(range)))
    }

    /// Whether the server answered with an error that begins so.
    package func isError(_ prefix: String) -> Bool {
        guard case .error(let range) = self.head else { return false }
        return self.slice(range).readableBytesView.starts(with: prefix.utf8)
    }

    /// Whether this push stands where the reply to a command would: subscribing is confirmed so.
    var isConfirmation: Bool {
        guard case .push = self.head, let kind = self.elements.first else { return false }
        switch kind {
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
            self.elements.count == 3, case .array(1) = self.head, case .array(2) = self.elements[0],
            case .bulkString(let range) = self.elements[1], case .double(let score) = self.elements[2]
        else { return nil }
        return (self.slice(range), score)
    }

    /// The parser has checked that each aggregate has its elements and that all ranges are within the reply; a node
    /// that were missing all the same would read as null. Depth is bounded by the parser's limit.
    private func value(of node: RESPNode, elementsAt index: inout Int) -> RedisValue {
        switch node {
        case .simpleString(let range), .bulkString(let range), .verbatimString(let range), .bigNumber(let range):
            return .string(self.slice(range))
        case .error(let range): return .error(String(buffer: self.slice(range)))
        case .integer(let number): return .integer(number)
        case .double(let number): return .double(number)
        case .boolean(let flag): return .boolean(flag)
        case .null: return .null
        case .array(let count), .set(let count), .push(let count):
            return .array((0..<count).map { _ in self.element(at: &index) })
        case .map(let count):
            return .map(
                (0..<count).map { _ in
                    let key = self.element(at: &index)
                    return RedisValue.Pair(key: key, value: self.element(at: &index))
                })
        }
    }

    private func element(at index: inout Int) -> RedisValue {
        guard index < self.elements.count else { return .null }
        let node = self.elements[index]
        index += 1
        return self.value(of: node, elementsAt: &index)
    }

    private func slice(_ range: Range<Int>) -> ByteBuffer {
        self.bytes.getSlice(at: self.bytes.readerIndex + range.lowerBound, length: range.count) ?? ByteBuffer()
    }
}
