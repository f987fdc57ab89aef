// SPDX-License-Identifier: Apache-2.0

/// Removes keys; their memory is given back in the background. Answers how many there were.
/// <https://redis.io/commands/unlink>
public struct UNLINK: RedisCommand {
    public typealias Response = Int

    public let keys: [RedisKey]

    /// Makes the command.
    public init(_ keys: any RedisKeyConvertible...) {
        self.keys = keys.map(\.redisKey)
    }

    /// Makes the command.
    public init(_ keys: [any RedisKeyConvertible]) {
        self.keys = keys.map(\.redisKey)
    }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("UNLINK", self.keys)
    }
}

/// How many of the keys there are; one named twice counts twice. <https://redis.io/commands/exists>
public struct EXISTS: RedisCommand {
    public typealias Response = Int

    public let keys: [RedisKey]

    /// Makes the command.
    public init(_ keys: any RedisKeyConvertible...) {
        self.keys = keys.map(\.redisKey)
    }

    public var isReadOnly: Bool { true }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("EXISTS", self.keys)
    }
}

/// Marks keys as used; answers how many there are. <https://redis.io/commands/touch>
public struct TOUCH: RedisCommand {
    public typealias Response = Int

    public let keys: [RedisKey]

    /// Makes the command.
    public init(_ keys: any RedisKeyConvertible...) {
        self.keys = keys.map(\.redisKey)
    }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("TOUCH", self.keys)
    }
}

/// Gives a key a lifetime; answers whether it did. <https://redis.io/commands/pexpire>
public struct PEXPIRE: RedisKeyCommand {
    public typealias Response = Bool

    /// When to give it.
    public enum Condition: String, Sendable {
        /// Only to a key that has none.
        case ifEndless = "NX"
        /// Only to a key that has one.
        case ifLimited = "XX"
        /// Only to a key that would end earlier.
        case ifLonger = "GT"
        /// Only to a key that would end later, or never.
        case ifShorter = "LT"
    }

    public let key: RedisKey
    let lifetime: Duration
    let condition: Condition?

    /// Makes the command.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - lifetime: How long it is kept from now, to the millisecond.
    ///   - condition: When to give it; nil for always.
    public init(_ key: some RedisKeyConvertible, for lifetime: Duration, _ condition: Condition? = nil) {
        self.key = key.redisKey
        self.lifetime = lifetime
        self.condition = condition
    }

    public func encode(into encoder: inout RedisCommandEncoder) {
        let options: [any RedisArgument] = self.condition.map { [$0.rawValue] } ?? []
        encoder.command("PEXPIRE", [self.key, self.lifetime.wholeMilliseconds] + options)
    }
}

/// Lets a key live for ever; answers whether it had an end. <https://redis.io/commands/persist>
public struct PERSIST: RedisKeyCommand {
    public typealias Response = Bool

    public let key: RedisKey

    /// Makes the command.
    public init(_ key: some RedisKeyConvertible) {
        self.key = key.redisKey
    }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("PERSIST", self.key)
    }
}

/// How long a key is still kept. <https://redis.io/commands/pttl>
public struct PTTL: RedisKeyCommand {
    /// How long a key is still kept.
    public enum Response: Sendable, Hashable {
        /// There is no such key.
        case missing
        /// For ever.
        case endless
        /// So long.
        case limited(Duration)
    }

    public let key: RedisKey

    /// Makes the command.
    public init(_ key: some RedisKeyConvertible) {
        self.key = key.redisKey
    }

    public var isReadOnly: Bool { true }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("PTTL", self.key)
    }

    public static func response(from value: RedisValue) throws(RedisError) -> Response {
        switch value {
        case .integer(-2): return .missing
        case .integer(-1): return .endless
        case .integer(let milliseconds): return .limited(.milliseconds(milliseconds))
        default: throw .unexpectedReply(to: "PTTL")
        }
    }
}

/// What kind of value a key has: `string`, `hash`, `none` when there is no such key. <https://redis.io/commands/type>
public struct TYPE: RedisKeyCommand {
    public typealias Response = String

    public let key: RedisKey

    /// Makes the command.
    public init(_ key: some RedisKeyConvertible) {
        self.key = key.redisKey
    }

    public var isReadOnly: Bool { true }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("TYPE", self.key)
    }
}

/// Gives a key another name, in place of any key of that name. <https://redis.io/commands/rename>
public struct RENAME: RedisCommand {
    public let keys: [RedisKey]

    /// Makes the command.
    public init(_ key: some RedisKeyConvertible, to newKey: some RedisKeyConvertible) {
        self.keys = [key.redisKey, newKey.redisKey]
    }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("RENAME", self.keys)
    }

    public static func response(from value: RedisValue) throws(RedisError) {
        try Self.checkOK(value)
    }
}

/// Copies a key; answers whether it did. <https://redis.io/commands/copy>
public struct COPY: RedisCommand {
    public typealias Response = Bool

    public let keys: [RedisKey]
    let replaces: Bool

    /// Makes the command.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - newKey: The name of the copy.
    ///   - replaces: Whether it takes the place of a key of that name.
    public init(_ key: some RedisKeyConvertible, to newKey: some RedisKeyConvertible, replaces: Bool = false) {
        self.keys = [key.redisKey, newKey.redisKey]
        self.replaces = replaces
    }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("COPY", self.keys + (self.replaces ? ["REPLACE"] : []) as [any RedisArgument])
    }
}

/// How many bytes a key and its value take in the server; nil when there is no such key.
/// <https://redis.io/commands/memory-usage>
public struct MEMORYUSAGE: RedisKeyCommand {
    public typealias Response = Int?

    public let key: RedisKey

    /// Makes the command.
    public init(_ key: some RedisKeyConvertible) {
        self.key = key.redisKey
    }

    public var isReadOnly: Bool { true }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("MEMORY", "USAGE", self.key)
    }
}
