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
    /// A lost connection is made again by itself. Reading ends when the server no longer permits one of the channels, when
    /// the client is closed, and when the task is cancelled; what has arrived and was not read is then dropped. All
    /// subscriptions share one connection, apart from that of commands.
    ///
    /// - Parameters:
    ///   - channels: Channels by name.
    ///   - patterns: Channels by pattern, with `*`, `?` and `[…]`. A message whose channel is also subscribed to by name
    ///     comes twice.
    ///   - shardChannels: Channels of a cluster's shards, by name.
    ///   - capacity: How many messages wait for a slow reader before some are dropped.
    ///   - body: Reads the messages.
    /// - Throws: ``RedisError`` when the server cannot be subscribed to, and what `body` throws.
    public func subscribe<Answer>(
        to channels: [String] = [], patterns: [String] = [], shardChannels: [String] = [], capacity: Int = 1_024,
        _ body: (RedisSubscription) async throws -> Answer
    ) async throws -> Answer {
        let topics =
            channels.map { SubscriptionTopic(kind: .channel, name: RedisKey($0)) }
            + patterns.map { SubscriptionTopic(kind: .pattern, name: RedisKey($0)) }
            + shardChannels.map { SubscriptionTopic(kind: .shardChannel, name: RedisKey($0)) }
        guard !topics.isEmpty else { throw RedisError(.invalidCommand, "there is nothing to subscribe to") }
        let buffer = SubscriptionBuffer(capacity: capacity)
        let (connection, id) = try self.servers.subscriptions.add(buffer, to: topics)
        defer {
            self.servers.subscriptions.remove(id, from: topics, of: connection)
            buffer.finish()
        }
        let time = self.time(nil)
        while true {
            let batch = try await connection.connection().batch(within: time) { encoder in
                for topic in topics { topic.encodeSubscribe(into: &encoder) }
            }
            guard let error = batch.replies.lazy.compactMap(\.error).first else {
                guard connection.confirm(id, on: batch.connection) else {
                    throw RedisError(.connectionClosed, "the connection ended while it was subscribed on")
                }
                return try await body(RedisSubscription(buffer: buffer))
            }
            // Another server of the cluster has the channel.
            guard error.prefix == "MOVED", case .cluster(let cluster) = self.servers.kind, time.rest != nil else {
                throw error
            }
            cluster.learn(from: error)
            connection.replaceConnection(within: .zero)
            try await Task.sleep(for: self.configuration.reconnectPause)
        }
    }
}
