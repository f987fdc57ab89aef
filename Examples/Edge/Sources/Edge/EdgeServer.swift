// SPDX-License-Identifier: Apache-2.0

import LarderHTTP
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import NIOPosix

/// Listens, and has each connection served.
final class EdgeServer: Sendable {
    /// Where it listens.
    let port: Int

    private typealias Listener = NIOAsyncChannel<EdgeConnection.Wire, Never>

    private let listener: any Channel
    private let connections = EdgeConnections()
    private let task: Task<Void, Never>

    /// Starts a server.
    ///
    /// - Parameters:
    ///   - http: What it caches in.
    ///   - origin: Where it passes requests on to.
    ///   - address: Where to listen; port 0 for any that is free.
    ///   - accessLog: Takes a line for each request.
    init(
        _ http: HTTPCache, origin: OriginConnector, listeningOn address: HostPort,
        accessLog: (@Sendable (String) -> Void)? = nil
    ) async throws {
        let listener: Listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.backlog, value: 1_024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
            .bind(host: address.host, port: address.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    var encoder = HTTPResponseEncoder.Configuration()
                    encoder.automaticallySetFramingHeaders = false
                    // Requests are taken one after the other as it is, what is none in its turn; that a client goes is to be heard
                    // while one is answered.
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(
                        withPipeliningAssistance: false, withErrorHandling: false, withEncoderConfiguration: encoder)
                    return try EdgeConnection.Wire(
                        wrappingChannelSynchronously: channel,
                        configuration: .init(isOutboundHalfClosureEnabled: true))
                }
            }
        self.listener = listener.channel
        self.port = listener.channel.localAddress?.port ?? address.port
        self.task = Task { [connections] in
            try? await listener.executeThenClose { inbound in
                await withDiscardingTaskGroup { group in
                    do {
                        for try await wire in inbound {
                            group.addTask {
                                await EdgeConnection(
                                    wire: wire, http: http, origin: origin, connections: connections,
                                    accessLog: accessLog
                                ).serve()
                            }
                        }
                    } catch {
                        // It listens no more; those who are connected are served to their end.
                    }
                }
            }
        }
    }

    /// Takes no more connections, and lets requests that are under way end.
    ///
    /// - Parameter grace: How long they may take.
    func stop(within grace: Duration) async {
        try? await self.listener.close()
        self.connections.closeIdle()
        let deadline = Task {
            try await Task.sleep(for: grace)
            self.connections.closeAll()
            self.task.cancel()
        }
        await self.task.value
        deadline.cancel()
    }
}

/// The connections there are, and which of them have nothing to do.
final class EdgeConnections: Sendable {
    private struct State {
        var isStopping = false
        var channels: [ObjectIdentifier: (channel: any Channel, isIdle: Bool)] = [:]
    }

    private let state = NIOLockedValueBox(State())

    /// Whether connections are to end with their request.
    var isStopping: Bool { self.state.withLockedValue { $0.isStopping } }

    /// Notes that a connection has something to do, or nothing.
    func note(_ channel: any Channel, isIdle: Bool) {
        let closes = self.state.withLockedValue { state in
            state.channels[ObjectIdentifier(channel)] = (channel, isIdle)
            return state.isStopping && isIdle
        }
        if closes { channel.close(mode: .output, promise: nil) }
    }

    func remove(_ channel: any Channel) {
        self.state.withLockedValue { $0.channels[ObjectIdentifier(channel)] = nil }
    }

    func closeIdle() {
        let idle = self.state.withLockedValue { state in
            state.isStopping = true
            return state.channels.values.filter(\.isIdle).map(\.channel)
        }
        // What they were sent last may be on its way.
        for channel in idle { channel.close(mode: .output, promise: nil) }
    }

    func closeAll() {
        for (channel, _) in self.state.withLockedValue({ Array($0.channels.values) }) { channel.close(promise: nil) }
    }
}
