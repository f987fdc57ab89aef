// SPDX-License-Identifier: Apache-2.0

import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOSSL

/// The servers of a client, as its topology has them.
final class RedisServers: Sendable {
    enum Kind: Sendable {
        case node(RedisNode)
        case cluster(RedisCluster)
    }

    let kind: Kind
    let subscriptions: SubscriptionConnections
    private let sentinels: RedisSentinels?
    private let group: any EventLoopGroup

    init(
        _ configuration: RedisClientConfiguration, on group: any EventLoopGroup, logger: Logger,
        telemetry: RedisTelemetry?, onPush: @escaping @Sendable (RedisValue) -> Void
    ) throws(RedisError) {
        var maker = ConnectionMaker(
            destination: RedisDestination(RedisAddress(host: configuration.host, port: configuration.port)),
            configuration: configuration, tls: try Self.encryption(configuration), logger: logger,
            telemetry: telemetry)
        self.group = group
        var observer = ReconnectingConnection.Observer()
        observer.onPush = onPush
        switch configuration.topology.kind {
        case .standalone:
            self.sentinels = nil
            self.kind = .node(RedisNode(maker, on: group, observer))
            self.subscriptions = SubscriptionConnections(maker, on: group, slots: nil)
        case .sentinel(let addresses, let primary, let credentials):
            guard !addresses.isEmpty else { throw RedisError(.invalidConfiguration, "there are no sentinels") }
            let sentinels = try RedisSentinels(
                addresses, primary: primary, credentials: credentials, configuration, on: group, logger: logger)
            maker.destination = RedisDestination(mustBePrimary: true) { () async throws(RedisError) in
                try await sentinels.address()
            }
            let node = RedisNode(maker, on: group, observer)
            let subscriptions = SubscriptionConnections(maker, on: group, slots: nil)
            sentinels.watch { [weak node, weak subscriptions] in
                node?.replaceConnections(within: configuration.commandTimeout)
                subscriptions?.replaceConnections(within: .zero)
            }
            self.sentinels = sentinels
            self.kind = .node(node)
            self.subscriptions = subscriptions
        case .cluster(let seeds, let readsFromReplicas):
            guard !seeds.isEmpty else { throw RedisError(.invalidConfiguration, "the cluster has no seeds") }
            guard configuration.database == 0 else {
                throw RedisError(.invalidConfiguration, "a cluster has no other database than 0")
            }
            let cluster = RedisCluster(
                seeds, readsFromReplicas: readsFromReplicas, maker, on: group, onPush: onPush)
            self.sentinels = nil
            self.kind = .cluster(cluster)
            self.subscriptions = SubscriptionConnections(maker, on: group, slots: cluster)
        }
    }

    private static func encryption(_ configuration: RedisClientConfiguration) throws(RedisError) -> NIOSSLContext? {
        guard let tls = configuration.tls else { return nil }
        do {
            return try NIOSSLContext(configuration: tls)
        } catch {
            throw RedisError(.invalidConfiguration, "the settings for encryption cannot be used", cause: error)
        }
    }

    /// Any of the client's.
    var eventLoop: any EventLoop { self.group.any() }

    /// The server, when there is one for all keys.
    var node: RedisNode {
        get throws(RedisError) {
            guard case .node(let node) = self.kind else {
                throw RedisError(.invalidCommand, "a cluster has to be told the keys")
            }
            return node
        }
    }

    /// The slot that keys have in common, where that matters.
    func slot(of keys: [RedisKey]) throws(RedisError) -> HashSlot? {
        switch self.kind {
        case .node: nil
        case .cluster: try HashSlot.common(to: keys)
        }
    }

    /// The servers that have all keys between them.
    func primaries(within time: CallTime) async throws(RedisError) -> [RedisNode] {
        switch self.kind {
        case .node(let node): [node]
        case .cluster(let cluster): try await cluster.primaries(within: time)
        }
    }

    /// All servers there may be connections to.
    var nodes: [RedisNode] {
        switch self.kind {
        case .node(let node): [node]
        case .cluster(let cluster): cluster.nodes
        }
    }

    @discardableResult
    func close(within grace: Duration) -> [EventLoopFuture<Void>] {
        let sentinels = self.group.any().makeFutureWithTask { [sentinels] in
            if let sentinels { await sentinels.close() }
        }
        let servers =
            switch self.kind {
            case .node(let node): node.close(within: grace)
            case .cluster(let cluster): cluster.close(within: grace)
            }
        return servers + self.subscriptions.close(within: grace) + [sentinels]
    }
}
