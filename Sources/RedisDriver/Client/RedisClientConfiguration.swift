// SPDX-License-Identifier: Apache-2.0

public import CoreMetrics
public import NIOSSL
public import RedisRESP
public import Tracing

/// Where a client connects to, and how. The defaults suit a cache in the path of requests.
public struct RedisClientConfiguration: Sendable {
    /// The server's name or address, when there is one server.
    public var host: String
    /// The server's port, when there is one server.
    public var port: Int
    /// Whether there is one server, or how to find those that there are.
    public var topology: RedisTopology = .standalone
    /// The user to authenticate as; nil for the default user.
    public var username: String?
    /// The password; nil to not authenticate.
    public var password: String?
    /// Whom to authenticate as when that changes: asked for each connection that is made, and by
    /// ``RedisClient/reauthenticate()``. Nil for ``username`` and ``password``.
    public var credentials: (@Sendable () async throws -> RedisCredentials)?
    /// The number of the database.
    public var database: Int
    /// How to encrypt; nil for not at all.
    public var tls: TLSConfiguration?
    /// The name under which the server lists the connections.
    public var clientName: String?
    /// How many connections to each server share the commands. One is enough, unless it keeps its event loop busy.
    public var connections: Int
    /// The connections that one caller has alone: for commands that block, and for what a connection remembers.
    public var pool = RedisPoolConfiguration()
    /// How long making a connection may take, with greeting and authentication.
    public var connectTimeout: Duration
    /// How long a command may take unless told otherwise. A command that takes longer fails; its connection goes on.
    public var commandTimeout: Duration
    /// When a reply is awaited and nothing has arrived for so long, the connection is given up; nil for twice the time that
    /// the command was given, or ``commandTimeout`` when that is longer.
    public var stallTimeout: Duration?
    /// The pause before a lost connection is made again. It doubles with each attempt, up to ``maximumReconnectPause``.
    public var reconnectPause: Duration
    /// The longest pause between two attempts.
    public var maximumReconnectPause: Duration
    /// After how long without a sign of life a connection that is not used is checked; nil for never.
    public var healthCheckInterval: Duration? = .seconds(15)
    /// How many commands may be under way on a connection.
    public var maximumCommands: Int
    /// How many bytes may be on their way out on a connection.
    public var maximumQueuedBytes: Int
    /// What becomes of commands when there are so many, or so many bytes.
    public var whenFull: RedisFullPolicy = .wait()
    /// From what time on a command is logged as slow; nil for never.
    public var slowCommandThreshold: Duration?
    /// Where metrics go; nil for what `MetricsSystem` was bootstrapped with when the client was made.
    public var metricsFactory: (any MetricsFactory)?
    /// Where spans go; nil for what `InstrumentationSystem` was bootstrapped with when the client was made.
    public var tracer: (any Tracer)?
    /// How large a reply may be.
    public var replyLimits: RESPLimits
    /// What is sent on each connection after it was greeted.
    package var setup: [RawCommand] = []

    /// Makes a configuration.
    public init(
        host: String = "127.0.0.1",
        port: Int = 6379,
        username: String? = nil,
        password: String? = nil,
        database: Int = 0,
        tls: TLSConfiguration? = nil,
        clientName: String? = nil,
        connections: Int = 1,
        connectTimeout: Duration = .seconds(1),
        commandTimeout: Duration = .seconds(1),
        stallTimeout: Duration? = nil,
        reconnectPause: Duration = .milliseconds(50),
        maximumReconnectPause: Duration = .seconds(2),
        maximumCommands: Int = 8_192,
        maximumQueuedBytes: Int = 16 << 20,
        replyLimits: RESPLimits = RESPLimits()
    ) {
        self.host = host
        self.port = port
        self.username = username
        self.password = password
        self.database = database
        self.tls = tls
        self.clientName = clientName
        self.connections = connections
        self.connectTimeout = connectTimeout
        self.commandTimeout = commandTimeout
        self.stallTimeout = stallTimeout
        self.reconnectPause = reconnectPause
        self.maximumReconnectPause = maximumReconnectPause
        self.maximumCommands = maximumCommands
        self.maximumQueuedBytes = maximumQueuedBytes
        self.replyLimits = replyLimits
    }
}
