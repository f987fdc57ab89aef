// SPDX-License-Identifier: Apache-2.0

import AsyncAlgorithms
import HTTPTypes
import LarderHTTP
import NIOCore
import NIOHTTP1
import NIOPosix

/// Asks the origin, over a connection of its own for each request: once, and whatever comes is passed on as it is.
struct OriginConnector: Sendable {
    /// Why there is no answer.
    enum Failure: Error {
        /// There is no connection, or it ended before an answer.
        case unreachable
        /// There was no answer in time.
        case slow
    }

    /// A body on its way to the origin, piece by piece.
    typealias Body = AsyncThrowingChannel<ByteBuffer, any Error>

    let host: String
    let port: Int
    /// How long a connection may take, and how long it may be silent while something is waited for.
    var connectTimeout = Duration.seconds(5)
    var idleLimit = Duration.seconds(60)

    private typealias Connection = NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>

    /// Asks.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - length: How long its body is.
    ///   - body: Its body.
    ///   - interim: Takes answers of 1xx that come before the real one.
    func answer(
        _ request: HTTPRequest, length: BodyLength = .none, body: Body? = nil,
        interim: @escaping @Sendable (HTTPResponseHead) -> Void = { _ in }
    ) async throws -> HTTPAnswer {
        let connection: Connection
        do {
            connection = try await self.connect()
        } catch {
            throw Failure.unreachable
        }
        let head = HTTPRequestHead(request, host: "\(self.host):\(self.port)", body: length)
        let content = OriginContent(isHead: request.method == .head)
        let limit = IdleLimit(connection.channel, self.idleLimit) { content.fail(Failure.slow) }
        content.task = Task {
            do {
                try await connection.executeThenClose { inbound, outbound in
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        limit.begin()
                        group.addTask {
                            do {
                                try await outbound.write(.head(head))
                                if let body {
                                    for try await piece in body {
                                        try await outbound.write(.body(.byteBuffer(piece)))
                                        limit.extend()
                                    }
                                }
                                // What is not whole must not look as if it were.
                                try Task.checkCancellation()
                                try await outbound.write(.end(nil))
                            } catch {
                                try await connection.channel.close()
                            }
                        }
                        for try await part in inbound {
                            // What takes its time from here on is whoever reads.
                            limit.end()
                            switch part {
                            case .head(let head)
                            where (100..<200).contains(head.status.code) && head.status.code != 101:
                                interim(head)
                            // Nobody asked for another protocol.
                            case .head(let head) where head.status.code < 200: throw Failure.unreachable
                            case .head(let head): content.begin(head)
                            case .body(let piece): await content.pipe.send(piece)
                            case .end:
                                content.pipe.finish()
                                group.cancelAll()
                                return
                            }
                            limit.begin()
                        }
                        throw Failure.unreachable
                    }
                }
            } catch {}
            limit.end()
            // Whoever still sends is not heard any more.
            body?.fail(CancellationError())
            content.fail(Failure.unreachable)
        }
        return try await content.answer()
    }

    private func connect() async throws -> Connection {
        try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connectTimeout(TimeAmount(self.connectTimeout))
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .connect(host: self.host, port: self.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handlers = channel.pipeline.syncOperations
                    try handlers.addHandler(HTTPRequestEncoder(configuration: .asItIs))
                    try handlers.addHandler(
                        ByteToMessageHandler(
                            HTTPResponseDecoder(
                                leftOverBytesStrategy: .dropBytes, informationalResponseStrategy: .forward)))
                    return try Connection(wrappingChannelSynchronously: channel)
                }
            }
    }
}

extension HTTPRequestEncoder.Configuration {
    /// Lengths are as they are given.
    fileprivate static var asItIs: Self {
        var configuration = Self()
        configuration.automaticallySetFramingHeaders = false
        return configuration
    }
}
