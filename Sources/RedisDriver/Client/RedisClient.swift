// SPDX-License-Identifier: Apache-2.0

public import Logging
public import NIOCore
public import NIOPosix
import NIOSSL
import Synchronization

/// A client of one Redis or Valkey server, over a few connections that all callers share.
///
/// ```swift
/// let redis = try RedisClient(url: "redis://localhost:6379")
/// try await redis.execute(SET("greeting", "hello", for: .seconds(60)))
/// let greeting = try await redis.execute(GET("greeting"))
/// ```
///
/// It connects when it is first used, and again when a connection is lost; there is nothing to start. A command that is
/// cancelled or runs out of time fails for its caller alone: the connection goes on, and the reply, when it comes, is
/// dropped. While there is no connection, commands fail at once.
public final class RedisClient: Sendable {
    /// Replies to commands that were sent together.
    package struct Batch: Sendable {
        package var replies: [RedisReply]
        /// The connection they came on; each has a number of its own.
        package var connection: UInt64
    }

    let configuration: RedisClientConfiguration
    private let nodes: [RedisNode]
    let subscriptions: SubscriptionConnection
    private let next = Atomic<Int>(0)
    private let lastTicket = Atomic<UInt64>(0)

    /// Makes a client; it connects at the first command.
    ///
    /// - Parameters:
    ///   - configuration: The server, and limits.
    ///   - eventLoopGroup: Where connections live.
    ///   - logger: Told of connections that are made and lost. Never of arguments or passwords.
    /// - Throws: ``RedisError`` with the code ``RedisError/Code/invalidConfiguration``.
    public convenience init(
        _ configuration: RedisClientConfiguration,
        eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        logger: Logger = Logger(label: "redis", factory: { _ in SwiftLogNoOpLogHandler() })
    ) throws(RedisError) {
        try self.init(configuration, eventLoopGroup: eventLoopGroup, logger: logger, onPush: { _ in })
    }

    /// Makes a client for the server of a URL; see ``RedisClientConfiguration/init(url:)``.
    public convenience init(
        url: String,
        eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        logger: Logger = Logger(label: "redis", factory: { _ in SwiftLogNoOpLogHandler() })
    ) throws(RedisError) {
        try self.init(RedisClientConfiguration(url: url), eventLoopGroup: eventLoopGroup, logger: logger)
    }

    /// Makes a client that is told of pushes.
    ///
    /// - Parameter onPush: Called on the event loop for each push, in wire order with the functions
    ///   given to ``send(timeout:_:then:)``.
    package init(
        _ configuration: RedisClientConfiguration,
        eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        logger: Logger = Logger(label: "redis", factory: { _ in SwiftLogNoOpLogHandler() }),
        onPush: @escaping @Sendable (RedisValue) -> Void
    ) throws(RedisError) {
        var context: NIOSSLContext?
        if let tls = configuration.tls {
            do {
                context = try NIOSSLContext(configuration: tls)
            } catch {
                throw RedisError(.invalidConfiguration, "the settings for encryption cannot be used", cause: error)
            }
        }
        guard configuration.connections > 0 else {
            throw RedisError(.invalidConfiguration, "there must be at least one connection")
        }
        self.configuration = configuration
        var observer = RedisNode.Observer()
        observer.onPush = onPush
        self.nodes = (0..<configuration.connections).map { [observer] _ in
            RedisNode(on: eventLoopGroup.next(), configuration, tls: context, logger: logger, observer)
        }
        self.subscriptions = SubscriptionConnection(
            on: eventLoopGroup.next(), configuration, tls: context, logger: logger)
    }

    deinit {
        for node in self.nodes { node.close(within: .zero) }
        self.subscriptions.close(within: .zero)
    }

    /// Takes no further commands, waits for those under way, and closes the connections.
    ///
    /// - Parameter grace: How long it may take; then what is left fails.
    public func close(within grace: Duration = .seconds(5)) async {
        // All close at once; none of the futures fails.
        let ends = [self.subscriptions.close(within: grace)] + self.nodes.map { $0.close(within: grace) }
        for end in ends { try? await end.get() }
    }

    // MARK: Sending

    /// Sends a command, and reads its reply. One that changes nothing (``RedisCommand/isReadOnly``) is sent once more when its
    /// connection is lost, as soon as there is another and within its time.
    ///
    /// - Parameters:
    ///   - command: The command.
    ///   - timeout: How long it may take; nil for what the configuration says.
    @discardableResult
    public func execute<Command: RedisCommand>(
        _ command: Command, timeout: Duration? = nil
    ) async throws(RedisError) -> Command.Response {
        let timeout = timeout ?? self.configuration.commandTimeout
        let deadline = ContinuousClock.now + timeout
        var batch: Batch
        do {
            batch = try await self.send(timeout: timeout) { command.encode(into: &$0) }
        } catch let loss where command.isReadOnly && loss.code == .connectionClosed {
            batch = try await self.sendAgain(until: deadline, after: loss) { command.encode(into: &$0) }
        }
        return try Command.decode(batch.replies.first)
    }

    /// Sends what a lost connection left unanswered over another, once there is one.
    private func sendAgain(
        until deadline: ContinuousClock.Instant, after loss: RedisError, _ encode: (inout RedisCommandEncoder) -> Void
    ) async throws(RedisError) -> Batch {
        while true {
            let rest = ContinuousClock.now.duration(to: deadline) - self.configuration.reconnectPause
            guard rest > .zero else { throw loss }
            do {
                try await Task.sleep(for: self.configuration.reconnectPause)
            } catch {
                throw Self.cancellation
            }
            do {
                return try await self.send(timeout: rest, encode)
            } catch let error where error.code == .connectionFailed {
                // There is none yet; nothing was sent.
            }
        }
    }

    /// Sends commands together, in one write if they fit, and reads their replies. Nothing else of this client comes
    /// between them; other clients' commands may.
    ///
    /// - Returns: For each command its response, or the error that the server answered it with.
    /// - Throws: When not all have a reply.
    public func pipeline<each Command: RedisCommand>(
        _ command: repeat each Command, timeout: Duration? = nil
    ) async throws(RedisError) -> (repeat Result<(each Command).Response, RedisError>) {
        let batch = try await self.send(timeout: timeout) { encoder in
            repeat (each command).encode(into: &encoder)
        }
        var replies = batch.replies.makeIterator()
        return (repeat Self.decode(each command, replies.next()))
    }

    private static func decode<Command: RedisCommand>(
        _ command: Command, _ reply: RedisReply?
    ) -> Result<Command.Response, RedisError> {
        Result { () throws(RedisError) in try Command.decode(reply) }
    }

    /// Runs a script.
    ///
    /// - Parameters:
    ///   - script: The script.
    ///   - keys: The keys it touches.
    ///   - arguments: Its other arguments.
    ///   - timeout: How long it may take; nil for what the configuration says.
    public func evaluate(
        _ script: RedisScript, keys: [any RedisKeyConvertible], arguments: [any RedisArgument], timeout: Duration? = nil
    ) async throws(RedisError) -> RedisValue {
        let batch = try await self.send(script, keys: keys, arguments: arguments, timeout: timeout)
        guard let reply = batch.replies.first else { throw .unexpectedReply(to: "EVALSHA") }
        return try reply.value()
    }

    /// Runs a script, and further commands after it in the same round trip. A server that does not have the script is
    /// sent its source in a second one; the further commands are then sent again after it.
    ///
    /// - Parameters:
    ///   - connection: Over which of the ``connectionIndices``; nil for any.
    ///   - further: Writes further commands.
    package func send(
        _ script: RedisScript, keys: [any RedisKeyConvertible], arguments: [any RedisArgument],
        timeout: Duration? = nil,
        over connection: Int? = nil,
        further: (inout RedisCommandEncoder) -> Void = { _ in }
    ) async throws(RedisError) -> Batch {
        var call = ScriptCall(script: script, keys: keys.map(\.redisKey), arguments: arguments)
        func encode(_ encoder: inout RedisCommandEncoder) {
            call.encode(into: &encoder)
            further(&encoder)
        }
        let timeout = timeout ?? self.configuration.commandTimeout
        let deadline = ContinuousClock.now + timeout
        let batch = try await self.send(timeout: timeout, over: connection, encode)
        guard batch.replies.first?.isError("NOSCRIPT") == true else { return batch }
        call.bySource = true
        let rest = ContinuousClock.now.duration(to: deadline)
        guard rest > .zero else { throw RedisError(.timedOut, "no reply in time") }
        return try await self.send(timeout: rest, over: connection, encode)
    }

    /// Sends what `encode` writes, and waits for all replies.
    ///
    /// - Parameter index: Over which of the ``connectionIndices``; nil for any.
    package func send(
        timeout: Duration? = nil, over index: Int? = nil,
        _ encode: (inout RedisCommandEncoder) -> Void
    ) async throws(RedisError) -> Batch {
        try await self.send(on: try self.connection(index), timeout: timeout, encode)
    }

    /// Sends what `encode` writes on a connection, and waits for all replies.
    func send(
        on connection: RedisConnection, timeout: Duration? = nil, _ encode: (inout RedisCommandEncoder) -> Void
    ) async throws(RedisError) -> Batch {
        let ticket = self.newTicket()
        let timeout = timeout ?? self.configuration.commandTimeout
        let result = await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                connection.send(.task(continuation), timeout: timeout, ticket: ticket, encode)
                // A cancellation that came before the command was queued found nothing to abandon.
                if Task.isCancelled { connection.abandon(ticket, Self.cancellation) }
            }
        } onCancel: {
            connection.abandon(ticket, Self.cancellation)
        }
        return try result.get()
    }

    /// Sends what `encode` writes, and calls `body` on the event loop when all replies are there, in wire order with pushes.
    package func send(
        timeout: Duration? = nil, _ encode: (inout RedisCommandEncoder) -> Void,
        then body: @escaping @Sendable (Result<Batch, RedisError>) -> Void
    ) {
        do {
            try self.connection(nil).send(
                .function(body), timeout: timeout ?? self.configuration.commandTimeout, ticket: self.newTicket(), encode
            )
        } catch {
            body(.failure(error))
        }
    }

    private static let cancellation = RedisError(.cancelled, "the caller's task was cancelled")

    /// Numbers for the connections that share the commands.
    package var connectionIndices: Range<Int> { self.nodes.indices }

    /// The connection of an index, or another while that one is not there.
    private func connection(_ index: Int?) throws(RedisError) -> RedisConnection {
        guard self.nodes.count > 1 else { return try self.nodes[0].connection() }
        let first = UInt(bitPattern: index ?? self.next.wrappingAdd(1, ordering: .relaxed).newValue)
        var failure: RedisError?
        for offset in 0..<UInt(self.nodes.count) {
            do {
                return try self.nodes[Int((first &+ offset) % UInt(self.nodes.count))].connection()
            } catch {
                failure = failure ?? error
            }
        }
        throw failure ?? RedisError(.connectionFailed, "there is no connection")
    }

    private func newTicket() -> UInt64 {
        self.lastTicket.wrappingAdd(1, ordering: .relaxed).newValue
    }
}
