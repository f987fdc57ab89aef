// SPDX-License-Identifier: Apache-2.0

import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOSSL

/// The connection of all subscriptions of a client, apart from the others, so that a flood of messages delays no reply.
final class SubscriptionConnection: Sendable {
    private struct State: Sendable {
        var table = SubscriptionTable()
        /// The connection that is there.
        var connection: UInt64?
        /// Whether one was lost since messages were last sure to arrive.
        var hasGap = false
        var isClosed = false
    }

    /// How often the server has to give a sign of life, since nothing else would show that messages stay away.
    private static let heartbeat = TimeAmount.seconds(5)

    private let state: NIOLockedValueBox<State>
    private let node: RedisNode
    private let timeout: Duration

    init(on eventLoop: any EventLoop, _ configuration: RedisClientConfiguration, tls: NIOSSLContext?, logger: Logger) {
        let state = NIOLockedValueBox(State())
        let timeout = configuration.commandTimeout
        var observer = RedisNode.Observer()
        observer.onPush = { Self.deliver($0, state) }
        observer.onConnect = { Self.resubscribe(on: $0, state, timeout) }
        observer.onLoss = {
            state.withLockedValue { state in
                state.connection = nil
                state.hasGap = true
            }
        }
        self.state = state
        self.timeout = timeout
        self.node = RedisNode(on: eventLoop, configuration, tls: tls, logger: logger, observer)
    }

    /// Registers a subscriber; the connection has then to be told of its topics.
    func add(_ buffer: SubscriptionBuffer, to topics: [SubscriptionTopic]) -> Int {
        self.state.withLockedValue { state in
            if state.isClosed { buffer.finish() }
            return state.table.add(buffer, to: topics)
        }
    }

    /// Notes that the server has let a subscriber in; false when it did so on a connection that is gone.
    func confirm(_ id: Int, on connection: UInt64) -> Bool {
        self.state.withLockedValue { state in
            guard state.connection == connection, !state.isClosed else { return false }
            state.table.confirm(id)
            return true
        }
    }

    /// The connection to subscribe on.
    func connection() throws(RedisError) -> RedisConnection {
        try self.node.connection()
    }

    /// Ends a subscription, and tells the server of what nobody subscribes to any more.
    func remove(_ id: Int, from topics: [SubscriptionTopic]) {
        self.state.withLockedValue { state in
            let unused = state.table.remove(id, from: topics)
            // Under the lock: whoever subscribes anew must come behind it.
            guard !unused.isEmpty, let connection = try? self.node.connection() else { return }
            Self.unsubscribe(from: unused, on: connection, self.timeout)
        }
    }

    private static func unsubscribe(
        from topics: [SubscriptionTopic], on connection: RedisConnection, _ timeout: Duration
    ) {
        connection.send(.function { _ in }, timeout: timeout, ticket: 0) { encoder in
            for topic in topics { topic.encodeUnsubscribe(into: &encoder) }
        }
    }

    @discardableResult
    func close(within grace: Duration) -> EventLoopFuture<Void> {
        let buffers = self.state.withLockedValue { state in
            state.isClosed = true
            return state.table.buffers
        }
        for buffer in buffers { buffer.finish() }
        return self.node.close(within: grace)
    }

    // MARK: On the event loop

    private static func deliver(_ push: RedisValue, _ state: NIOLockedValueBox<State>) {
        guard let topic = SubscriptionTopic(push: push), let message = RedisMessage(push: push) else { return }
        for buffer in state.withLockedValue({ $0.table.buffers(of: topic) }) { buffer.put(.message(message)) }
    }

    /// Subscribes anew to everything, and reports the gap when messages are sure to arrive again.
    private static func resubscribe(
        on connection: RedisConnection, _ state: NIOLockedValueBox<State>, _ timeout: Duration
    ) {
        let topics = state.withLockedValue { state in
            state.connection = connection.id
            return state.table.topics
        }
        connection.send(
            .function { result in
                switch result {
                case .failure(let error):
                    connection.fail(error)
                case .success(let batch):
                    let errors = zip(topics, batch.replies).compactMap { topic, reply in reply.error.map { (topic, $0) }
                    }
                    // Busy, or loading: it will let us in.
                    if let (_, error) = errors.first(where: { $1.prefix != "NOPERM" }) { return connection.fail(error) }
                    let (buffers, ended) = state.withLockedValue { state in
                        defer { state.hasGap = false }
                        // Whoever left meanwhile may have unsubscribed before.
                        let unused = topics.filter { state.table.buffers(of: $0).isEmpty }
                        if !unused.isEmpty { Self.unsubscribe(from: unused, on: connection, timeout) }
                        return (
                            state.hasGap ? state.table.buffers : [], errors.flatMap { state.table.buffers(of: $0.0) }
                        )
                    }
                    // What may no longer be heard must not look as if nothing were said.
                    for buffer in ended { buffer.finish() }
                    for buffer in buffers { buffer.put(.gap) }
                    Self.beat(on: connection, timeout)
                }
            }, timeout: timeout, ticket: 0
        ) { encoder in
            for topic in topics { topic.encodeSubscribe(into: &encoder) }
        }
    }

    /// Asks for a sign of life, again and again; a connection that gives none is made anew.
    private static func beat(on connection: RedisConnection, _ timeout: Duration) {
        connection.eventLoop.scheduleTask(in: Self.heartbeat) {
            connection.send(
                .function { result in
                    switch result {
                    case .success: Self.beat(on: connection, timeout)
                    case .failure(let error): connection.fail(error)
                    }
                }, timeout: timeout * 3, ticket: 0
            ) { encoder in PING().encode(into: &encoder) }
        }
    }
}
