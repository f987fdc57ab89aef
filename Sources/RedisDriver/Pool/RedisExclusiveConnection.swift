// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Synchronization

/// A connection that its caller has alone, for as long as a scope lasts; see ``RedisClient/withConnection(for:_:)``.
///
/// What it remembers, such as the keys that are watched, nobody else sees.
public final class RedisExclusiveConnection: Sendable {
    let connection: RedisConnection
    private let pool: ConnectionPool
    private let commandTimeout: TimeAmount
    private let isWatching = Atomic<Bool>(false)

    init(_ connection: RedisConnection, of pool: ConnectionPool, commandTimeout: TimeAmount) {
        self.connection = connection
        self.pool = pool
        self.commandTimeout = commandTimeout
    }

    /// Ends the scope: whoever comes next finds a connection that remembers nothing.
    func giveBack() {
        guard self.isWatching.load(ordering: .relaxed) else { return self.pool.giveBack(self.connection) }
        self.connection.send({ $0.command("UNWATCH") }) { [pool, connection] _ in pool.giveBack(connection) }
    }

    private func time(_ timeout: Duration?, blocking: Duration? = nil) -> CallTime {
        CallTime(timeout, usually: self.commandTimeout, blocking: blocking)
    }

    /// Sends a command, and reads its reply. It is never sent twice.
    ///
    /// - Parameters:
    ///   - command: The command.
    ///   - timeout: How long it may take, beside the time that it blocks; nil for what the configuration says.
    @discardableResult
    public func execute<Command: RedisCommand>(
        _ command: Command, timeout: Duration? = nil
    ) async throws(RedisError) -> Command.Response {
        let time = self.time(timeout, blocking: command.blockingTime)
        return try Command.decode(try await self.connection.reply(within: time) { command.encode(into: &$0) })
    }

    /// Has the server note whether these keys change until the next transaction of this connection.
    public func watch(_ keys: any RedisKeyConvertible...) async throws(RedisError) {
        try await self.watch(keys)
    }

    func watch(_ keys: [any RedisKeyConvertible]) async throws(RedisError) {
        self.isWatching.store(true, ordering: .relaxed)
        let reply = try await self.connection.reply(within: self.time(nil)) { encoder in
            encoder.command("WATCH", keys.map(\.redisKey))
        }
        _ = try reply.value()
    }

    /// Sends commands that the server carries out as one, unless a key that is watched has changed.
    ///
    /// - Returns: For each command its response, or the error that the server answered it with.
    /// - Throws: ``RedisError/Code/transactionAborted`` when a key has changed: then nothing was carried out. See also
    ///   ``RedisClient/transaction(_:timeout:)``.
    public func transaction<each Command: RedisCommand>(
        _ command: repeat each Command, timeout: Duration? = nil
    ) async throws(RedisError) -> (repeat Result<(each Command).Response, RedisError>) {
        let batch = try await self.connection.batch(within: self.time(timeout)) { encoder in
            encoder.transaction(repeat each command)
        }
        // Whatever came of it, but for a MULTI that was refused.
        if batch.replies.first?.error == nil { self.isWatching.store(false, ordering: .relaxed) }
        return try TransactionReply(batch.replies).results(of: repeat each command)
    }
}
