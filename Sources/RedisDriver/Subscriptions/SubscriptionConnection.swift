// SPDX-License-Identifier: Apache-2.0

import NIOConcurrencyHelpers
import NIOCore

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
    private static let heartbeat = Duration.seconds(5)

    private let state: NIOLockedValueBox<State>
    private let link: ReconnectingConnection

    /// - Parameter onRefusal: Told why the server does not let subscribers in again.
    init(
        _ maker: ConnectionMaker, on eventLoop: any EventLoop,
        onRefusal: @escaping @Sendable (RedisError) -> Void = { _ in }
    ) {
        var maker = maker
        maker.configuration.healthCheckInterval = min(
            maker.configuration.healthCheckInterval ?? Self.heartbeat, Self.heartbeat)
        let state = NIOLockedValueBox(State())
        var observer = ReconnectingConnection.Observer()
        observer.onPush = { Self.deliver($0, state) }
        observer.onConnect = { Self.resubscribe(on: $0, state, onRefusal) }
        observer.onLoss = {
            state.withLockedValue { state in
                state.connection = nil
                state.hasGap = true
            }
        }
        self.state = state
        self.link = ReconnectingConnection(on: eventLoop, maker, observer)
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
        try self.link.connection()
    }

    /// Whether nobody subscribes to anything.
    var isUnused: Bool { self.state.withLockedValue { $0.table.buffers.isEmpty } }

    /// Ends a subscription, and tells the server of what nobody subscribes to any more.
    func remove(_ id: Int, from topics: [SubscriptionTopic]) {
        self.state.withLockedValue { state in
            let unused = state.table.remove(id, from: topics)
            // Under the lock: whoever subscribes anew must come behind it.
            guard !unused.isEmpty, let connection = try? self.link.connection() else { return }
            Self.unsubscribe(from: unused, on: connection)
        }
    }

    private static func unsubscribe(from topics: [SubscriptionTopic], on connection: RedisConnection) {
        connection.send({ encoder in
            for topic in topics { topic.encodeUnsubscribe(into: &encoder) }
        }) { _ in }
    }

    /// Makes the connection anew, as to another server.
    func replaceConnection(within grace: Duration) {
        self.link.replace(within: grace)
    }

    @discardableResult
    func close(within grace: Duration) -> EventLoopFuture<Void> {
        let buffers = self.state.withLockedValue { state in
            state.isClosed = true
            return state.table.buffers
        }
        for buffer in buffers { buffer.finish() }
        return self.link.close(within: grace)
    }

    // MARK: On the event loop

    private static func deliver(_ push: RedisValue, _ state: NIOLockedValueBox<State>) {
        guard let topic = SubscriptionTopic(push: push), let message = RedisMessage(push: push) else { return }
        for buffer in state.withLockedValue({ $0.table.buffers(of: topic) }) { buffer.put(.message(message)) }
    }

    /// Subscribes anew to everything, and reports the gap when messages are sure to arrive again.
    private static func resubscribe(
        on connection: RedisConnection, _ state: NIOLockedValueBox<State>,
        _ onRefusal: @escaping @Sendable (RedisError) -> Void
    ) {
        let topics = state.withLockedValue { state in
            // One took the place of another, which was not lost.
            if state.connection != nil { state.hasGap = true }
            state.connection = connection.id
            return state.table.topics
        }
        guard !topics.isEmpty else { return Self.reportGap(topics, ended: [], on: connection, state) }
        connection.send({ encoder in
            for topic in topics { topic.encodeSubscribe(into: &encoder) }
        }) { result in
            switch result {
            case .failure(let error):
                connection.fail(error)
            case .success(let batch):
                let errors = zip(topics, batch.replies).compactMap { topic, reply in reply.error.map { (topic, $0) } }
                // Busy, loading, or moved: it will let us in, or another will.
                if let (_, error) = errors.first(where: { $1.prefix != "NOPERM" }) {
                    onRefusal(error)
                    return connection.fail(error)
                }
                Self.reportGap(topics, ended: errors.map(\.0), on: connection, state)
            }
        }
    }

    /// - Parameter ended: What may no longer be subscribed to.
    private static func reportGap(
        _ topics: [SubscriptionTopic], ended: [SubscriptionTopic], on connection: RedisConnection,
        _ state: NIOLockedValueBox<State>
    ) {
        let (buffers, ended) = state.withLockedValue { state in
            defer { state.hasGap = false }
            // Whoever left meanwhile may have unsubscribed before.
            let unused = topics.filter { state.table.buffers(of: $0).isEmpty }
            if !unused.isEmpty { Self.unsubscribe(from: unused, on: connection) }
            return (state.hasGap ? state.table.buffers : [], ended.flatMap { state.table.buffers(of: $0) })
        }
        // What may no longer be heard must not look as if nothing were said.
        for buffer in ended { buffer.finish() }
        for buffer in buffers { buffer.put(.gap) }
    }
}
