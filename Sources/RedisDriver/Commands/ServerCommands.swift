// SPDX-License-Identifier: Apache-2.0

public import NIOCore

/// Asks for a sign of life. <https://redis.io/commands/ping>
public struct PING: RedisCommand {
    /// Makes the command.
    public init() {}

    public var isReadOnly: Bool { true }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("PING")
    }

    public static func response(from value: RedisValue) throws(RedisError) {
        guard value.text == "PONG" else { throw .unexpectedReply(to: "PING") }
    }
}

/// How many keys the database has. <https://redis.io/commands/dbsize>
public struct DBSIZE: RedisCommand {
    public typealias Response = Int

    /// Makes the command.
    public init() {}

    public var isReadOnly: Bool { true }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("DBSIZE")
    }
}

/// Removes all keys of the database; their memory is given back in the background. <https://redis.io/commands/flushdb>
public struct FLUSHDB: RedisCommand {
    /// Makes the command.
    public init() {}

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("FLUSHDB", "ASYNC")
    }

    public static func response(from value: RedisValue) throws(RedisError) {
        try Self.checkOK(value)
    }
}

/// What the server says of itself, by name: `redis_version`, `used_memory`, `role`. <https://redis.io/commands/info>
public struct INFO: RedisCommand {
    let sections: [String]

    /// Makes the command.
    ///
    /// - Parameter sections: Such as `memory`; none for the usual ones.
    public init(_ sections: String...) {
        self.sections = sections
    }

    public var isReadOnly: Bool { true }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("INFO", self.sections)
    }

    public static func response(from value: RedisValue) throws(RedisError) -> [String: String] {
        guard let text = value.text else { throw .unexpectedReply(to: "INFO") }
        var fields: [String: String] = [:]
        for line in text.split(whereSeparator: \.isNewline) where !line.hasPrefix("#") {
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { fields[String(parts[0])] = String(parts[1]) }
        }
        return fields
    }
}

/// Settings of the server, by name. <https://redis.io/commands/config-get>
public struct CONFIGGET: RedisCommand {
    public typealias Response = [String: String]

    let patterns: [String]

    /// Makes the command.
    ///
    /// - Parameter patterns: Names, with `*`, `?` and `[…]`.
    public init(_ patterns: String...) {
        self.patterns = patterns
    }

    public var isReadOnly: Bool { true }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("CONFIG", ["GET"] + self.patterns)
    }
}

/// Sends a message to whoever subscribes to a channel now; answers how many do, on this server.
/// <https://redis.io/commands/publish>
public struct PUBLISH: RedisCommand {
    public typealias Response = Int

    let channel: String
    let message: any RedisArgument

    /// Makes the command.
    public init(_ channel: String, _ message: some RedisArgument) {
        self.channel = channel
        self.message = message
    }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("PUBLISH", [self.channel, self.message])
    }
}

/// Sends a message to whoever subscribes to a shard channel now; answers how many do, on this server. Since Redis 7.
/// <https://redis.io/commands/spublish>
public struct SPUBLISH: RedisCommand {
    public typealias Response = Int

    let channel: String
    let message: any RedisArgument

    /// Makes the command.
    public init(_ channel: String, _ message: some RedisArgument) {
        self.channel = channel
        self.message = message
    }

    /// The channel, which lives on the node of the key of the same name.
    public var keys: [RedisKey] { [self.channel.redisKey] }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("SPUBLISH", [self.channel, self.message])
    }
}

/// What time it is by the server's clock: since 1970, to the microsecond. <https://redis.io/commands/time>
public struct TIME: RedisCommand {
    /// Makes the command.
    public init() {}

    public var isReadOnly: Bool { true }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("TIME")
    }

    public static func response(from value: RedisValue) throws(RedisError) -> Duration {
        guard
            case .array(let parts) = value, parts.count == 2, let seconds = parts[0].integer,
            let microseconds = parts[1].integer, (0..<1_000_000).contains(microseconds)
        else { throw .unexpectedReply(to: "TIME") }
        return Duration.seconds(seconds) + .microseconds(microseconds)
    }
}

/// Waits until replicas have what was written before over the same connection; answers how many have it, also when they
/// are fewer. Send it behind the writes, in one pipeline: over another connection it vouches for nothing.
/// <https://redis.io/commands/wait>
public struct WAIT: RedisCommand {
    public typealias Response = Int

    let replicas: Int
    let blocking: Duration

    /// Makes the command.
    ///
    /// - Parameters:
    ///   - replicas: For how many replicas the server waits.
    ///   - blocking: How long it waits, to the millisecond.
    public init(_ replicas: Int, blocking: Duration) {
        self.replicas = replicas
        self.blocking = blocking
    }

    public var blockingTime: Duration? { self.blocking }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("WAIT", self.replicas, self.blocking.wholeMilliseconds)
    }
}

/// The number that the server gave the connection over which it is asked. <https://redis.io/commands/client-id>
public struct CLIENTID: RedisCommand {
    public typealias Response = Int

    /// Makes the command.
    public init() {}

    public var isReadOnly: Bool { true }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("CLIENT", "ID")
    }
}

/// Has the server close a connection, unless it is the one over which it is asked; answers whether there was another of
/// that number. <https://redis.io/commands/client-kill>
public struct CLIENTKILL: RedisCommand {
    public typealias Response = Bool

    let id: Int

    /// Makes the command.
    ///
    /// - Parameter id: The number that the server gave the connection, as ``CLIENTID`` answers it.
    public init(_ id: Int) {
        self.id = id
    }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("CLIENT", "KILL", "ID", self.id)
    }
}

/// Commands that took the server long, the last first. <https://redis.io/commands/slowlog-get>
public struct SLOWLOGGET: RedisCommand {
    /// A command that took long.
    public struct Entry: Sendable, Hashable, RedisDecodable {
        /// Its number, greater than that of all before.
        public let id: Int
        /// When it ran: since 1970 by the server's clock, to the second.
        public let time: Duration
        /// How long it ran, to the microsecond.
        public let duration: Duration
        /// Its name and arguments; the server cuts long ones short.
        public let arguments: [ByteBuffer]
        /// From which address and port it came.
        public let clientAddress: String
        /// The name of the connection over which it came; empty when it had none.
        public let clientName: String

        public init?(redisValue value: RedisValue) {
            guard
                case .array(let parts) = value, parts.count >= 6, let id = Int(redisValue: parts[0]),
                let seconds = parts[1].integer, let microseconds = parts[2].integer,
                let arguments = [ByteBuffer](redisValue: parts[3]), let address = parts[4].text,
                let name = parts[5].text
            else { return nil }
            self.id = id
            self.time = .seconds(seconds)
            self.duration = .microseconds(microseconds)
            self.arguments = arguments
            self.clientAddress = address
            self.clientName = name
        }
    }

    public typealias Response = [Entry]

    let count: Int

    /// Makes the command.
    ///
    /// - Parameter count: The most to answer.
    public init(_ count: Int = 10) {
        self.count = count
    }

    public var isReadOnly: Bool { true }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("SLOWLOG", "GET", self.count)
    }
}

/// What held the server up, and how long; empty unless its setting `latency-monitor-threshold` says what is long.
/// <https://redis.io/commands/latency-latest>
public struct LATENCYLATEST: RedisCommand {
    /// Something that held the server up.
    public struct Event: Sendable, Hashable, RedisDecodable {
        /// What it was, such as `command` or `fork`.
        public let name: String
        /// When it was so the last time: since 1970 by the server's clock, to the second.
        public let time: Duration
        /// How long it took the last time, to the millisecond.
        public let latest: Duration
        /// How long it has taken at the most, to the millisecond.
        public let longest: Duration

        public init?(redisValue value: RedisValue) {
            guard
                case .array(let parts) = value, parts.count >= 4, let name = parts[0].text,
                let seconds = parts[1].integer, let latest = parts[2].integer, let longest = parts[3].integer
            else { return nil }
            self.name = name
            self.time = .seconds(seconds)
            self.latest = .milliseconds(latest)
            self.longest = .milliseconds(longest)
        }
    }

    public typealias Response = [Event]

    /// Makes the command.
    public init() {}

    public var isReadOnly: Bool { true }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("LATENCY", "LATEST")
    }
}
