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
        let slot = try self.servers.slot(of: key.map { [$0.redisKey] } ?? [])
        let connection = try await self.lease(for: slot, within: self.poolTime)
        defer { connection.giveBack() }
        do {
            return try await body(connection)
        } catch {
            self.learn(from: error)
            throw error
        }
    }

    /// Takes in where a slot of the cluster has gone.
    private func learn(from error: any Error) {
        guard case .cluster(let cluster) = self.servers.kind, let error = error as? RedisError else { return }
        cluster.learn(from: error.cause as? RedisError ?? error)
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
        let slot = try self.servers.slot(of: keys.map(\.redisKey))
        for attempt in 1... {
            let connection = try await self.lease(for: slot, within: self.poolTime)
            defer { connection.giveBack() }
            do {
                try await connection.watch(keys)
            } catch {
                // The keys are about to be elsewhere.
                guard error.isRedirection, attempt < attempts else { throw error }
                self.learn(from: error)
                try await Task.sleep(for: self.configuration.reconnectPause)
                continue
            }
            do {
                return try await body(connection)
            } catch let error as RedisError {
                self.learn(from: error)
                let cause = error.prefix == "EXECABORT" ? error.cause as? RedisError : nil
                let isMoving = cause?.isRedirection == true
                // Only what says that nothing was carried out.
                guard error.code == .transactionAborted || isMoving, attempt < attempts else { throw error }
                if isMoving { try await Task.sleep(for: self.configuration.reconnectPause) }
            }
        }
        throw RedisError(.transactionAborted, "the keys have changed each time")
    }

    /// How long a caller may wait for a connection of its own.
    private var poolTime: CallTime { CallTime(self.configuration.pool.acquireTimeout.asTimeout) }

    /// A connection of the server that has a slot, which has to be given back.
    private func lease(
        for slot: HashSlot?, within time: CallTime
    ) async throws(RedisError) -> RedisExclusiveConnection {
        let node: RedisNode
        switch self.servers.kind {
        case .node(let only): node = only
        case .cluster(let cluster):
            node = try cluster.node(at: try await cluster.address(of: slot, reading: false, within: time))
        }
        return RedisExclusiveConnection(
            try await node.pool.lease(before: time.deadline), of: node.pool,
            commandTimeout: self.configuration.commandTimeout.asTimeout)
    }

    /// The replies to commands that a connection is lent for.
    func exclusiveReplies(
        _ slot: HashSlot?, count: Int, within time: CallTime, _ encode: (inout RedisCommandEncoder) -> Void
    ) async throws(RedisError) -> [RedisReply] {
        func send(to node: RedisNode, isAsking: Bool) async throws(RedisError) -> [RedisReply] {
            let connection = try await node.pool.lease(before: time.deadline)
            defer { node.pool.giveBack(connection) }
            return try await connection.batch(within: time) { encoder in
                if isAsking { encoder.command("ASKING") }
                encode(&encoder)
            }.replies.suffix(count)
        }
        switch self.servers.kind {
        case .node(let node):
            return try await send(to: node, isAsking: false)
        case .cluster(let cluster):
            // What was carried out is not sent again: a pipeline is followed only if every command was redirected.
            return try await cluster.follow(slot, isReadOnly: false, canAsk: count == 1, within: time) {
                (node, isAsking) async throws(RedisError) in
                let replies = try await send(to: node, isAsking: isAsking)
                let isRedirected = replies.allSatisfy { $0.error?.isRedirection == true }
                return (replies, isRedirected ? replies.first?.error : nil)
            }
        }
    }
}
