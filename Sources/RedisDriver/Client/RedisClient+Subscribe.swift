// SPDX-License-Identifier: Apache-2.0

extension RedisClient {
    /// Subscribes to channels for as long as `body` runs.
    ///
    /// ```swift
    /// try await redis.subscribe(to: ["prices"]) { subscription in
    ///     for await element in subscription {
    ///         switch element {
    ///         case .message(let message): update(message.payload)
    ///         case .gap: readEverythingAnew()
    ///         }
    ///     }
    /// }
    /// ```
    ///
    /// `body` begins when the server has confirmed: what is published from then on arrives, until a gap is reported.
    /// A lost connection is made again by itself; reading ends when the server does not let it in any more. All subscriptions share one connection, apart from that of commands.
    ///
    /// - Parameters:
    ///   - channels: Channels by name.
    ///   - patterns: Channels by pattern, with `*`, `?` and `[…]`. A message whose channel is also subscribed to by name
    ///     comes twice.
    ///   - shardChannels: Channels of a cluster's shards, by name.
    ///   - capacity: How many messages wait for a slow reader before some are dropped.
    ///   - body: Reads the messages.
    /// - Throws: ``RedisError`` when the server cannot be subscribed to, and what `body` throws.
    public func subscribe<Result>(
        to channels: [String] = [], patterns: [String] = [], shardChannels: [String] = [], capacity: Int = 1_024,
        _ body: (RedisSubscription) async throws -> Result
    ) async throws -> Result {
        let topics =
            channels.map { SubscriptionTopic(kind: .channel, name: $0) }
            + patterns.map { SubscriptionTopic(kind: .pattern, name: $0) }
            + shardChannels.map { SubscriptionTopic(kind: .shardChannel, name: $0) }
        let buffer = SubscriptionBuffer(capacity: capacity)
        let id = self.subscriptions.add(buffer, to: topics)
        defer {
            self.subscriptions.remove(id, from: topics)
            buffer.finish()
        }
        var connection: UInt64
        repeat {
            let batch = try await self.send(on: try self.subscriptions.connection()) { encoder in
                for topic in topics { topic.encodeSubscribe(into: &encoder) }
            }
            if let error = batch.replies.lazy.compactMap(\.error).first { throw error }
            connection = batch.connection
        } while !self.subscriptions.confirm(id, on: connection)
        return try await body(RedisSubscription(buffer: buffer))
    }
}
