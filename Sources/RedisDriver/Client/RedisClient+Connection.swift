// SPDX-License-Identifier: Apache-2.0

extension RedisClient {
    /// Calls `body` with a connection that nobody else uses until it ends: of the pool that the configuration describes.
    ///
    /// A command whose caller gives up ends the connection, and another takes its place.
    ///
    /// - Parameters:
    ///   - key: With a cluster, a key of the node that is wanted; nil for any node.
    ///   - body: Uses the connection, which must not be kept.
    /// - Throws: ``RedisError/Code/timedOut`` and ``RedisError/Code/overloaded`` when no connection becomes free, and what
    ///   `body` throws.
    public func withConnection<Answer>(
        for key: (any RedisKeyConvertible)? = nil, _ body: (RedisExclusiveConnection) async throws -> Answer
    ) async throws -> Answer {
        let connection = try await self.lease(for: key.map { [$0.redisKey] } ?? [], within: self.poolTime)
        defer { connection.giveBack() }
        return try await body(connection)
    }

    /// Calls `body` with a connection on which keys are watched, so that its transaction is carried out only if they
    /// have not changed since.
    ///
    /// ```swift
    /// try await redis.watch(["stock:7"]) { connection in
    ///     let stock = try await connection.execute(GET("stock:7"))
    ///     try await connection.transaction(SET("stock:7", next(stock)), INCRBY("sold:7", 1))
    /// }
    /// ```
    ///
    /// - Parameters:
    ///   - keys: The keys. With a cluster they must be in one slot.
    ///   - attempts: How often `body` is called when its transaction fails because a key has changed.
    ///   - body: Reads, and carries out a transaction.
    /// - Throws: ``RedisError/Code/transactionAborted`` when the keys changed each time, and what `body` throws.
    public func watch<Answer>(
        _ keys: [any RedisKeyConvertible], attempts: Int = 10,
        _ body: (RedisExclusiveConnection) async throws -> Answer
    ) async throws -> Answer {
        let redisKeys = keys.map(\.redisKey)
        for attempt in 1... {
            let connection = try await self.lease(for: redisKeys, within: self.poolTime)
            defer { connection.giveBack() }
            do {
                try await connection.watch(keys)
                return try await body(connection)
            } catch let error as RedisError {
                if case .cluster(let cluster) = self.servers.kind { cluster.learn(from: error) }
                guard error.code == .transactionAborted || error.prefix == "MOVED", attempt < attempts else {
                    throw error
                }
            }
        }
        throw RedisError(.transactionAborted, "the keys have changed each time")
    }

    /// How long a caller may wait for a connection of its own.
    private var poolTime: CallTime { CallTime(self.configuration.pool.acquireTimeout.asTimeout) }

    /// A connection of the server that has these keys, which has to be given back.
    func lease(
        for keys: [RedisKey], within time: CallTime
    ) async throws(RedisError) -> RedisExclusiveConnection {
        let node: RedisNode
        switch self.servers.kind {
        case .node(let only): node = only
        case .cluster(let cluster):
            node = try cluster.node(
                at: try await cluster.address(of: try HashSlot.common(to: keys), reading: false, within: time))
        }
        return RedisExclusiveConnection(
            try await node.pool.lease(before: time.deadline), of: node.pool,
            commandTimeout: self.configuration.commandTimeout.asTimeout)
    }
}
