// SPDX-License-Identifier: Apache-2.0

import DequeModule
import NIOCore
import RedisRESP

/// Turns what arrives on a connection into replies and pushes, in wire order.
struct ReplyStream {
    enum Element {
        case reply(RedisReply)
        case push(RedisReply)
    }

    private var parser: RESPParser
    private var unread = ByteBuffer()
    /// Whether what was given out holds the storage of `unread`.
    private var isShared = false
    /// What is complete and was not given out: that which stood inside a reply, and the reply itself.
    private var complete: Deque<Element> = []

    init(limits: RESPLimits) {
        var limits = limits
        // What a buffer can hold, and what can be read without running out of stack.
        limits.maximumReplyLength = min(limits.maximumReplyLength, 1 << 31)
        limits.maximumDepth = min(limits.maximumDepth, 128)
        self.parser = RESPParser(limits: limits)
    }

    /// Takes in bytes, and gives what they complete.
    ///
    /// - Parameter body: Is given one after the other; returns false to have no more.
    /// - Throws: `RESPError`, after which what follows means nothing; what came before was given.
    mutating func receive(_ bytes: ByteBuffer, _ body: (Element) -> Bool) throws(RESPError) {
        self.append(bytes)
        while let element = try self.next(), body(element) {}
    }

    private mutating func append(_ bytes: ByteBuffer) {
        if self.unread.readableBytes == 0 {
            self.unread = bytes
        } else {
            // Appending to shared storage would copy the whole of it, and keep what was given out.
            if self.isShared { self.unread = ByteBuffer(bytes: self.unread.readableBytesView) }
            self.unread.writeImmutableBuffer(bytes)
        }
        self.isShared = false
    }

    /// What comes next, once it is complete.
    private mutating func next() throws(RESPError) -> Element? {
        if let element = self.complete.popFirst() { return element }
        guard self.unread.readableBytes > 0 else { return nil }
        // A method that is generic over its error would lose the parser's.
        let result = self.unread.withUnsafeReadableBytes { bytes in
            Result { () throws(RESPError) in try self.parser.parse(bytes) }
        }
        guard let reply = try result.get(), let slice = self.unread.readSlice(length: reply.length) else { return nil }
        self.isShared = true
        let whole = RedisReply(bytes: slice, head: reply.head, elements: reply.elements)
        let element = reply.isPush ? Element.push(whole) : .reply(whole)
        guard !reply.pushes.isEmpty else { return element }
        // A push that stood inside a reply was sent before the reply was complete.
        for nodes in reply.pushes {
            guard let head = nodes.first else { continue }
            self.complete.append(.push(RedisReply(bytes: slice, head: head, elements: Array(nodes.dropFirst()))))
        }
        self.complete.append(element)
        return self.complete.popFirst()
    }
}
