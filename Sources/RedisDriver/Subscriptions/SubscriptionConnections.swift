// SPDX-License-Identifier: Apache-2.0

import NIOConcurrencyHelpers
import NIOCore

/// The connections of all subscriptions of a client: one for channels and patterns, and with a cluster one for each slot
/// whose shard channels are subscribed to.
final class SubscriptionConnections: Sendable {
    private struct State: Sendable {
        var bySlot: [HashSlot: SubscriptionConnection] = [:]
        var isClosed = false
    }

    private let maker: ConnectionMaker
    private let group: any EventLoopGroup
    private let cluster: RedisCluster?
    private let common: SubscriptionConnection
    private let state = NIOLockedValueBox(State())

    /// - Parameter slots: The cluster, when there is one.
    init(_ maker: ConnectionMaker, on group: any EventLoopGroup, slots cluster: RedisCluster?) {
        self.maker = maker
        self.group = group
        self.cluster = cluster
        var maker = maker
        if let cluster { maker.destination = Self.destination(of: nil, in: cluster, maker) }
        self.common = SubscriptionConnection(maker, on: group.next())
    }

    /// Registers a subscriber with the connection for its topics, which has then to be told of them.
    ///
    /// - Throws: ``RedisError/Code/crossSlot`` when there is none for all of them.
    func add(
        _ buffer: SubscriptionBuffer, to topics: [SubscriptionTopic]
    ) throws(RedisError) -> (connection: SubscriptionConnection, id: Int) {
        guard let slot = try self.slot(of: topics) else { return (self.common, self.common.add(buffer, to: topics)) }
        return self.state.withLockedValue { state in
            let connection = state.bySlot[slot] ?? self.newConnection(for: slot)
            if state.isClosed { connection.close(within: .zero) }
            state.bySlot[slot] = connection
            return (connection, connection.add(buffer, to: topics))
        }
    }

    /// Ends a subscription; a connection of its own goes with the last one.
    func remove(_ id: Int, from topics: [SubscriptionTopic], of connection: SubscriptionConnection) {
        connection.remove(id, from: topics)
        guard connection !== self.common, let slot = try? self.slot(of: topics) else { return }
        self.state.withLockedValue { state in
            guard state.bySlot[slot] === connection, connection.isUnused else { return }
            state.bySlot[slot] = nil
            connection.close(within: .seconds(1))
        }
    }

    /// The slot whose server has to be subscribed to; nil when any will do.
    private func slot(of topics: [SubscriptionTopic]) throws(RedisError) -> HashSlot? {
        guard self.cluster != nil else { return nil }
        let shardChannels = topics.filter { $0.kind == .shardChannel }
        guard let slot = try HashSlot.common(to: shardChannels.map(\.name)) else { return nil }
        guard shardChannels.count == topics.count else {
            throw RedisError(.crossSlot, "with a cluster, shard channels need a subscription of their own")
        }
        return slot
    }

    private func newConnection(for slot: HashSlot) -> SubscriptionConnection {
        var maker = self.maker
        if let cluster { maker.destination = Self.destination(of: slot, in: cluster, maker) }
        return SubscriptionConnection(maker, on: self.group.next()) { [weak cluster] in cluster?.learn(from: $0) }
    }

    /// The server that has a slot at the time, or any.
    private static func destination(
        of slot: HashSlot?, in cluster: RedisCluster, _ maker: ConnectionMaker
    ) -> RedisDestination {
        let timeout = maker.configuration.connectTimeout.asTimeout
        return RedisDestination { [weak cluster] () async throws(RedisError) in
            guard let cluster else { throw .clientClosed }
            // A connection that is made anew is so because of a change, which the map may lack.
            cluster.refreshSoon()
            return try await cluster.address(of: slot, reading: false, within: CallTime(timeout))
        }
    }

    private var all: [SubscriptionConnection] {
        [self.common] + self.state.withLockedValue { Array($0.bySlot.values) }
    }

    /// Goes over to new connections, as to another server.
    func replaceConnections(within grace: Duration) {
        for connection in self.all { connection.replaceConnection(within: grace) }
    }

    func close(within grace: Duration) -> [EventLoopFuture<Void>] {
        self.state.withLockedValue { $0.isClosed = true }
        return self.all.map { $0.close(within: grace) }
    }
}
