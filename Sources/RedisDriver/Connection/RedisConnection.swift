// SPDX-License-Identifier: Apache-2.0

import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import NIOSSL
import RedisRESP

/// One connection, shared by all who send on it.
///
/// Commands are written to a common buffer, which goes out once in a turn of the event loop: the more callers, the fewer
/// writes. Everything that arrives is handled on the event loop in wire order.
final class RedisConnection: Sendable {
    typealias Batch = RedisClient.Batch

    /// Who asked: a task that waits, or a function that is called on the event loop, in wire order with pushes.
    enum Waiter: Sendable {
        case task(CheckedContinuation<Result<Batch, RedisError>, Never>)
        case function(@Sendable (Result<Batch, RedisError>) -> Void)

        func resume(_ result: Result<Batch, RedisError>) {
            switch self {
            case .task(let continuation): continuation.resume(returning: result)
            case .function(let function): function(result)
            }
        }
    }

    /// What its owner is told, on the event loop.
    struct Observer: Sendable {
        var onReady: @Sendable (RedisServerInfo) -> Void = { _ in }
        var onPush: @Sendable (RedisValue) -> Void = { _ in }
        /// Called once, whether it was ever ready or not.
        var onClose: @Sendable (RedisError) -> Void = { _ in }
    }

    private enum Phase: Sendable {
        case connecting
        case greeting(any Channel, Handshake)
        case ready(any Channel)
        case closed(RedisError)
    }

    private struct State: Sendable {
        var phase = Phase.connecting
        var queue: CommandQueue<Waiter>
        var outbound = ByteBuffer()
        /// Bytes that the channel has and the socket has not taken.
        var unwritten = 0
        var isWakeScheduled = false
        /// No further commands: close once nothing is under way.
        var isDraining = false
        var lastArrival = NIODeadline.now()
        var timer: (at: NIODeadline, scheduled: Scheduled<Void>)?
    }

    /// Tells this connection from all others of the process.
    let id: UInt64
    private let eventLoop: any EventLoop
    private let configuration: RedisClientConfiguration
    private let observer: Observer
    private let state: NIOLockedValueBox<State>
    private let closed: EventLoopPromise<Void>

    init(id: UInt64, on eventLoop: any EventLoop, _ configuration: RedisClientConfiguration, _ observer: Observer) {
        self.id = id
        self.eventLoop = eventLoop
        self.configuration = configuration
        self.observer = observer
        self.closed = eventLoop.makePromise()
        self.state = NIOLockedValueBox(State(queue: CommandQueue(maximumCount: configuration.maximumCommands)))
    }

    // MARK: Connecting

    /// Connects; commands may be sent before it has.
    func connect(tls: NIOSSLContext?) {
        let timeout = TimeAmount(self.configuration.connectTimeout)
        self.eventLoop.scheduleTask(in: timeout) { self.giveUpUnlessReady() }
        ClientBootstrap(group: self.eventLoop)
            .connectTimeout(timeout)
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .channelOption(.socketOption(.so_keepalive), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        try channel.pipeline.syncOperations.addHandler(self.encryption(tls))
                    }
                    try channel.pipeline.syncOperations.addHandler(
                        RedisChannelHandler(connection: self, limits: self.configuration.replyLimits))
                }
            }
            .connect(host: self.configuration.host, port: self.configuration.port)
            .whenFailure { error in
                self.fail(RedisError(.connectionFailed, "\(self.address) cannot be reached", cause: error))
            }
    }

    private func encryption(_ context: NIOSSLContext) throws -> NIOSSLClientHandler {
        do {
            return try NIOSSLClientHandler(context: context, serverHostname: self.configuration.host)
        } catch let error as NIOSSLExtraError where error == .cannotUseIPAddressInSNI {
            return try NIOSSLClientHandler(context: context, serverHostname: nil)
        }
    }

    private func giveUpUnlessReady() {
        switch self.state.withLockedValue({ $0.phase }) {
        case .connecting, .greeting:
            self.fail(RedisError(.connectionFailed, "\(self.address) did not greet in time"))
        case .ready, .closed: break
        }
    }

    private var address: String { "\(self.configuration.host):\(self.configuration.port)" }

    // MARK: Sending

    /// Sends commands together; their replies come together.
    ///
    /// - Parameters:
    ///   - timeout: How long the waiter waits.
    ///   - ticket: A number by which it can be abandoned.
    ///   - encode: Writes the commands.
    func send(
        _ waiter: Waiter, timeout: Duration, ticket: UInt64, _ encode: (inout RedisCommandEncoder) -> Void
    ) {
        let now = NIODeadline.now()
        let (refusal, needsWake) = self.state.withLockedValue { state -> (RedisError?, Bool) in
            if case .closed(let error) = state.phase { return (error, false) }
            if state.isDraining { return (RedisError(.clientClosed, "the client was closed"), false) }
            let waiting = state.outbound.readableBytes + state.unwritten
            guard !state.queue.isFull, waiting <= self.configuration.maximumQueuedBytes else {
                return (RedisError(.overloaded, "too many commands are under way"), false)
            }
            var encoder = RedisCommandEncoder(appendingTo: state.outbound)
            state.outbound = ByteBuffer()
            encode(&encoder)
            state.outbound = encoder.bytes.buffer
            state.queue.append(
                waiter, ticket: ticket, replies: encoder.count, now: now, deadline: now + TimeAmount(timeout))
            let needsWake = !state.isWakeScheduled
            state.isWakeScheduled = true
            return (nil, needsWake)
        }
        if let refusal { waiter.resume(.failure(refusal)) }
        if needsWake { self.eventLoop.execute { self.wake() } }
    }

    /// The waiter of a ticket gives up; the reply, when it comes, goes nowhere.
    func abandon(_ ticket: UInt64, _ error: RedisError) {
        guard let (waiter, wasSent) = self.state.withLockedValue({ $0.queue.abandon(ticket) }) else { return }
        waiter.resume(.failure(error.forCommand(sent: wasSent)))
    }

    /// Sends what was written since the last turn of the loop.
    private func wake() {
        let (channel, bytes) = self.state.withLockedValue { state -> ((any Channel)?, ByteBuffer) in
            state.isWakeScheduled = false
            self.setTimer(&state)
            guard case .ready(let channel) = state.phase, state.outbound.readableBytes > 0 else {
                return (nil, ByteBuffer())
            }
            let bytes = state.outbound
            state.outbound = ByteBuffer()
            state.unwritten += bytes.readableBytes
            state.queue.markSent()
            return (channel, bytes)
        }
        guard let channel else { return }
        let count = bytes.readableBytes
        channel.writeAndFlush(bytes).whenComplete { _ in
            self.state.withLockedValue { $0.unwritten -= count }
        }
    }

    // MARK: Time

    /// When the connection is given up unless something arrives; nil while nothing is awaited.
    private func stallDeadline(_ state: State) -> NIODeadline? {
        guard case .ready = state.phase, let (queued, timeout) = state.queue.head else { return nil }
        let patience = self.configuration.stallTimeout.map { TimeAmount($0) } ?? timeout * 2
        return max(queued, state.lastArrival) + patience
    }

    /// One timer for all commands: for the first deadline, or for when a silent connection is given up.
    private func setTimer(_ state: inout State) {
        let deadlines = [state.queue.earliestDeadline, self.stallDeadline(state)].compactMap { $0 }
        guard let at = deadlines.min() else { return }
        if let timer = state.timer {
            guard at < timer.at else { return }
            timer.scheduled.cancel()
        }
        state.timer = (at, self.eventLoop.scheduleTask(deadline: at) { self.timerFired() })
    }

    private func timerFired() {
        let now = NIODeadline.now()
        let (expired, isStalled) = self.state.withLockedValue { state -> ([(Waiter, Bool)], Bool) in
            state.timer = nil
            let expired = state.queue.expire(at: now)
            let isStalled = self.stallDeadline(state).map { $0 <= now } ?? false
            self.setTimer(&state)
            return (expired, isStalled)
        }
        for (waiter, wasSent) in expired {
            waiter.resume(.failure(RedisError(.timedOut, "no reply in time", mayHaveRun: wasSent)))
        }
        if isStalled {
            self.fail(RedisError(.connectionClosed, "\(self.address) has fallen silent"))
        }
    }

    // MARK: Receiving, on the event loop

    func channelActive(_ channel: any Channel) {
        let handshake = Handshake(self.configuration)
        let isWanted = self.state.withLockedValue { state in
            guard case .connecting = state.phase else { return false }
            state.phase = .greeting(channel, handshake)
            return true
        }
        if isWanted {
            channel.writeAndFlush(handshake.bytes, promise: nil)
        } else {
            channel.close(promise: nil)
        }
    }

    func receive(_ elements: [ReplyStream.Element]) {
        var actions: [() -> Void] = []
        var failure: RedisError?
        self.state.withLockedValue { state in
            state.lastArrival = .now()
            for element in elements {
                switch element {
                case .push(let push):
                    if let value = try? push.value() {
                        actions.append { self.observer.onPush(value) }
                    }
                case .reply(let reply):
                    failure = self.take(reply, &state, &actions)
                }
                if failure != nil { break }
            }
        }
        for action in actions { action() }
        if let failure {
            self.fail(failure)
        } else {
            self.closeIfDrained()
        }
    }

    private func take(_ reply: RedisReply, _ state: inout State, _ actions: inout [() -> Void]) -> RedisError? {
        switch state.phase {
        case .greeting(let channel, var handshake):
            switch handshake.receive(reply) {
            case .more:
                state.phase = .greeting(channel, handshake)
            case .failed(let error):
                return error
            case .done(let info):
                state.phase = .ready(channel)
                actions.append {
                    self.observer.onReady(info)
                    self.wake()
                }
            }
        case .ready:
            switch state.queue.receive(reply) {
            case .nothing: break
            case .answer(let waiter, let replies):
                let batch = Batch(replies: replies, connection: self.id)
                actions.append { waiter.resume(.success(batch)) }
            case .unasked: return RedisError(.protocolViolation, "a reply that nobody asked for")
            }
        case .connecting, .closed: break
        }
        return nil
    }

    // MARK: Closing

    /// Takes no further commands, and closes when those under way are answered, or when `grace` is over.
    func close(within grace: Duration) -> EventLoopFuture<Void> {
        self.state.withLockedValue { $0.isDraining = true }
        self.eventLoop.execute { self.closeIfDrained() }
        let end = self.eventLoop.scheduleTask(in: TimeAmount(grace)) {
            self.fail(RedisError(.clientClosed, "the client was closed"))
        }
        self.closed.futureResult.whenComplete { _ in end.cancel() }
        return self.closed.futureResult
    }

    private func closeIfDrained() {
        if self.state.withLockedValue({ $0.isDraining && $0.queue.isEmpty }) {
            self.fail(RedisError(.clientClosed, "the client was closed"))
        }
    }

    /// Ends the connection and everything under way on it.
    func fail(_ error: RedisError) {
        let ended = self.state.withLockedValue { state -> ((any Channel)?, [(Waiter, Bool)])? in
            var channel: (any Channel)?
            switch state.phase {
            case .closed: return nil
            case .connecting: break
            case .greeting(let open, _), .ready(let open): channel = open
            }
            state.phase = .closed(error)
            state.timer?.scheduled.cancel()
            state.timer = nil
            state.outbound = ByteBuffer()
            return (channel, state.queue.removeAll())
        }
        guard let (channel, waiters) = ended else { return }
        channel?.close(promise: nil)
        for (waiter, wasSent) in waiters { waiter.resume(.failure(error.forCommand(sent: wasSent))) }
        self.observer.onClose(error)
        self.closed.succeed()
    }
}
