// SPDX-License-Identifier: Apache-2.0

/// Reads RESP3, and RESP2 within it, from bytes as they arrive.
///
/// Each byte is looked at once, however the reply is cut into pieces: the parser remembers where it stopped and which
/// aggregates are open. Nothing that arrives can trap; what is not RESP, or exceeds the limits, is an error, after
/// which the parser must not be used again. Attributes are skipped.
///
/// Specification: <https://github.com/redis/redis-specifications/blob/master/protocol/RESP3.md>
public struct RESPParser: Sendable {
    private let limits: RESPLimits
    private var head = RESPNode.null
    private var nodes: [RESPNode] = []
    private var pushes: [[RESPNode]] = []
    /// How many nodes were made for this reply, those skipped or moved included.
    private var elements = 0
    private var open: [Aggregate] = []
    /// Where the next value or line begins.
    private var position = 0
    /// How far the line at `position` has been searched for its end.
    private var searched = 0
    /// The bulk string whose bytes are awaited at `position`.
    private var bulk: (kind: UInt8, length: Int)?

    /// An aggregate that lacks elements.
    private struct Aggregate: Sendable {
        enum Role: Sendable {
            case value, attribute, innerPush
        }
        let role: Role
        var missing: Int
        /// Where its nodes begin.
        let start: Int
    }

    /// Makes a parser at the start of a reply.
    public init(limits: RESPLimits = RESPLimits()) {
        self.limits = limits
    }

    /// Goes on where it stopped.
    ///
    /// - Parameter bytes: All bytes from the start of the reply that have arrived. Those given before must be the same.
    /// - Returns: The reply when it is complete; then the next call is for the bytes after its length. Nil when bytes
    ///   are missing.
    /// - Throws: ``RESPError``; the connection must be closed.
    public mutating func parse(_ bytes: UnsafeRawBufferPointer) throws(RESPError) -> RESPReply? {
        while true {
            let isValue: Bool
            if let bulk = self.bulk {
                guard bytes.count - self.position - 2 >= bulk.length else {
                    try self.checkLength(bytes.count)
                    return nil
                }
                try self.finishBulk(bulk.kind, bulk.length, bytes)
                isValue = true
            } else {
                guard let line = try self.nextLine(bytes) else {
                    try self.checkLength(bytes.count)
                    return nil
                }
                isValue = try self.readLine(bytes, line)
            }
            guard isValue, self.closeAggregates() else { continue }
            try self.checkLength(self.position)
            return self.finish()
        }
    }

    // MARK: Lines and bulk strings

    /// The line at `position` without its type and its end, once it is whole.
    private mutating func nextLine(_ bytes: UnsafeRawBufferPointer) throws(RESPError) -> Range<Int>? {
        var index = max(self.searched, self.position)
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "\r") {
                guard index + 1 < bytes.count else { break }
                guard bytes[index + 1] == UInt8(ascii: "\n") else {
                    throw RESPError(.missingTerminator, "a carriage return without line feed")
                }
                guard index > self.position else { throw RESPError(.unknownType, "an empty line") }
                return self.position + 1..<index
            }
            index += 1
            guard index - self.position <= self.limits.maximumLineLength else {
                throw RESPError(.limitExceeded, "a line of more than \(self.limits.maximumLineLength) bytes")
            }
        }
        self.searched = index
        return nil
    }

    /// Reads the value or the head that a line holds; whether a value is complete by it.
    private mutating func readLine(
        _ bytes: UnsafeRawBufferPointer, _ line: Range<Int>
    ) throws(RESPError) -> Bool {
        let type = bytes[self.position]
        self.position = line.upperBound + 2
        switch type {
        case UInt8(ascii: "+"): try self.add(.simpleString(line))
        case UInt8(ascii: "-"): try self.add(.error(line))
        case UInt8(ascii: ":"): try self.add(.integer(try Self.integer(bytes, line)))
        case UInt8(ascii: "_"):
            guard line.isEmpty else { throw RESPError(.malformedValue, "a null with text") }
            try self.add(.null)
        case UInt8(ascii: "#"): try self.add(.boolean(try Self.boolean(bytes, line)))
        case UInt8(ascii: ","): try self.add(.double(try Self.double(bytes, line)))
        case UInt8(ascii: "("): try self.add(.bigNumber(try Self.bigNumber(bytes, line)))
        case UInt8(ascii: "$"), UInt8(ascii: "!"), UInt8(ascii: "="):
            return try self.openBulk(type, bytes, line)
        case UInt8(ascii: "*"), UInt8(ascii: "~"), UInt8(ascii: "%"), UInt8(ascii: ">"), UInt8(ascii: "|"):
            return try self.openAggregate(type, bytes, line)
        case UInt8(ascii: ";"), UInt8(ascii: "."):
            throw RESPError(.unsupported, "a part of a streamed value")
        default:
            throw RESPError(.unknownType, "a value that begins with byte \(type)")
        }
        return true
    }

    private mutating func openBulk(
        _ type: UInt8, _ bytes: UnsafeRawBufferPointer, _ line: Range<Int>
    ) throws(RESPError) -> Bool {
        guard let length = try Self.length(bytes, line, nullable: type == UInt8(ascii: "$")) else {
            try self.add(.null)
            return true
        }
        guard length <= self.limits.maximumBulkLength else {
            throw RESPError(.limitExceeded, "a string of \(length) bytes")
        }
        self.bulk = (type, length)
        return false
    }

    private mutating func finishBulk(
        _ kind: UInt8, _ length: Int, _ bytes: UnsafeRawBufferPointer
    ) throws(RESPError) {
        let end = self.position + length
        guard bytes[end] == UInt8(ascii: "\r"), bytes[end + 1] == UInt8(ascii: "\n") else {
            throw RESPError(.missingTerminator, "a string that does not end where it should")
        }
        switch kind {
        case UInt8(ascii: "$"): try self.add(.bulkString(self.position..<end))
        case UInt8(ascii: "!"): try self.add(.error(self.position..<end))
        default:
            guard length >= 4, bytes[self.position + 3] == UInt8(ascii: ":") else {
                throw RESPError(.malformedValue, "a verbatim string without its format")
            }
            try self.add(.verbatimString(self.position + 4..<end))
        }
        self.position = end + 2
        self.bulk = nil
    }

    // MARK: Aggregates

    /// Opens an aggregate; whether it is complete because it is empty.
    private mutating func openAggregate(
        _ type: UInt8, _ bytes: UnsafeRawBufferPointer, _ line: Range<Int>
    ) throws(RESPError) -> Bool {
        guard let count = try Self.length(bytes, line, nullable: type == UInt8(ascii: "*")) else {
            try self.add(.null)
            return true
        }
        let isPaired = type == UInt8(ascii: "%") || type == UInt8(ascii: "|")
        guard count <= self.limits.maximumElements / (isPaired ? 2 : 1) else {
            throw RESPError(.limitExceeded, "an aggregate of \(count) elements")
        }
        guard self.open.count < self.limits.maximumDepth else {
            throw RESPError(.limitExceeded, "aggregates more than \(self.limits.maximumDepth) deep")
        }
        var role = Aggregate.Role.value
        let start = self.nodes.count
        switch type {
        case UInt8(ascii: "*"): try self.add(.array(count))
        case UInt8(ascii: "~"): try self.add(.set(count))
        case UInt8(ascii: "%"): try self.add(.map(count))
        case UInt8(ascii: "|"):
            // Counted, so that a server cannot send attributes without end.
            try self.count()
            role = .attribute
        default:
            if !self.open.isEmpty { role = .innerPush }
            try self.add(.push(count))
        }
        self.open.append(Aggregate(role: role, missing: isPaired ? 2 * count : count, start: start))
        guard count == 0 else { return false }
        return self.closeLast()
    }

    /// A value is complete: counts it for the aggregates it ends. Whether the reply is complete.
    private mutating func closeAggregates() -> Bool {
        while let last = self.open.indices.last {
            self.open[last].missing -= 1
            guard self.open[last].missing == 0 else { return false }
            guard self.closeLast() else { return false }
        }
        return true
    }

    /// Closes the innermost aggregate; whether it is a value, and not something that stands beside values.
    private mutating func closeLast() -> Bool {
        guard let closed = self.open.popLast() else { return false }
        switch closed.role {
        case .value:
            return true
        case .attribute:
            self.nodes.removeSubrange(closed.start...)
            return false
        case .innerPush:
            self.pushes.append(Array(self.nodes[closed.start...]))
            self.nodes.removeSubrange(closed.start...)
            return false
        }
    }

    // MARK: The reply

    private mutating func add(_ node: RESPNode) throws(RESPError) {
        try self.count()
        if self.open.isEmpty {
            self.head = node
        } else {
            self.nodes.append(node)
        }
    }

    private mutating func count() throws(RESPError) {
        self.elements += 1
        guard self.elements <= self.limits.maximumElements else {
            throw RESPError(.limitExceeded, "a reply of more than \(self.limits.maximumElements) values")
        }
    }

    private func checkLength(_ length: Int) throws(RESPError) {
        guard length <= self.limits.maximumReplyLength else {
            throw RESPError(.limitExceeded, "a reply of more than \(self.limits.maximumReplyLength) bytes")
        }
    }

    /// The reply, after which the parser is at the start of the next.
    private mutating func finish() -> RESPReply {
        let reply = RESPReply(head: self.head, elements: self.nodes, pushes: self.pushes, length: self.position)
        // Most replies are scalars, for which no array is made.
        if !self.nodes.isEmpty { self.nodes = [] }
        if !self.pushes.isEmpty { self.pushes = [] }
        self.elements = 0
        self.position = 0
        self.searched = 0
        return reply
    }
}
