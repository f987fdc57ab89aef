// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RedisRESP

/// Between the channel and its connection: bytes in, replies and pushes out.
final class RedisChannelHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let connection: RedisConnection
    private var stream: ReplyStream

    init(connection: RedisConnection, limits: RESPLimits) {
        self.connection = connection
        self.stream = ReplyStream(limits: limits)
    }

    func channelActive(context: ChannelHandlerContext) {
        self.connection.channelActive(context.channel)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
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
        self.connection.fail(RedisError(.connectionClosed, "the server closed the connection"))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.connection.fail(RedisError(.connectionClosed, "the connection broke", cause: error))
    }
}
