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

    /// The connection for some topics.
    ///
    /// - Throws: ``RedisError/Code/crossSlot`` when there is none for all of them.
    func connection(for topics: [SubscriptionTopic]) throws(RedisError) -> SubscriptionConnection {
        guard let cluster else { return self.common }
        let shardChannels = topics.filter { $0.kind == .shardChannel }
        guard let slot = try HashSlot.common(to: shardChannels.map(\.name)) else { return self.common }
        guard shardChannels.count == topics.count else {
            throw RedisError(.crossSlot, "with a cluster, shard channels need a subscription of their own")
        }
        return self.state.withLockedValue { state in
            if let connection = state.bySlot[slot] { return connection }
            var maker = self.maker
            maker.destination = Self.destination(of: slot, in: cluster, maker)
            let connection = SubscriptionConnection(maker, on: self.group.next())
            if state.isClosed { connection.close(within: .zero) }
            state.bySlot[slot] = connection
            return connection
        }
    }

    /// The server that has a slot at the time, or any.
    private static func destination(
        of slot: HashSlot?, in cluster: RedisCluster, _ maker: ConnectionMaker
    ) -> RedisDestination {
        let timeout = maker.configuration.connectTimeout.asTimeout
        return RedisDestination { [weak cluster] () async throws(RedisError) in
            guard let cluster else { throw RedisError(.clientClosed, "the client was closed") }
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
