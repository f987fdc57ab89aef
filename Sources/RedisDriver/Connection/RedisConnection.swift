// SPDX-License-Identifier: Apache-2.0

import CoreMetrics
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import NIOSSL
import RedisRESP

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// One connection, shared by all who send on it.
///
/// Commands are put into an outbox, which goes out once in a turn of the event loop: the more callers, the fewer
/// writes. Everything else happens on the event loop, what arrives in wire order.
final class RedisConnection: Sendable {
    typealias Batch = RedisClient.Batch
    private typealias Queue = CommandQueue<Waiter>

    /// Who asked: a task that waits, or a function that is called on the event loop, in wire order with pushes.
    ///
    /// Each is told exactly once: it is refused by `send`, or leaves the queue, which gives each out once.
    enum Waiter: Sendable {
        /// For a single command.
        case reply(UnsafeContinuation<Result<RedisReply, RedisError>, Never>)
        case batch(UnsafeContinuation<Result<Batch, RedisError>, Never>)
        /// For a task, and before that for a function on the event loop, in wire order with pushes, which is not told of failures.
        case observedBatch(@Sendable (Batch) -> Void, UnsafeContinuation<Result<Batch, RedisError>, Never>)
        case function(@Sendable (Result<Batch, RedisError>) -> Void)

        func answer(_ reply: RedisReply, connection: UInt64) {
            if case .reply(let continuation) = self {
                continuation.resume(returning: .success(reply))
            } else {
                self.answer(Batch(replies: [reply], connection: connection))
            }
        }

        func answer(_ batch: Batch) {
            switch self {
            // One command has one reply.
            case .reply(let continuation): continuation.resume(returning: .failure(.unexpectedReply(to: "a command")))
            case .batch(let continuation): continuation.resume(returning: .success(batch))
            case .observedBatch(let observe, let continuation):
                observe(batch)
                continuation.resume(returning: .success(batch))
            case .function(let function): function(.success(batch))
            }
        }

        func fail(_ error: RedisError) {
            switch self {
            case .reply(let continuation): continuation.resume(returning: .failure(error))
            case .batch(let continuation), .observedBatch(_, let continuation):
                continuation.resume(returning: .failure(error))
            case .function(let function): function(.failure(error))
            }
        }
    }

    /// What its owner is told, on the event loop.
    struct Observer: Sendable {
        var onReady: @Sendable (RedisServerInfo) -> Void = { _ in }
        var onPush: @Sendable (RedisValue) -> Void = { _ in }
        /// The server answered that it is a replica and takes no writes.
        var onReadOnly: @Sendable () -> Void = {}
        /// Called once, whether it was ever ready or not.
        var onClose: @Sendable (RedisError) -> Void = { _ in }
    }

    private enum Phase {
        case connecting(Handshake?)
        case greeting(any Channel, Handshake)
        case ready(any Channel)
        case closed
    }

    /// What only the event loop touches.
    private struct State {
        var phase = Phase.connecting(nil)
        var queue: Queue
        /// Bytes that the channel has and the socket has not taken.
        var unwritten = 0
        var liveness: Liveness
        var timer: (at: NIODeadline, scheduled: Scheduled<Void>)?
        /// Gives up connecting.
        var connectTimer: Scheduled<Void>?

        /// When the connection is given up unless something arrives; nil while nothing is awaited.
        var stallDeadline: NIODeadline? {
            guard case .ready = self.phase, let (since, timeout) = self.queue.awaited else { return nil }
            return self.liveness.stallDeadline(since: since, timeout: timeout)
        }

        /// When the connection is checked; nil while something is awaited.
        var checkDeadline: NIODeadline? {
            guard case .ready = self.phase, self.queue.awaited == nil else { return nil }
            return self.liveness.checkDeadline
        }

        /// What a reply leads to; nil while the connection is not ready.
        mutating func receive(_ reply: RedisReply) -> Queue.Delivery? {
            guard case .ready = self.phase else { return nil }
            return self.queue.receive(reply)
        }
    }

    /// Tells this connection from all others of the process.
    let id: UInt64
    let eventLoop: any EventLoop
    private let configuration: RedisClientConfiguration
    private let observer: Observer
    private let telemetry: RedisTelemetry?
    private let outbox: NIOLockedValueBox<Outbox<Waiter>>
    private let state: NIOLoopBoundBox<State>
    private let closed: EventLoopPromise<Void>
    private let commandTimeout: TimeAmount

    init(
        id: UInt64, on eventLoop: any EventLoop, _ configuration: RedisClientConfiguration, _ observer: Observer,
        telemetry: RedisTelemetry? = nil
    ) {
        self.id = id
        self.eventLoop = eventLoop
        self.configuration = configuration
        self.observer = observer
        self.telemetry = telemetry
        self.closed = eventLoop.makePromise()
        self.commandTimeout = configuration.commandTimeout.asTimeout
        let waiting = configuration.whenFull.waiting
        self.outbox = NIOLockedValueBox(
            Outbox(
                maximumCommands: min(configuration.maximumCommands, .max / 2) + min(waiting.commands, .max / 2),
                // What one buffer can hold.
                maximumBytes: min(min(configuration.maximumQueuedBytes, 1 << 30) + min(waiting.bytes, 1 << 30), 1 << 30)
            ))
        self.state = .makeBoxSendingValue(
            State(queue: Queue(window: configuration.maximumCommands), liveness: Liveness(configuration)),
            eventLoop: eventLoop)
    }

    // MARK: Connecting

    /// Connects; commands may be sent before it has.
    func connect(to destination: RedisDestination, tls: NIOSSLContext?) {
        let timeout = self.configuration.connectTimeout.asTimeout
        self.eventLoop.execute {
            guard case .connecting = self.state.value.phase else { return }
            self.state.value.connectTimer = self.eventLoop.scheduleTask(in: timeout) {
                self.fail(RedisError(.connectionFailed, "the server did not greet in time"))
            }
        }
        if case .fixed(let address) = destination.kind, self.configuration.credentials == nil {
            // At once, however busy the tasks of the process are.
            let handshake = Handshake(
                self.configuration, self.configuration.fixedCredentials, mustBePrimary: destination.mustBePrimary)
            return self.open(address, handshake, timeout: timeout, tls: tls)
        }
        Task {
            do {
                let address =
                    switch destination.kind {
                    case .fixed(let address): address
                    case .found(let find): try await find()
                    }
                let credentials = try await self.configuration.currentCredentials()
                let handshake = Handshake(
                    self.configuration, credentials, mustBePrimary: destination.mustBePrimary)
                self.open(address, handshake, timeout: timeout, tls: tls)
            } catch {
                let error =
                    error as? RedisError ?? RedisError(.connectionFailed, "there are no credentials", cause: error)
                self.eventLoop.execute { self.fail(error) }
            }
        }
    }

    private func open(
        _ address: RedisAddress, _ handshake: Handshake, timeout: TimeAmount, tls: NIOSSLContext?
    ) {
        self.eventLoop.execute {
            if case .connecting = self.state.value.phase { self.state.value.phase = .connecting(handshake) }
        }
        var bootstrap = ClientBootstrap(group: self.eventLoop)
            .connectTimeout(timeout)
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .channelOption(.socketOption(.so_keepalive), value: 1)
            // What one read leaves behind is announced again; asking until nothing is left costs a call for each batch.
            .channelOption(.maxMessagesPerRead, value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        try channel.pipeline.syncOperations.addHandler(Self.encryption(tls, to: address.host))
                    }
                    try channel.pipeline.syncOperations.addHandler(
                        RedisChannelHandler(connection: self, limits: self.configuration.replyLimits))
                }
            }
        #if os(Linux)
        // Ends a connection whose peer does not even acknowledge what was sent.
        let patience = Liveness(self.configuration).patience(for: .nanoseconds(0)).nanoseconds / 1_000_000
        bootstrap = bootstrap.channelOption(
            .tcpOption(.init(rawValue: TCP_USER_TIMEOUT)), value: max(Int(clamping: patience), 1_000))
        #endif
        bootstrap.connect(host: address.host, port: address.port).whenFailure { error in
            self.fail(RedisError(.connectionFailed, "\(address) cannot be reached", cause: error))
        }
    }

    private static func encryption(_ context: NIOSSLContext, to host: String) throws -> NIOSSLClientHandler {
        do {
            return try NIOSSLClientHandler(context: context, serverHostname: host)
        } catch let error as NIOSSLExtraError where error == .cannotUseIPAddressInSNI {
            return try NIOSSLClientHandler(context: context, serverHostname: nil)
        }
    }

    // MARK: Sending

    /// Sends commands together; their replies come together.
    ///
    /// - Parameters:
    ///   - deadline: Until when the waiter waits.
    ///   - timeout: How long that is.
    ///   - ticket: A number by which it can be abandoned.
    ///   - encode: Writes the commands.
    func send(
        _ waiter: Waiter, deadline: NIODeadline, timeout: TimeAmount, ticket: UInt64,
        _ encode: (inout RedisCommandEncoder) -> Void
    ) {
        RedisCommandEncoder.with { encoder in
            // Before the lock is taken: others need it too.
            encode(&encoder)
            encoder.finish()
            self.send(encoder, for: waiter, deadline: deadline, timeout: timeout, ticket: ticket)
        }
    }

    /// The same with commands that are encoded.
    func send(
        _ encoder: borrowing RedisCommandEncoder, for waiter: Waiter, deadline: NIODeadline, timeout: TimeAmount,
        ticket: UInt64
    ) {
        guard encoder.problem == nil, encoder.count > 0 else {
            let error = RedisError(.invalidCommand, encoder.problem ?? "there is nothing to send")
            return self.refuse(waiter, error)
        }
        let slot = Queue.Slot(
            ticket: ticket, waiter: waiter, length: encoder.length, replies: encoder.count, deadline: deadline,
            timeout: timeout)
        switch self.outbox.withLockedValue({ $0.append(slot, encoder) }) {
        case .refused(let error): self.refuse(waiter, error)
        case .taken(needsWake: true): self.eventLoop.execute { self.wake() }
        case .taken(needsWake: false): break
        }
    }

    private func refuse(_ waiter: Waiter, _ error: RedisError) {
        // A function is called on the event loop, whoever asked.
        if case .function = waiter { self.eventLoop.execute { waiter.fail(error) } } else { waiter.fail(error) }
    }

    /// Sends commands of the client itself, with the usual timeout.
    func send(
        _ encode: (inout RedisCommandEncoder) -> Void,
        then body: @escaping @Sendable (Result<Batch, RedisError>) -> Void
    ) {
        self.send(
            .function(body), deadline: .now() + self.commandTimeout, timeout: self.commandTimeout,
            ticket: CommandTicket.next(), encode)
    }

    /// The waiter of a ticket gives up; the replies, when they come, go nowhere.
    func abandon(_ ticket: UInt64, _ error: RedisError) {
        self.eventLoop.execute {
            // The one who has to wake the loop for it may not have come to that yet.
            self.takeIn()
            if let abandoned = self.state.value.queue.abandon(ticket) { self.giveUp(abandoned, error) }
        }
    }

    private func giveUp(_ abandoned: Queue.Abandoned, _ error: RedisError) {
        if abandoned.wasSent {
            self.telemetry?.abandoned.increment()
        } else {
            self.outbox.withLockedValue { outbox in
                outbox.answered(abandoned.replies)
                outbox.written(abandoned.length)
            }
        }
        abandoned.waiter.fail(error.forCommand(sent: abandoned.wasSent))
        self.closeIfDrained()
    }

    /// Whether it is open and every reply has come.
    var isSettled: Bool { self.outbox.withLockedValue { $0.isSettled } }

    /// Sends what was handed in since the last turn of the loop, in one write.
    private func wake() {
        self.takeIn()
        self.sendWhatHasRoom()
        self.setTimer()
    }

    private func takeIn() {
        let (handedIn, unwritten) = self.outbox.withLockedValue { ($0.take(), $0.unwritten) }
        self.telemetry?.queuedBytes.set(unwritten)
        if let (slots, bytes) = handedIn { self.state.value.queue.append(slots, bytes) }
    }

    private func sendWhatHasRoom() {
        let limit = max(self.configuration.maximumQueuedBytes, 1)
        let sending = self.state.withValue { state -> (any Channel, ByteBuffer)? in
            guard case .ready(let channel) = state.phase, state.unwritten < limit,
                let bytes = state.queue.send(at: .now(), upTo: limit - state.unwritten)
            else { return nil }
            state.unwritten += bytes.readableBytes
            return (channel, bytes)
        }
        guard let (channel, bytes) = sending else { return }
        let count = bytes.readableBytes
        channel.writeAndFlush(bytes).assumeIsolated().whenComplete { _ in
            self.outbox.withLockedValue { $0.written(count) }
            let canSend = self.state.withValue { state in
                state.unwritten -= count
                return state.queue.canSend
            }
            if canSend { self.sendWhatHasRoom() }
        }
    }

    // MARK: Time

    /// One timer for all commands: for the earliest deadline, for when a silent connection is given up, or checked.
    private func setTimer() {
        let at = self.state.withValue { state -> NIODeadline? in
            let deadlines = (state.queue.earliestDeadline, state.stallDeadline ?? state.checkDeadline)
            guard let at = deadlines.0.map({ min($0, deadlines.1 ?? $0) }) ?? deadlines.1 else { return nil }
            if let timer = state.timer {
                guard at < timer.at else { return nil }
                timer.scheduled.cancel()
            }
            return at
        }
        guard let at else { return }
        let scheduled = self.eventLoop.scheduleTask(deadline: at) { self.timerFired() }
        self.state.value.timer = (at, scheduled)
    }

    private func timerFired() {
        let now = NIODeadline.now()
        self.state.value.timer = nil
        for abandoned in self.state.value.queue.expire(at: now) {
            self.giveUp(abandoned, RedisError(.timedOut, "no reply in time"))
        }
        if let stall = self.state.value.stallDeadline, stall <= now,
            let stalled = self.state.value.queue.awaited?.since
        {
            // The loop may have been busy, and the reply may be there: it gets a turn to read it.
            self.eventLoop.scheduleTask(in: Self.lastChance) { self.giveUp(ifStalledSince: stalled) }
            return
        }
        if let check = self.state.value.checkDeadline, check <= now {
            return self.send({ PING().encode(into: &$0) }, then: { _ in })
        }
        self.setTimer()
    }

    private func giveUp(ifStalledSince since: NIODeadline) {
        if self.state.value.queue.awaited?.since == since, let stall = self.state.value.stallDeadline, stall <= .now() {
            self.fail(RedisError(.connectionClosed, "the server has fallen silent"))
        } else {
            self.setTimer()
        }
    }

    private static let lastChance = TimeAmount.milliseconds(10)

    // MARK: Receiving, on the event loop

    /// Begins with a channel, unless there is another one; returns whether it does.
    func channelActive(_ channel: any Channel) -> Bool {
        guard case .connecting(let handshake?) = self.state.value.phase else { return false }
        self.state.value.phase = .greeting(channel, handshake)
        channel.writeAndFlush(handshake.bytes, promise: nil)
        return true
    }

    /// Takes what arrived; false when what follows means nothing.
    ///
    /// - Parameter answered: Is told of each reply to a command.
    func receive(_ element: ReplyStream.Element, _ answered: inout Int) -> Bool {
        let reply: RedisReply
        switch element {
        case .push(let push) where !push.isConfirmation:
            if let value = try? push.value() { self.observer.onPush(value) }
            return true
        case .push(let confirmation): reply = confirmation
        case .reply(let answer): reply = answer
        }
        switch self.state.value.receive(reply) {
        case .nothing?: break
        case .answer(let waiter, let reply)?: waiter.answer(reply, connection: self.id)
        case .answers(let waiter, let replies)?: waiter.answer(Batch(replies: replies, connection: self.id))
        case .unasked?:
            self.fail(RedisError(.protocolViolation, "a reply that nobody asked for"))
            return false
        case nil:
            guard case .greeting(let channel, let handshake) = self.state.value.phase else { return false }
            return self.greet(reply, channel, handshake)
        }
        answered += 1
        if reply.isError("READONLY") { self.observer.onReadOnly() }
        return true
    }

    private func greet(_ reply: RedisReply, _ channel: any Channel, _ handshake: Handshake) -> Bool {
        var handshake = handshake
        switch handshake.receive(reply) {
        case .more:
            self.state.value.phase = .greeting(channel, handshake)
        case .failed(let error):
            self.fail(error)
            return false
        case .done(let info):
            self.state.value.phase = .ready(channel)
            self.telemetry?.connections.increment()
            self.state.value.connectTimer?.cancel()
            self.observer.onReady(info)
            // Not while what arrived is being read: a write that fails reads what else has arrived.
            self.eventLoop.execute { self.wake() }
        }
        return true
    }

    /// All of a read has been received.
    func finishReading(_ answered: Int) {
        let canSend = self.state.withValue { state in
            let now = NIODeadline.now()
            state.liveness.lastArrival = now
            if answered > 0 { state.liveness.lastReply = now }
            return state.queue.canSend
        }
        guard answered > 0 else { return }
        let isDraining = self.outbox.withLockedValue { outbox in
            outbox.answered(answered)
            return outbox.refusal != nil
        }
        if canSend { self.sendWhatHasRoom() }
        if isDraining { self.closeIfDrained() }
    }

    // MARK: Closing

    /// Takes no further commands, and closes when those under way are answered, or when `grace` is over.
    ///
    /// - Parameter reason: What those are told who come later, or whose replies come too late.
    func close(
        within grace: Duration, because reason: RedisError = .clientClosed
    ) -> EventLoopFuture<Void> {
        self.outbox.withLockedValue { outbox in
            if outbox.refusal == nil { outbox.refuse(reason) }
        }
        self.eventLoop.execute { self.closeIfDrained() }
        let end = self.eventLoop.scheduleTask(in: grace.asTimeout) { self.fail(reason) }
        self.closed.futureResult.whenComplete { _ in end.cancel() }
        return self.closed.futureResult
    }

    /// Why a connection ends whose place another takes.
    static let replaced = RedisError(.connectionClosed, "another connection took the place of this one")

    private func closeIfDrained() {
        guard self.state.value.queue.isIdle,
            let reason = self.outbox.withLockedValue({ $0.isEmpty ? $0.refusal : nil })
        else { return }
        self.fail(reason)
    }

    /// Ends the connection and everything under way on it.
    func fail(_ error: RedisError) {
        var error = error
        var channel: (any Channel)?
        switch self.state.value.phase {
        case .closed: return
        case .connecting: error = error.whileConnecting
        case .greeting(let open, _): (channel, error) = (open, error.whileConnecting)
        case .ready(let open): channel = open
        }
        if case .ready = self.state.value.phase { self.telemetry?.connections.decrement() }
        self.state.value.connectTimer?.cancel()
        let handedIn = self.outbox.withLockedValue { outbox in
            outbox.refuse(error)
            return outbox.take()
        }
        if let (slots, bytes) = handedIn { self.state.value.queue.append(slots, bytes) }
        self.state.value.phase = .closed
        self.state.value.timer?.scheduled.cancel()
        self.state.value.timer = nil
        let abandoned = self.state.value.queue.removeAll()
        channel?.close(promise: nil)
        // First: whoever is told and sends again gets another connection.
        self.observer.onClose(error)
        for abandoned in abandoned { abandoned.waiter.fail(error.forCommand(sent: abandoned.wasSent)) }
        self.closed.succeed()
    }
}
