// SPDX-License-Identifier: Apache-2.0

public import NIOCore

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

/// Removes keys, and gives their memory back before it answers how many there were. <https://redis.io/commands/del>
public struct DEL: RedisCommand {
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
        encoder.command("DEL", self.keys)
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

    /// Makes the command.
    public init(_ keys: [any RedisKeyConvertible]) {
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

    /// Makes the command.
    public init(_ keys: [any RedisKeyConvertible]) {
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

/// Gives a key an end; answers whether it did. A time that has passed removes the key.
/// <https://redis.io/commands/pexpireat>
public struct PEXPIREAT: RedisKeyCommand {
    public typealias Response = Bool

    public let key: RedisKey
    let time: Duration
    let condition: PEXPIRE.Condition?

    /// Makes the command.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - time: Until when it is kept: since 1970 by the server's clock, to the millisecond.
    ///   - condition: When to give it, for which the server must be Redis 7 or later; nil for always.
    public init(_ key: some RedisKeyConvertible, at time: Duration, _ condition: PEXPIRE.Condition? = nil) {
        self.key = key.redisKey
        self.time = time
        self.condition = condition
    }

    public func encode(into encoder: inout RedisCommandEncoder) {
        let options: [any RedisArgument] = self.condition.map { [$0.rawValue] } ?? []
        encoder.command("PEXPIREAT", [self.key, self.time.millisecondsSince1970] + options)
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

/// Until when a key is kept. Since Redis 7. <https://redis.io/commands/pexpiretime>
public struct PEXPIRETIME: RedisKeyCommand {
    /// Until when a key is kept.
    public enum Response: Sendable, Hashable {
        /// There is no such key.
        case missing
        /// For ever.
        case endless
        /// Until then: since 1970 by the server's clock.
        case until(Duration)
    }

    public let key: RedisKey

    /// Makes the command.
    public init(_ key: some RedisKeyConvertible) {
        self.key = key.redisKey
    }

    public var isReadOnly: Bool { true }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("PEXPIRETIME", self.key)
    }

    public static func response(from value: RedisValue) throws(RedisError) -> Response {
        switch value {
        case .integer(-2): return .missing
        case .integer(-1): return .endless
        case .integer(let milliseconds): return .until(.milliseconds(milliseconds))
        default: throw .unexpectedReply(to: "PEXPIRETIME")
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

/// How often a key was used of late: 0 to 255, on a scale of powers; nil when there is no such key. Only for a server
/// that evicts by it. <https://redis.io/commands/object-freq>
public struct OBJECTFREQ: RedisKeyCommand {
    public typealias Response = Int?

    public let key: RedisKey

    /// Makes the command.
    public init(_ key: some RedisKeyConvertible) {
        self.key = key.redisKey
    }

    public var isReadOnly: Bool { true }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("OBJECT", "FREQ", self.key)
    }
}

/// How long ago a key was used last, to some seconds; nil when there is no such key. Not for a server that evicts by
/// frequency. <https://redis.io/commands/object-idletime>
public struct OBJECTIDLETIME: RedisKeyCommand {
    public let key: RedisKey

    /// Makes the command.
    public init(_ key: some RedisKeyConvertible) {
        self.key = key.redisKey
    }

    public var isReadOnly: Bool { true }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("OBJECT", "IDLETIME", self.key)
    }

    public static func response(from value: RedisValue) throws(RedisError) -> Duration? {
        switch value {
        case .null: return nil
        case .integer(let seconds): return .seconds(seconds)
        default: throw .unexpectedReply(to: "OBJECTIDLETIME")
        }
    }
}

/// A key by chance; nil when there are none. <https://redis.io/commands/randomkey>
public struct RANDOMKEY: RedisCommand {
    public typealias Response = RedisKey?

    /// Makes the command.
    public init() {}

    public var isReadOnly: Bool { true }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("RANDOMKEY")
    }
}

/// The value of a key in the form that ``RESTORE`` takes; nil when there is no such key. Its life is not a part of it.
/// <https://redis.io/commands/dump>
public struct DUMP: RedisKeyCommand {
    public typealias Response = ByteBuffer?

    public let key: RedisKey

    /// Makes the command.
    public init(_ key: some RedisKeyConvertible) {
        self.key = key.redisKey
    }

    public var isReadOnly: Bool { true }
    public var isBulky: Bool { true }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("DUMP", self.key)
    }
}

/// Makes a key of what ``DUMP`` answered, also on another server of the same version or later.
/// <https://redis.io/commands/restore>
public struct RESTORE: RedisKeyCommand {
    public let key: RedisKey
    let dump: ByteBuffer
    let lifetime: Duration?
    let replaces: Bool

    /// Makes the command.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - dump: What ``DUMP`` answered.
    ///   - lifetime: How long it is kept, to the millisecond; nil for ever.
    ///   - replaces: Whether it takes the place of a key of that name, which is an error otherwise.
    public init(
        _ key: some RedisKeyConvertible, _ dump: ByteBuffer, for lifetime: Duration? = nil, replaces: Bool = false
    ) {
        self.key = key.redisKey
        self.dump = dump
        self.lifetime = lifetime
        self.replaces = replaces
    }

    public func encode(into encoder: inout RedisCommandEncoder) {
        let milliseconds = self.lifetime?.wholeMilliseconds ?? 0
        let options: [any RedisArgument] = self.replaces ? ["REPLACE"] : []
        encoder.command("RESTORE", [self.key, milliseconds, self.dump] + options)
    }

    public static func response(from value: RedisValue) throws(RedisError) {
        try Self.checkOK(value)
    }
}
