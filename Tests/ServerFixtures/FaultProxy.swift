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
        var target: Int
        var fault = Fault.none
        /// What clients send is kept back, also after they have gone.
        var holdsRequests = false
        var roundTrips = 0
        var connections = 0
        var links: [ObjectIdentifier: Link] = [:]
    }

    /// Starts a proxy to a server on the loopback interface.
    public init(to port: Int) async throws {
        let state = NIOLockedValueBox(State(target: port))
        self.state = state
        let group = MultiThreadedEventLoopGroup.singleton.next()
        self.channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { client in
                ClientBootstrap(group: client.eventLoop)
                    .connect(host: "127.0.0.1", port: state.withLockedValue { $0.target })
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

    /// Leads connections that are made from now on to another server.
    public func redirect(to port: Int) {
        self.state.withLockedValue { $0.target = port }
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
            var released = 0
            var clientEnded = false
            var clientSpeaks = false
            var passed = 0
            /// From then on nothing passes, also what arrives before the sockets are closed.
            var isClosed = false
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
            let isClosed = self.held.withLockedValue { held in
                held.clientSpeaks = false
                return held.isClosed
            }
            if isClosed { return }
            switch self.state.withLockedValue({ $0.fault }) {
            case .none:
                self.hold(bytes)
                self.release()
            case .hang:
                self.hold(bytes)
            case .delay(let duration):
                let end = self.hold(bytes)
                self.client.eventLoop.scheduleTask(in: TimeAmount(duration)) { self.release(upTo: end) }
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

        /// Puts replies behind those that have not passed yet, and says where they end in the stream.
        @discardableResult private func hold(_ bytes: ByteBuffer) -> Int {
            self.held.withLockedValue { held in
                held.replies.writeImmutableBuffer(bytes)
                return held.released + held.replies.readableBytes
            }
        }

        /// Lets replies pass in the order in which they came, whatever the faults were in between.
        private func release(upTo end: Int = .max) {
            let replies = self.held.withLockedValue { held in
                let length = min(max(end - held.released, 0), held.replies.readableBytes)
                held.released += length
                return held.replies.readSlice(length: length)
            }
            if let replies, replies.readableBytes > 0 { self.client.writeAndFlush(replies, promise: nil) }
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
                if case .hang = fault {} else { self.release() }
                let (requests, clientEnded) = self.held.withLockedValue { held in
                    var taken = (ByteBuffer(), held.clientEnded)
                    if !holds { swap(&taken.0, &held.requests) }
                    return taken
                }
                if requests.readableBytes > 0 {
                    self.server.writeAndFlush(requests).whenComplete { _ in
                        if clientEnded { self.server.close(mode: .output, promise: nil) }
                    }
                }
            }
        }

        func close() {
            self.held.withLockedValue { $0.isClosed = true }
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
