// SPDX-License-Identifier: Apache-2.0

public import Larder
import NIOCore
public import RedisDriver

/// Typed events between services, over the channels of a Redis or Valkey server.
///
/// ```swift
/// let bus = EventBus(redis, namespace: "shop")
/// try await bus.publish(UserUpdated(id: 5), to: userUpdated)
///
/// try await bus.subscribe(to: userUpdated) { events in
///     for await event in events {
///         switch event {
///         case .event(let updated): await mailingList.update(updated.id)
///         case .gap: await mailingList.updateAll()
///         }
///     }
/// }
/// ```
///
/// An event reaches whoever subscribes at that moment, at most once, in the order of its publishers. Nobody keeps it for later: a
/// subscriber who may have missed some is told so. For what must not be lost use a stream, or a queue; invalidations of a `Cache`
/// need no events, they reach all processes as they are.
public struct EventBus: Sendable {
    private let client: RedisClient
    private let namespace: String
    private let codec: any CacheCodec
    /// On a cluster events stay on the shard of their channel instead of going to all nodes.
    private let isSharded: Bool

    /// Makes a bus.
    ///
    /// - Parameters:
    ///   - client: The server or the cluster.
    ///   - namespace: What the channels begin with: `shop:events:user_updated`. A user of the server needs rights to them, `&shop:events:*`.
    ///   - codec: How events are written. Services of another one report gaps.
    public init(_ client: RedisClient, namespace: String, codec: any CacheCodec = .json) {
        self.client = client
        self.namespace = namespace
        self.codec = codec
        self.isSharded = client.isCluster
    }

    /// Tells whoever subscribes now.
    ///
    /// - Returns: How many connections were told, by the server that was asked.
    /// - Throws: `RedisError`, also when it may have been told all the same, and what the codec throws.
    @discardableResult
    public func publish<Event>(_ event: Event, to topic: EventTopic<Event>) async throws -> Int {
        let message = try self.codec.encode(event)
        let channel = self.channel(of: topic)
        return self.isSharded
            ? try await self.client.execute(SPUBLISH(channel, message))
            : try await self.client.execute(PUBLISH(channel, message))
    }

    /// Listens for as long as `body` runs.
    ///
    /// `body` begins when the server has confirmed: what is published from then on arrives, until a gap is reported. A lost connection is
    /// made again by itself.
    ///
    /// - Parameters:
    ///   - topic: What to listen to.
    ///   - capacity: How many events wait for a slow reader before some are dropped, which is a gap.
    ///   - body: Reads the events.
    /// - Throws: `RedisError` when the server cannot be subscribed to, and what `body` throws.
    public func subscribe<Event, Answer>(
        to topic: EventTopic<Event>, capacity: Int = 1_024,
        _ body: (EventSubscription<Event>) async throws -> Answer
    ) async throws -> Answer {
        let channels = [self.channel(of: topic)]
        return try await self.client.subscribe(
            to: self.isSharded ? [] : channels, shardChannels: self.isSharded ? channels : [], capacity: capacity
        ) { subscription in
            try await body(EventSubscription(subscription: subscription, codec: self.codec))
        }
    }

    private func channel<Event>(of topic: EventTopic<Event>) -> String {
        "\(CacheKey.escaped(self.namespace)):events:\(topic.name)"
    }
}
