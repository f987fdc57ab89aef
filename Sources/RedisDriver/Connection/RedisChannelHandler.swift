// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RedisRESP

/// Between the channel and its connection: bytes in, replies and pushes out.
final class RedisChannelHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let connection: RedisConnection
    private var stream: ReplyStream
    /// Of several addresses of a server the first one that answers is spoken to.
    private var isChosen = false

    init(connection: RedisConnection, limits: RESPLimits) {
        self.connection = connection
        self.stream = ReplyStream(limits: limits)
    }

    func channelActive(context: ChannelHandlerContext) {
        self.isChosen = self.connection.channelActive(context.channel)
        if !self.isChosen { context.close(promise: nil) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard self.isChosen else { return }
        var answered = 0
        var failure: RESPError?
        do {
            try self.stream.receive(self.unwrapInboundIn(data)) { self.connection.receive($0, &answered) }
        } catch {
            failure = error
        }
        if let failure {
            self.connection.fail(
                RedisError(.protocolViolation, "the server sent something that is not RESP", cause: failure))
        }
        self.connection.finishReading(answered)
    }

    func channelInactive(context: ChannelHandlerContext) {
        guard self.isChosen else { return }
        self.connection.fail(RedisError(.connectionClosed, "the server closed the connection"))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard self.isChosen else { return context.close(promise: nil) }
        self.connection.fail(RedisError(.connectionClosed, "the connection broke", cause: error))
    }
}
