// SPDX-License-Identifier: Apache-2.0

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
