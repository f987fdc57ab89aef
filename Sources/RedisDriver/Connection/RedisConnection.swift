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
        /// Resumed exactly once: a waiter is either refused by `send`, or leaves the queue, which gives each out once.
        case task(UnsafeContinuation<Result<Batch, RedisError>, Never>)
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
    let eventLoop: any EventLoop
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
        self.state = NIOLockedValueBox(State(queue: CommandQueue(maximumCommands: configuration.maximumCommands)))
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
            // What one read leaves behind is announced again; asking until nothing is left costs a call for each batch.
            .channelOption(.maxMessagesPerRead, value: 1)
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
        // Before the lock is taken: the event loop needs it too.
        var encoder = RedisCommandEncoder()
        encode(&encoder)
        encoder.finish()
        if let problem = encoder.problem {
            return waiter.resume(.failure(RedisError(.invalidCommand, problem)))
        }
        guard encoder.count > 0 else {
            return waiter.resume(.success(Batch(replies: [], connection: self.id)))
        }
        let now = NIODeadline.now()
        let timeout = TimeAmount(min(timeout, Self.longestTimeout))
        let (refusal, needsWake) = self.state.withLockedValue { state -> (RedisError?, Bool) in
            if case .closed(let error) = state.phase { return (error, false) }
            if state.isDraining { return (RedisError(.clientClosed, "the client was closed"), false) }
            let waiting = state.queue.unsentBytes + state.unwritten
            guard
                !state.queue.isFull(for: encoder.count),
                waiting == 0 || waiting + encoder.bytes.buffer.readableBytes <= self.configuration.maximumQueuedBytes
            else { return (RedisError(.overloaded, "too many commands are under way"), false) }
            state.queue.append(
                waiter, ticket: ticket, bytes: encoder.bytes.buffer, replies: encoder.count, now: now,
                timeout: timeout)
            defer { state.isWakeScheduled = true }
            return (nil, !state.isWakeScheduled)
        }
        if let refusal { waiter.resume(.failure(refusal)) }
        if needsWake { self.eventLoop.execute { self.wake() } }
    }

    /// Far enough away that nothing overflows.
    private static let longestTimeout = Duration.seconds(365 * 86_400)

    /// The waiter of a ticket gives up; the replies, when they come, go nowhere.
    func abandon(_ ticket: UInt64, _ error: RedisError) {
        guard let (waiter, wasSent) = self.state.withLockedValue({ $0.queue.abandon(ticket) }) else { return }
        waiter.resume(.failure(error.forCommand(sent: wasSent)))
    }

    /// Sends what was queued since the last turn of the loop, in one write.
    private func wake() {
        let (channel, pieces) = self.state.withLockedValue { state -> ((any Channel)?, [ByteBuffer]) in
            state.isWakeScheduled = false
            guard case .ready(let channel) = state.phase, state.queue.unsentBytes > 0 else {
                self.setTimer(&state)
                return (nil, [])
            }
            state.unwritten += state.queue.unsentBytes
            let pieces = state.queue.send(at: .now())
            self.setTimer(&state)
            return (channel, pieces)
        }
        guard let channel, var bytes = pieces.first else { return }
        if pieces.count > 1 {
            bytes.reserveCapacity(pieces.reduce(0) { $0 + $1.readableBytes })
            for piece in pieces.dropFirst() { bytes.writeImmutableBuffer(piece) }
        }
        let count = bytes.readableBytes
        channel.writeAndFlush(bytes).whenComplete { _ in
            self.state.withLockedValue { $0.unwritten -= count }
        }
    }

    // MARK: Time

    /// When the connection is given up unless something arrives; nil while nothing is awaited.
    private func stallDeadline(_ state: State) -> NIODeadline? {
        guard case .ready = state.phase, let (since, timeout) = state.queue.awaited else { return nil }
        let usual = TimeAmount(min(self.configuration.commandTimeout, Self.longestTimeout))
        let patience =
            self.configuration.stallTimeout.map { TimeAmount(min($0, Self.longestTimeout)) } ?? max(timeout, usual) * 2
        // A reply that never ends is no better than none, though bytes of it arrive.
        return min(max(since, state.lastArrival) + patience, since + patience * Self.longestReply)
    }

    /// How many times as long as for a first byte to wait for the last one.
    private static let longestReply: Int64 = 10

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
        let (expired, stalled) = self.state.withLockedValue { state -> ([(Waiter, Bool)], NIODeadline?) in
            state.timer = nil
            let expired = state.queue.expire(at: now)
            let isStalled = self.stallDeadline(state).map { $0 <= now } ?? false
            if !isStalled { self.setTimer(&state) }
            return (expired, isStalled ? state.queue.awaited?.since : nil)
        }
        for (waiter, wasSent) in expired {
            waiter.resume(.failure(RedisError(.timedOut, "no reply in time", mayHaveRun: wasSent)))
        }
        guard let stalled else { return }
        // The loop may have been busy, and the reply may be there: it gets a turn to read it.
        self.eventLoop.scheduleTask(in: Self.lastChance) {
            let isStalled = self.state.withLockedValue { state in
                defer { self.setTimer(&state) }
                return state.queue.awaited?.since == stalled && self.stallDeadline(state).map { $0 <= .now() } ?? false
            }
            if isStalled { self.fail(RedisError(.connectionClosed, "\(self.address) has fallen silent")) }
        }
    }

    private static let lastChance = TimeAmount.milliseconds(10)

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

    /// What is to be done when the lock is given back, in wire order.
    private enum Action {
        case push(RedisReply)
        case answer(Waiter, [RedisReply])
        case ready(RedisServerInfo)
        case fail(RedisError)
    }

    func receive(_ elements: [ReplyStream.Element]) {
        var actions: [Action] = []
        actions.reserveCapacity(elements.count)
        let isDrained = self.state.withLockedValue { state in
            state.lastArrival = .now()
            for element in elements {
                switch element {
                case .push(let push) where !push.isConfirmation:
                    actions.append(.push(push))
                case .push(let reply), .reply(let reply):
                    self.take(reply, &state, &actions)
                }
                // What comes behind a failure means nothing.
                if case .fail? = actions.last { break }
            }
            return state.isDraining && state.queue.isIdle
        }
        for action in actions {
            switch action {
            case .push(let push):
                if let value = try? push.value() { self.observer.onPush(value) }
            case .answer(let waiter, let replies):
                waiter.resume(.success(Batch(replies: replies, connection: self.id)))
            case .ready(let info):
                self.observer.onReady(info)
                self.wake()
            case .fail(let error):
                return self.fail(error)
            }
        }
        if isDrained { self.closeIfDrained() }
    }

    private func take(_ reply: RedisReply, _ state: inout State, _ actions: inout [Action]) {
        switch state.phase {
        case .greeting(let channel, var handshake):
            switch handshake.receive(reply) {
            case .more:
                state.phase = .greeting(channel, handshake)
            case .failed(let error):
                actions.append(.fail(error))
            case .done(let info):
                state.phase = .ready(channel)
                actions.append(.ready(info))
            }
        case .ready:
            switch state.queue.receive(reply) {
            case .nothing: break
            case .answer(let waiter, let replies): actions.append(.answer(waiter, replies))
            case .unasked: actions.append(.fail(RedisError(.protocolViolation, "a reply that nobody asked for")))
            }
        case .connecting, .closed: break
        }
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
        if self.state.withLockedValue({ $0.isDraining && $0.queue.isIdle }) {
            self.fail(RedisError(.clientClosed, "the client was closed"))
        }
    }

    /// Ends the connection and everything under way on it.
    func fail(_ error: RedisError) {
        let ended = self.state.withLockedValue { state -> ((any Channel)?, RedisError, [(Waiter, Bool)])? in
            var (channel, error): ((any Channel)?, RedisError) = (nil, error)
            switch state.phase {
            case .closed: return nil
            case .connecting: error = error.whileConnecting
            case .greeting(let open, _): (channel, error) = (open, error.whileConnecting)
            case .ready(let open): channel = open
            }
            state.phase = .closed(error)
            state.timer?.scheduled.cancel()
            state.timer = nil
            return (channel, error, state.queue.removeAll())
        }
        guard let (channel, error, waiters) = ended else { return }
        channel?.close(promise: nil)
        // First: whoever is told and sends again gets another connection.
        self.observer.onClose(error)
        for (waiter, wasSent) in waiters { waiter.resume(.failure(error.forCommand(sent: wasSent))) }
        self.closed.succeed()
    }
}
