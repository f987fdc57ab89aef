// SPDX-License-Identifier: Apache-2.0

import RedisRESP

/// Replies as text that tells all they hold.
enum Replies {
    /// Parses bytes that arrive in pieces, and tells each reply; what is left incomplete is not told.
    ///
    /// - Parameters:
    ///   - bytes: All that arrives.
    ///   - cuts: Where it is cut, in rising order.
    ///   - limits: The parser's limits.
    static func parse(_ bytes: [UInt8], cutting cuts: [Int], limits: RESPLimits = RESPLimits()) throws -> [String] {
        var parser = RESPParser(limits: limits)
        var replies: [String] = []
        var start = 0
        for end in cuts + [bytes.count] {
            while start < end {
                let reply = try bytes.withUnsafeBytes { whole in
                    try parser.parse(UnsafeRawBufferPointer(rebasing: whole[start..<end]))
                }
                guard let reply else { break }
                replies.append(Self.describe(reply, Array(bytes[start..<(start + reply.length)])))
                start += reply.length
            }
        }
        return replies
    }

    private static func describe(_ reply: RESPReply, _ bytes: [UInt8]) -> String {
        let pushes = reply.pushes.map { Self.describe($0, bytes) }
        return Self.describe([reply.head] + reply.elements, bytes)
            + (pushes.isEmpty ? "" : " with " + pushes.joined(separator: " "))
    }

    private static func describe(_ nodes: [RESPNode], _ bytes: [UInt8]) -> String {
        var rest = nodes[...]
        let text = Self.next(&rest, bytes)
        return rest.isEmpty ? text : text + " and \(rest.count) more"
    }

    private static func next(_ nodes: inout ArraySlice<RESPNode>, _ bytes: [UInt8]) -> String {
        guard let node = nodes.popFirst() else { return "missing" }
        func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
        func elements(_ count: Int) -> String {
            (0..<count).map { _ in Self.next(&nodes, bytes) }.joined(separator: " ")
        }
        switch node {
        case .simpleString(let range): return "+" + text(range)
        case .error(let range): return "-" + text(range)
        case .integer(let number): return "\(number)"
        case .bulkString(let range): return "'\(text(range))'"
        case .verbatimString(let range): return "=" + text(range)
        case .bigNumber(let range): return "(" + text(range)
        case .double(let double): return "\(double)"
        case .boolean(let boolean): return "\(boolean)"
        case .null: return "nil"
        case .array(let count): return "[\(elements(count))]"
        case .set(let count): return "~[\(elements(count))]"
        case .map(let count): return "{\(elements(2 * count))}"
        case .push(let count): return ">[\(elements(count))]"
        }
    }
}
