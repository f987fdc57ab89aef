// SPDX-License-Identifier: Apache-2.0

public import Logging
public import NIOCore
public import NIOPosix
import NIOSSL

/// A client of a Redis or Valkey server, of one that sentinels watch over, or of a cluster.
///
/// ```swift
/// let redis = try RedisClient(url: "redis://localhost:6379")
/// try await redis.execute(SET("greeting", "hello", for: .seconds(60)))
/// let greeting = try await redis.execute(GET("greeting"))
/// ```
///
/// All callers share a few connections. It connects when it is first used, and again when a connection is lost; there is
/// nothing to start. A command that is cancelled or runs out of time fails for its caller alone: the connection goes on,
/// and the reply, when it comes, is dropped. While there is no connection, commands fail at once.
public final class RedisClient: Sendable {
    /// Replies to commands that were sent together.
    package struct Batch: Sendable {
        package var replies: [RedisReply]
        /// The connection they came on; each has a number of its own.
        package var connection: UInt64

        /// Without the reply to what was sent ahead.
        var withoutFirst: Batch { Batch(replies: Array(self.replies.dropFirst()), connection: self.connection) }
    }

    let configuration: RedisClientConfiguration
    let servers: RedisServers
    let telemetry: RedisTelemetry?
    private let commandTimeout: TimeAmount
    private let pushes: PushHandlers

    /// Makes a client; it connects at the first command.
    ///
    /// - Parameters:
    ///   - configuration: The server, and limits.
    ///   - eventLoopGroup: Where connections live.
    ///   - logger: Told of connections that are made and lost. Never of arguments or passwords.
    /// - Throws: ``RedisError`` with the code ``RedisError/Code/invalidConfiguration``.
    public init(
        _ configuration: RedisClientConfiguration,
        eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        logger: Logger = Logger(label: "redis", factory: { _ in SwiftLogNoOpLogHandler() })
    ) throws(RedisError) {
        guard configuration.connections > 0 else {
            throw RedisError(.invalidConfiguration, "there must be at least one connection")
        }
        let telemetry = RedisTelemetry(configuration, logger: logger)
        let pushes = PushHandlers()
        self.pushes = pushes
        self.configuration = configuration
        self.telemetry = telemetry
        self.commandTimeout = configuration.commandTimeout.asTimeout
        self.servers = try RedisServers(
            configuration, on: eventLoopGroup, logger: logger, telemetry: telemetry, onPush: pushes.handle)
    }

    /// Whether it talks to many servers that share the keys.
    package var isCluster: Bool {
        if case .cluster = self.configuration.topology.kind { true } else { false }
    }

    /// Whether it speaks TLS.
    package var isEncrypted: Bool { self.configuration.tls != nil }

    /// Makes a client for the server of a URL; see ``RedisClientConfiguration/init(url:)``.
    public convenience init(
        url: String,
        eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        logger: Logger = Logger(label: "redis", factory: { _ in SwiftLogNoOpLogHandler() })
    ) throws(RedisError) {
        try self.init(RedisClientConfiguration(url: url), eventLoopGroup: eventLoopGroup, logger: logger)
    }

    deinit {
        self.servers.close(within: .zero)
    }

    /// Takes no further commands, waits for those under way, and closes the connections.
    ///
    /// - Parameter grace: How long it may take; then what is left fails.
    public func close(within grace: Duration = .seconds(5)) async {
        // All close at once; none of the futures fails.
        for end in self.servers.close(within: grace) { try? await end.get() }
    }

    /// Has a function called on the event loop for each push over a connection that is shared, in wire order with the functions
    /// given to ``send(timeout:_:then:)``.
    package func onPush(_ handler: @escaping @Sendable (RedisValue) -> Void) {
        self.pushes.add(handler)
    }

    // MARK: Sending

    /// Sends a command, and reads its reply. One that changes nothing (``RedisCommand/isReadOnly``) is sent once more when its
    /// connection is lost, as soon as there is another and within its time. One that blocks
    /// (``RedisCommand/blockingTime``) has a connection of its own meanwhile.
    ///
    /// - Parameters:
    ///   - command: The command.
    ///   - timeout: How long it may take, beside the time that it blocks; nil for what the configuration says.
    @discardableResult
    public func execute<Command: RedisCommand>(
        _ command: Command, timeout: Duration? = nil
    ) async throws(RedisError) -> Command.Response {
        guard let telemetry else { return try await self.response(to: command, timeout) }
        return try await telemetry.observe(command.name) { () async throws(RedisError) in
            try await self.response(to: command, timeout)
        }
    }

    private func response<Command: RedisCommand>(
        to command: Command, _ timeout: Duration?
    ) async throws(RedisError) -> Command.Response {
        let time = self.time(timeout, blocking: command.blockingTime)
        if command.blockingTime != nil {
            let slot = try self.servers.slot(of: command.keys)
            let replies = try await self.exclusiveReplies(slot, count: 1, within: time) { command.encode(into: &$0) }
            return try Command.decode(replies.first)
        }
        switch self.servers.kind {
        case .node(let node): return try Command.decode(try await node.reply(to: command, within: time))
        case .cluster(let cluster): return try await cluster.response(to: command, within: time)
        }
    }

    /// Until when a call has time.
    func time(_ timeout: Duration?, blocking: Duration? = nil) -> CallTime {
        CallTime(timeout, usually: self.commandTimeout, blocking: blocking)
    }

    /// Sends what `encode` writes to the server of a key, and waits for all replies.
    ///
    /// - Parameters:
    ///   - key: What the first command is about, which with a cluster decides where all of them go; nil for anywhere.
    ///   - lane: Over which connection.
    ///   - observe: Is given the replies first: on the event loop, in wire order with pushes; of each server that is asked.
    package func send(
        for key: String? = nil, timeout: Duration? = nil, over lane: Lane = .any,
        observe: (@Sendable (Batch) -> Void)? = nil, _ encode: (inout RedisCommandEncoder) -> Void
    ) async throws(RedisError) -> Batch {
        try await self.send(
            "PIPELINE", for: key, within: self.time(timeout), over: lane, observe: observe, encode)
    }

    /// - Parameter operation: What it is to metrics and spans.
    func send(
        _ operation: String, for key: String?, within time: CallTime, over lane: Lane,
        observe: (@Sendable (Batch) -> Void)? = nil, _ encode: (inout RedisCommandEncoder) -> Void
    ) async throws(RedisError) -> Batch {
        guard let telemetry else {
            return try await self.batch(for: key, within: time, over: lane, observe: observe, encode)
        }
        return try await telemetry.observe(operation) { () async throws(RedisError) in
            try await self.batch(for: key, within: time, over: lane, observe: observe, encode)
        }
    }

    private func batch(
        for key: String?, within time: CallTime, over lane: Lane, observe: (@Sendable (Batch) -> Void)?,
        _ encode: (inout RedisCommandEncoder) -> Void
    ) async throws(RedisError) -> Batch {
        switch self.servers.kind {
        case .node(let node):
            return try await node.batch(within: time, over: lane, observe: observe, encode)
        case .cluster(let cluster):
            return try await cluster.batch(for: key, within: time, over: lane, observe: observe, encode)
        }
    }

    /// Sends what `encode` writes, and calls `body` on the event loop when all replies are there, in wire order with pushes.
    package func send(
        timeout: Duration? = nil, _ encode: (inout RedisCommandEncoder) -> Void,
        then body: @escaping @Sendable (Result<Batch, RedisError>) -> Void
    ) {
        do {
            let time = self.time(timeout)
            try self.servers.node.connection(for: .any).send(
                .function(body), deadline: time.deadline, timeout: time.timeout, ticket: CommandTicket.next(), encode)
        } catch {
            self.servers.eventLoop.execute { body(.failure(error)) }
        }
    }

    /// Numbers for the connections to a server that share the commands.
    package var connectionIndices: Range<Int> { 0..<self.configuration.connections }

    /// The server that takes writes for a key, as far as is known.
    package func server(of key: @autoclosure () -> String) -> RedisServerID {
        switch self.servers.kind {
        case .node: .only
        case .cluster(let cluster): RedisServerID(address: cluster.primary(of: HashSlot(RedisKey(key()))))
        }
    }

    /// A server is not what it was thought to be: has a cluster asked anew who has which keys.
    package func serversHaveChanged() {
        if case .cluster(let cluster) = self.servers.kind { cluster.refreshSoon() }
    }

    /// The servers that have all keys between them, and maybe others.
    package func serverIDs(timeout: Duration? = nil) async throws(RedisError) -> [RedisServerID] {
        switch self.servers.kind {
        case .node: [.only]
        case .cluster(let cluster):
            try await cluster.addresses(within: self.time(timeout)).map { RedisServerID(address: $0) }
        }
    }

    /// The servers that have all keys between them, each once.
    package func primaryIDs() async throws(RedisError) -> [RedisServerID] {
        switch self.servers.kind {
        case .node: [.only]
        case .cluster(let cluster):
            try await cluster.primaryAddresses(within: self.time(nil)).map { RedisServerID(address: $0) }
        }
    }

    /// Sends what `encode` writes to one of the servers, and waits for all replies.
    package func send(
        to server: RedisServerID, timeout: Duration? = nil, over lane: Lane = .any,
        _ encode: (inout RedisCommandEncoder) -> Void
    ) async throws(RedisError) -> Batch {
        let time = self.time(timeout)
        switch self.servers.kind {
        case .node(let node): return try await node.batch(within: time, over: lane, encode)
        case .cluster(let cluster):
            guard let address = server.address else { throw RedisError(.connectionFailed, "no server has the key") }
            return try await cluster.node(at: address).batch(within: time, over: lane, encode)
        }
    }

    /// Authenticates the shared connections that are there anew, as whom the configuration says now. One that the server
    /// refuses is closed, and made again; those of the pool and of subscriptions are asked when they are next made.
    ///
    /// - Throws: What ``RedisClientConfiguration/credentials`` throws.
    public func reauthenticate() async throws {
        guard let credentials = try await self.configuration.currentCredentials() else { return }
        for connection in self.servers.nodes.flatMap(\.connections) {
            connection.send({
                $0.command("AUTH", credentials.username ?? "default", credentials.password)
            }) { result in
                if case .success(let batch) = result, batch.replies.first?.error == nil { return }
                connection.fail(RedisError(.connectionClosed, "the server refused the new credentials"))
            }
        }
        for node in self.servers.nodes { node.pool.discard() }
    }
}
