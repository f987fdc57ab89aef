// SPDX-License-Identifier: Apache-2.0

import CoreMetrics
import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOSSL
import Synchronization

/// A connection that is made when it is first needed, and made again when it is lost.
final class ReconnectingConnection: Sendable {
    /// What its owner is told, on the event loop.
    struct Observer: Sendable {
        var onPush: @Sendable (RedisValue) -> Void = { _ in }
        /// A connection is ready.
        var onConnect: @Sendable (RedisConnection) -> Void = { _ in }
        /// A connection was lost, or could not be made.
        var onLoss: @Sendable () -> Void = {}
    }

    private enum Phase: Sendable {
        case idle
        case connected(RedisConnection)
        /// The last one was lost or could not be made, for this reason; a timer is set.
        case pausing(RedisError)
        case closed(RedisConnection?, RedisError)
    }

    private struct State: Sendable {
        var phase = Phase.idle
        var backoff: Backoff
        /// Those whose place another took, and which have not ended.
        var leaving: [RedisConnection] = []
        /// Since when the connection has been ready.
        var readySince: NIODeadline?
    }

    /// How long a connection must have been ready for the next pause to be the shortest.
    private static let steady = TimeAmount.seconds(1)

    private let eventLoop: any EventLoop
    private let maker: ConnectionMaker
    private let observer: Observer
    private let state: NIOLockedValueBox<State>

    init(on eventLoop: any EventLoop, _ maker: ConnectionMaker, _ observer: Observer) {
        self.eventLoop = eventLoop
        self.maker = maker
        self.observer = observer
        self.state = NIOLockedValueBox(
            State(
                backoff: Backoff(
                    shortest: maker.configuration.reconnectPause,
                    longest: maker.configuration.maximumReconnectPause)))
    }

    /// The connection to send on; it may be one that is being made.
    ///
    /// - Throws: Why there is none, while a lost one is not made again yet.
    func connection() throws(RedisError) -> RedisConnection {
        let result = self.state.withLockedValue { state -> Result<(RedisConnection, isNew: Bool), RedisError> in
            switch state.phase {
            case .connected(let connection):
                return .success((connection, false))
            case .idle:
                let connection = self.newConnection()
                state.phase = .connected(connection)
                return .success((connection, true))
            case .pausing(let error):
                return .failure(error)
            case .closed(_, let reason):
                return .failure(reason)
            }
        }
        let (connection, isNew) = try result.get()
        if isNew { self.maker.connect(connection) }
        return connection
    }

    /// Sends what comes from now on over another connection; what is under way is still answered over this one.
    func replace(within grace: Duration) {
        let (old, new) = self.state.withLockedValue { state -> (RedisConnection?, RedisConnection?) in
            switch state.phase {
            case .idle, .closed: return (nil, nil)
            case .connected(let old):
                let new = self.newConnection()
                state.phase = .connected(new)
                state.leaving.append(old)
                state.readySince = nil
                return (old, new)
            case .pausing:
                let new = self.newConnection()
                state.phase = .connected(new)
                return (nil, new)
            }
        }
        if let new { self.maker.connect(new) }
        _ = old?.close(within: grace, because: RedisConnection.replaced)
    }

    /// The caller of a ticket gives up.
    func abandon(_ ticket: UInt64, _ error: RedisError) {
        let connections = self.state.withLockedValue { state in
            switch state.phase {
            case .connected(let connection), .closed(let connection?, _): state.leaving + [connection]
            case .idle, .pausing, .closed(nil, _): state.leaving
            }
        }
        for connection in connections { connection.abandon(ticket, error) }
    }

    /// The server of a connection takes no writes any more: another does.
    private func leave(_ id: UInt64) {
        if self.current?.id == id { self.replace(within: self.maker.configuration.commandTimeout) }
    }

    /// Ends the connection once what is under way is answered, or `grace` is over. No other is made.
    @discardableResult
    func close(
        within grace: Duration, because reason: RedisError = .clientClosed
    ) -> EventLoopFuture<Void> {
        let connections = self.state.withLockedValue { state -> [RedisConnection] in
            switch state.phase {
            case .connected(let connection): state.phase = .closed(connection, reason)
            case .closed: break
            case .idle, .pausing: state.phase = .closed(nil, reason)
            }
            if case .closed(let connection?, _) = state.phase { return state.leaving + [connection] }
            return state.leaving
        }
        let ends = connections.map { $0.close(within: grace, because: reason) }
        return EventLoopFuture.andAllComplete(ends, on: self.eventLoop)
    }

    /// The connection that is there; nil when none has been made.
    var current: RedisConnection? {
        self.state.withLockedValue { state in
            if case .connected(let connection) = state.phase { connection } else { nil }
        }
    }

    private func newConnection() -> RedisConnection {
        let id = ConnectionMaker.newID()
        var observer = RedisConnection.Observer()
        observer.onPush = self.observer.onPush
        if self.maker.destination.mustBePrimary {
            observer.onReadOnly = { [weak self] in self?.leave(id) }
        }
        observer.onReady = { [weak self] info in self?.connected(id, info) }
        observer.onClose = { [weak self] error in self?.lost(id, error) }
        return self.maker.make(id, on: self.eventLoop, observer)
    }

    private func connected(_ id: UInt64, _ info: RedisServerInfo) {
        let connection = self.state.withLockedValue { state -> RedisConnection? in
            guard case .connected(let connection) = state.phase, connection.id == id else { return nil }
            state.readySince = .now()
            return connection
        }
        self.maker.logger.debug(
            "connected",
            metadata: [
                "redis.server": "\(info.name)", "redis.version": "\(info.version)", "redis.role": "\(info.role)",
            ]
        )
        if let connection { self.observer.onConnect(connection) }
    }

    private func lost(_ id: UInt64, _ error: RedisError) {
        let pause = self.state.withLockedValue { state -> Duration? in
            state.leaving.removeAll { $0.id == id }
            guard case .connected(let connection) = state.phase, connection.id == id else { return nil }
            // A server that greets and then hangs up is none that works.
            if let since = state.readySince, NIODeadline.now() - since > Self.steady { state.backoff.succeeded() }
            state.readySince = nil
            state.phase = .pausing(error.whileConnecting)
            return state.backoff.failed(draw: .random(in: 0...1))
        }
        guard let pause else { return }
        self.observer.onLoss()
        self.maker.telemetry?.reconnects.increment()
        self.maker.logger.info("no connection", metadata: ["redis.error": "\(error)", "redis.retry": "\(pause)"])
        self.eventLoop.scheduleTask(in: TimeAmount(pause)) { [weak self] in self?.reconnect() }
    }

    private func reconnect() {
        let connection = self.state.withLockedValue { state -> RedisConnection? in
            guard case .pausing = state.phase else { return nil }
            let connection = self.newConnection()
            state.phase = .connected(connection)
            return connection
        }
        if let connection { self.maker.connect(connection) }
    }
}
