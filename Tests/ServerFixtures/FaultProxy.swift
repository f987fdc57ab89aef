// SPDX-License-Identifier: Apache-2.0

import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

/// A proxy between a client and a server that does harm on demand, and counts.
public final class FaultProxy: Sendable {
    /// What happens to the server's replies.
    public enum Fault: Sendable {
        /// They pass.
        case none
        /// They are held until another fault is set, and then go on.
        case hang
        /// They come this much later.
        case delay(Duration)
        /// They come byte by byte.
        case trickle
        /// So many bytes pass, then both connections are closed.
        case cut(after: Int)
        /// The client sees the end of the stream, but the connection stays open.
        case halfClose
        /// These bytes come in their place, once for each piece that the server sends.
        case replace([UInt8])
    }

    /// How often a client sent something after it had received something, over all connections.
    public var roundTrips: Int { self.state.withLockedValue { $0.roundTrips } }

    /// How many connections were made.
    public var connections: Int { self.state.withLockedValue { $0.connections } }

    /// The port that clients connect to.
    public var port: Int { self.channel.localAddress?.port ?? 0 }

    private let channel: any Channel
    private let state: NIOLockedValueBox<State>

    fileprivate struct State {
        var fault = Fault.none
        /// What clients send is kept back, also after they have gone.
        var holdsRequests = false
        var roundTrips = 0
        var connections = 0
        var links: [ObjectIdentifier: Link] = [:]
    }

    /// Starts a proxy to a server on the loopback interface.
    public init(to port: Int) async throws {
        let state = NIOLockedValueBox(State())
        self.state = state
        let group = MultiThreadedEventLoopGroup.singleton.next()
        self.channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { client in
                ClientBootstrap(group: client.eventLoop)
                    .connect(host: "127.0.0.1", port: port)
                    .flatMapThrowing { server in
                        let link = Link(client: client, server: server, state: state)
                        state.withLockedValue {
                            $0.connections += 1
                            $0.links[ObjectIdentifier(link)] = link
                        }
                        try client.pipeline.syncOperations.addHandler(
                            Ear {
                                link.fromClient($0)
                            } onEnd: {
                                link.clientEnded()
                            })
                        try server.pipeline.syncOperations.addHandler(
                            Ear {
                                link.fromServer($0)
                            } onEnd: {
                                link.serverEnded()
                            })
                    }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    deinit {
        self.channel.close(promise: nil)
        for link in self.state.withLockedValue({ $0.links.values }) { link.close() }
    }

    /// Does harm to all replies from now on.
    public func set(_ fault: Fault) {
        let links = self.state.withLockedValue { state in
            state.fault = fault
            return Array(state.links.values)
        }
        for link in links { link.faultChanged() }
    }

    /// Keeps back what clients send, also when their connection ends; or lets it go on to the server.
    public func holdRequests(_ holds: Bool) {
        let links = self.state.withLockedValue { state in
            state.holdsRequests = holds
            return Array(state.links.values)
        }
        for link in links { link.faultChanged() }
    }

    /// Closes all connections.
    public func closeAll() {
        for link in self.state.withLockedValue({ $0.links.values }) { link.close() }
    }

    /// Begins to count anew.
    public func resetCount() {
        self.state.withLockedValue { $0.roundTrips = 0 }
    }

    /// A client's connection with that to the server; all its work is on one event loop.
    fileprivate final class Link: Sendable {
        private struct Held {
            var requests = ByteBuffer()
            var replies = ByteBuffer()
            var clientEnded = false
            var clientSpeaks = false
            var passed = 0
        }
        private let client: any Channel
        private let server: any Channel
        private let state: NIOLockedValueBox<State>
        private let held = NIOLockedValueBox(Held())

        init(client: any Channel, server: any Channel, state: NIOLockedValueBox<State>) {
            self.client = client
            self.server = server
            self.state = state
        }

        func fromClient(_ bytes: ByteBuffer) {
            let isTurn = self.held.withLockedValue { held in
                defer { held.clientSpeaks = true }
                return !held.clientSpeaks
            }
            let holds = self.state.withLockedValue { state in
                if isTurn { state.roundTrips += 1 }
                return state.holdsRequests
            }
            if holds {
                self.held.withLockedValue { _ = $0.requests.writeImmutableBuffer(bytes) }
            } else {
                self.server.writeAndFlush(bytes, promise: nil)
            }
        }

        func fromServer(_ bytes: ByteBuffer) {
            self.held.withLockedValue { $0.clientSpeaks = false }
            switch self.state.withLockedValue({ $0.fault }) {
            case .none:
                self.client.writeAndFlush(bytes, promise: nil)
            case .hang:
                self.held.withLockedValue { _ = $0.replies.writeImmutableBuffer(bytes) }
            case .delay(let duration):
                self.client.eventLoop.scheduleTask(in: TimeAmount(duration)) {
                    self.client.writeAndFlush(bytes, promise: nil)
                }
            case .trickle:
                for byte in bytes.readableBytesView {
                    self.client.writeAndFlush(ByteBuffer(bytes: [byte]), promise: nil)
                }
            case .cut(let limit):
                let passed = self.held.withLockedValue { held in
                    defer { held.passed += bytes.readableBytes }
                    return held.passed
                }
                let rest = max(limit - passed, 0)
                if let part = bytes.getSlice(at: bytes.readerIndex, length: min(rest, bytes.readableBytes)) {
                    self.client.writeAndFlush(part, promise: nil)
                }
                if bytes.readableBytes >= rest { self.close() }
            case .halfClose:
                self.client.close(mode: .output, promise: nil)
            case .replace(let other):
                self.client.writeAndFlush(ByteBuffer(bytes: other), promise: nil)
            }
        }

        func clientEnded() {
            let isHolding = self.state.withLockedValue { $0.holdsRequests }
            self.held.withLockedValue { $0.clientEnded = true }
            if !isHolding { self.close() }
        }

        func serverEnded() {
            self.close()
        }

        func faultChanged() {
            self.client.eventLoop.execute {
                let (fault, holds) = self.state.withLockedValue { ($0.fault, $0.holdsRequests) }
                let (requests, replies, clientEnded) = self.held.withLockedValue { held in
                    var taken = (ByteBuffer(), ByteBuffer(), held.clientEnded)
                    if !holds { swap(&taken.0, &held.requests) }
                    if case .hang = fault { return taken }
                    swap(&taken.1, &held.replies)
                    return taken
                }
                if replies.readableBytes > 0 { self.client.writeAndFlush(replies, promise: nil) }
                if requests.readableBytes > 0 {
                    self.server.writeAndFlush(requests).whenComplete { _ in
                        if clientEnded { self.server.close(mode: .output, promise: nil) }
                    }
                }
            }
        }

        func close() {
            self.client.close(promise: nil)
            self.server.close(promise: nil)
            self.state.withLockedValue { $0.links[ObjectIdentifier(self)] = nil }
        }
    }

    private final class Ear: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let hear: (ByteBuffer) -> Void
        private let onEnd: () -> Void

        init(_ hear: @escaping (ByteBuffer) -> Void, onEnd: @escaping () -> Void) {
            self.hear = hear
            self.onEnd = onEnd
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            self.hear(self.unwrapInboundIn(data))
        }

        func channelInactive(context: ChannelHandlerContext) {
            self.onEnd()
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            self.onEnd()
        }
    }
}
