// SPDX-License-Identifier: Apache-2.0

import CoreMetrics
import NIOConcurrencyHelpers
import NIOCore

/// Connections that are lent to one caller at a time: for commands that block, and for what a connection remembers.
final class ConnectionPool: Sendable {
    private typealias Waiter = UnsafeContinuation<Result<RedisConnection, RedisError>, Never>
    private typealias State = PoolState<RedisConnection, Waiter>

    private let maker: ConnectionMaker
    private let eventLoop: any EventLoop
    private let onLoss: @Sendable () -> Void
    private let state: NIOLockedValueBox<State>
    /// Those that were made and have not ended.
    private let alive = NIOLockedValueBox<[UInt64: RedisConnection]>([:])
    private let isTrimming = NIOLockedValueBox(false)
    private let acquireTimeout: TimeAmount
    private let idleTimeout: TimeAmount

    /// - Parameter onLoss: Told when a connection has ended.
    init(_ maker: ConnectionMaker, on eventLoop: any EventLoop, onLoss: @escaping @Sendable () -> Void) {
        self.onLoss = onLoss
        let configuration = maker.configuration.pool
        self.maker = maker
        self.eventLoop = eventLoop
        self.acquireTimeout = configuration.acquireTimeout.asTimeout
        self.idleTimeout = configuration.idleTimeout.asTimeout
        self.state = NIOLockedValueBox(
            State(
                minimum: configuration.minimumConnections, maximum: configuration.maximumConnections,
                maximumWaiters: configuration.maximumWaiters, newID: ConnectionMaker.newID))
        if configuration.minimumConnections > 0 { self.trim() }
    }

    /// A connection that nobody else uses until it is given back.
    func lease(before deadline: NIODeadline) async throws(RedisError) -> RedisConnection {
        let ticket = CommandTicket.next()
        let end = min(deadline, .now() + self.acquireTimeout)
        let timer = NIOLockedValueBox<Scheduled<Void>?>(nil)
        let result = await withTaskCancellationHandler {
            await withUnsafeContinuation { (continuation: Waiter) in
                self.perform(self.state.withLockedValue { $0.lease(continuation, ticket: ticket) })
                if self.state.withLockedValue({ $0.isWaiting(ticket) }) {
                    let scheduled = self.eventLoop.scheduleTask(deadline: end) {
                        self.abandon(ticket, RedisError(.timedOut, "no connection became free in time"))
                    }
                    timer.withLockedValue { $0 = scheduled }
                }
                if Task.isCancelled { self.abandon(ticket, .cancellation) }
            }
        } onCancel: {
            self.abandon(ticket, .cancellation)
        }
        timer.withLockedValue { $0 }?.cancel()
        return try result.get()
    }

    /// Takes a connection back. One whose replies have not all come is closed.
    func giveBack(_ connection: RedisConnection) {
        // Behind the read that brought the last reply, which is counted at its end.
        connection.eventLoop.execute {
            let isUsable = connection.isSettled
            self.perform(
                self.state.withLockedValue {
                    $0.returned(connection, id: connection.id, isUsable: isUsable, at: .now())
                })
        }
    }

    /// Uses none of the connections again that there are.
    func discard() {
        self.perform(self.state.withLockedValue { $0.discard() })
    }

    func close(within grace: Duration, because reason: RedisError) -> EventLoopFuture<Void> {
        self.perform(self.state.withLockedValue { $0.close(because: reason) })
        let ends = self.alive.withLockedValue { Array($0.values) }.map { $0.close(within: grace, because: reason) }
        return EventLoopFuture.andAllComplete(ends, on: self.eventLoop)
    }

    private func abandon(_ ticket: UInt64, _ error: RedisError) {
        self.state.withLockedValue { $0.abandon(ticket) }?.resume(returning: .failure(error))
    }

    private func perform(_ actions: [State.Action]) {
        self.maker.telemetry?.idleConnections.set(self.state.withLockedValue { $0.idleCount })
        for action in actions {
            switch action {
            case .lend(let connection, let waiter): waiter.resume(returning: .success(connection))
            case .refuse(let waiter, let error): waiter.resume(returning: .failure(error))
            case .close(let connection): _ = connection.close(within: .zero, because: RedisConnection.replaced)
            case .connect(let id): self.connect(id)
            case .connectLater:
                let pause = max(self.maker.configuration.reconnectPause, .milliseconds(1)).asTimeout
                self.eventLoop.scheduleTask(in: pause) { [weak self] in
                    guard let self else { return }
                    self.perform(self.state.withLockedValue { $0.connectForWaiters() })
                }
            }
        }
    }

    private func connect(_ id: UInt64) {
        var observer = RedisConnection.Observer()
        if self.maker.destination.mustBePrimary {
            observer.onReadOnly = { [weak self] in self?.state.withLockedValue { $0.retire(id) } }
        }
        observer.onReady = { [weak self] _ in self?.connected(id) }
        observer.onClose = { [weak self] error in self?.ended(id, error) }
        let connection = self.maker.make(id, on: self.eventLoop, observer)
        self.alive.withLockedValue { $0[id] = connection }
        // Whoever closed the pool meanwhile has not seen it.
        if self.state.withLockedValue({ $0.isClosed }) { _ = connection.close(within: .zero) }
        self.maker.connect(connection)
        self.startTrimming()
    }

    private func connected(_ id: UInt64) {
        guard let connection = self.alive.withLockedValue({ $0[id] }) else { return }
        self.perform(self.state.withLockedValue { $0.connected(connection, id: id, at: .now()) })
    }

    private func ended(_ id: UInt64, _ error: RedisError) {
        self.alive.withLockedValue { $0[id] = nil }
        self.perform(self.state.withLockedValue { $0.ended(id, error.whileConnecting) })
        self.onLoss()
    }

    // MARK: Idle connections

    private func startTrimming() {
        let isNew = self.isTrimming.withLockedValue { isTrimming in
            defer { isTrimming = true }
            return !isTrimming
        }
        if isNew { self.scheduleTrim() }
    }

    private func scheduleTrim() {
        let pause = max(TimeAmount.nanoseconds(self.idleTimeout.nanoseconds / 2), TimeAmount.milliseconds(10))
        self.eventLoop.scheduleTask(in: pause) { [weak self] in
            guard let self, !self.state.withLockedValue({ $0.isClosed }) else { return }
            self.trim()
            self.scheduleTrim()
        }
    }

    private func trim() {
        self.perform(self.state.withLockedValue { $0.trim(idleSince: .now() - self.idleTimeout) })
    }
}
