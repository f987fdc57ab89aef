// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix

/// A server that answers whatever a test wants: each command that a client sends is given to a function, and what it
/// returns is sent back.
public final class ScriptedServer: Sendable {
    private let channel: any Channel

    /// The port it listens on.
    public var port: Int { self.channel.localAddress?.port ?? 0 }

    /// Starts a server.
    ///
    /// - Parameter answer: Gets a command as it arrived, which must be without asterisks.
    public init(_ answer: @escaping @Sendable (String) -> [UInt8]) async throws {
        self.channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Answerer(answer))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    deinit {
        self.channel.close(promise: nil)
    }

    /// What a server of version 7 answers to the greeting of a client.
    public static let greeting = Array(
        "%4\r\n$5\r\nproto\r\n:3\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$5\r\n7.0.0\r\n$4\r\nrole\r\n$6\r\nmaster\r\n"
            .utf8)

    private final class Answerer: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let answer: @Sendable (String) -> [UInt8]

        init(_ answer: @escaping @Sendable (String) -> [UInt8]) {
            self.answer = answer
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            // Each begins with an asterisk.
            for command in String(buffer: self.unwrapInboundIn(data)).split(separator: "*") {
                let bytes = self.answer(String(command))
                context.writeAndFlush(self.wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
            }
        }
    }
}
