// SPDX-License-Identifier: Apache-2.0

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

    init(limits: RESPLimits) {
        var limits = limits
        // What a buffer can hold, and what can be read without running out of stack.
        limits.maximumReplyLength = min(limits.maximumReplyLength, 1 << 31)
        limits.maximumDepth = min(limits.maximumDepth, 128)
        self.parser = RESPParser(limits: limits)
    }

    /// Takes in bytes, and gives what they complete.
    ///
    /// - Throws: `RESPError`, after which what follows means nothing; what came before is in `elements`.
    mutating func receive(_ bytes: ByteBuffer, into elements: inout [Element]) throws(RESPError) {
        var bytes = bytes
        if self.unread.readableBytes == 0 {
            self.unread = bytes
        } else {
            self.unread.writeBuffer(&bytes)
        }
        var isShared = false
        while self.unread.readableBytes > 0 {
            // A method that is generic over its error would lose the parser's.
            let result = self.unread.withUnsafeReadableBytes { bytes in
                Result { () throws(RESPError) in try self.parser.parse(bytes) }
            }
            guard let reply = try result.get() else { break }
            guard let slice = self.unread.readSlice(length: reply.length) else { break }
            isShared = true
            // A push that stood inside a reply was sent before the reply was complete.
            for nodes in reply.pushes { elements.append(.push(RedisReply(bytes: slice, nodes: nodes))) }
            let whole = RedisReply(bytes: slice, nodes: reply.nodes)
            elements.append(reply.isPush ? .push(whole) : .reply(whole))
        }
        if isShared {
            // The slices hold the storage: what is appended to it from now on would copy the whole.
            self.unread =
                self.unread.readableBytes == 0 ? ByteBuffer() : ByteBuffer(bytes: self.unread.readableBytesView)
        }
    }
}
