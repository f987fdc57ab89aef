// SPDX-License-Identifier: Apache-2.0

public import NIOCore

/// The value of a key; nil when there is no such key. <https://redis.io/commands/get>
public struct GET: RedisKeyCommand {
    public typealias Response = ByteBuffer?

    public let key: RedisKey

    /// Makes the command.
    public init(_ key: some RedisKeyConvertible) {
        self.key = key.redisKey
    }

    public var isReadOnly: Bool { true }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("GET", self.key)
    }
}

/// The value of a key, whose life is changed; nil when there is no such key. <https://redis.io/commands/getex>
public struct GETEX: RedisKeyCommand {
    public typealias Response = ByteBuffer?

    public let key: RedisKey
    let lifetime: Duration?

    /// Makes the command.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - lifetime: How long it is kept from now; nil for ever.
    public init(_ key: some RedisKeyConvertible, for lifetime: Duration?) {
        self.key = key.redisKey
        self.lifetime = lifetime
    }

    public func encode(into encoder: inout RedisCommandEncoder) {
        if let lifetime {
            encoder.command("GETEX", self.key, "PX", lifetime.wholeMilliseconds)
        } else {
            encoder.command("GETEX", self.key, "PERSIST")
        }
    }
}

/// The value of a key, which is removed; nil when there is no such key. <https://redis.io/commands/getdel>
public struct GETDEL: RedisKeyCommand {
    public typealias Response = ByteBuffer?

    public let key: RedisKey

    /// Makes the command.
    public init(_ key: some RedisKeyConvertible) {
        self.key = key.redisKey
    }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("GETDEL", self.key)
    }
}

/// Sets the value of a key; answers whether it did. <https://redis.io/commands/set>
public struct SET: RedisKeyCommand {
    /// When to set it.
    public enum Condition: Sendable {
        /// Whatever there is.
        case always
        /// Only when there is no such key.
        case ifMissing
        /// Only when there is such a key.
        case ifPresent
    }

    public let key: RedisKey
    let value: any RedisArgument
    let lifetime: Duration?
    let condition: Condition

    /// Makes the command.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - value: The value.
    ///   - lifetime: How long it is kept, to the millisecond; nil for ever.
    ///   - condition: When to set it.
    public init(
        _ key: some RedisKeyConvertible, _ value: some RedisArgument, for lifetime: Duration? = nil,
        _ condition: Condition = .always
    ) {
        self.key = key.redisKey
        self.value = value
        self.lifetime = lifetime
        self.condition = condition
    }

    public func encode(into encoder: inout RedisCommandEncoder) {
        var options: [any RedisArgument] = []
        if let lifetime { options += ["PX", lifetime.wholeMilliseconds] }
        switch self.condition {
        case .always: break
        case .ifMissing: options.append("NX")
        case .ifPresent: options.append("XX")
        }
        encoder.command("SET", [self.key, self.value] + options)
    }

    public static func response(from value: RedisValue) throws(RedisError) -> Bool {
        switch value {
        case .null: return false
        case .string where value.text == "OK": return true
        default: throw .unexpectedReply(to: "SET")
        }
    }
}

/// The values of keys, nil for those that are missing. <https://redis.io/commands/mget>
public struct MGET: RedisCommand {
    public typealias Response = [ByteBuffer?]

    public let keys: [RedisKey]

    /// Makes the command.
    public init(_ keys: [any RedisKeyConvertible]) {
        self.keys = keys.map(\.redisKey)
    }

    public var isReadOnly: Bool { true }
    public var isBulky: Bool { self.keys.count > 32 }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("MGET", self.keys)
    }
}

/// Sets the values of keys, all at once. <https://redis.io/commands/mset>
public struct MSET: RedisCommand {
    public let keys: [RedisKey]
    let values: [any RedisArgument]

    /// Makes the command.
    public init(_ values: [RedisKey: any RedisArgument]) {
        self.init(keys: Array(values.keys), values: Array(values.values))
    }

    init(keys: [RedisKey], values: [any RedisArgument]) {
        self.keys = keys
        self.values = values
    }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("MSET", zip(self.keys, self.values).flatMap { [$0, $1] })
    }

    public static func response(from value: RedisValue) throws(RedisError) {
        try Self.checkOK(value)
    }
}

/// Adds to a whole number, which is 0 when there is no such key; answers the sum. <https://redis.io/commands/incrby>
public struct INCRBY: RedisKeyCommand {
    public typealias Response = Int

    public let key: RedisKey
    let amount: Int

    /// Makes the command.
    public init(_ key: some RedisKeyConvertible, _ amount: Int = 1) {
        self.key = key.redisKey
        self.amount = amount
    }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("INCRBY", self.key, self.amount)
    }
}

/// Adds to a number, which is 0 when there is no such key; answers the sum. <https://redis.io/commands/incrbyfloat>
public struct INCRBYFLOAT: RedisKeyCommand {
    public typealias Response = Double

    public let key: RedisKey
    let amount: Double

    /// Makes the command.
    public init(_ key: some RedisKeyConvertible, _ amount: Double) {
        self.key = key.redisKey
        self.amount = amount
    }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("INCRBYFLOAT", self.key, self.amount)
    }
}

/// Appends to the value of a key; answers how long it is then, in bytes. <https://redis.io/commands/append>
public struct APPEND: RedisKeyCommand {
    public typealias Response = Int

    public let key: RedisKey
    let value: any RedisArgument

    /// Makes the command.
    public init(_ key: some RedisKeyConvertible, _ value: some RedisArgument) {
        self.key = key.redisKey
        self.value = value
    }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("APPEND", [self.key, self.value])
    }
}

/// How long the value of a key is, in bytes; 0 when there is no such key. <https://redis.io/commands/strlen>
public struct STRLEN: RedisKeyCommand {
    public typealias Response = Int

    public let key: RedisKey

    /// Makes the command.
    public init(_ key: some RedisKeyConvertible) {
        self.key = key.redisKey
    }

    public var isReadOnly: Bool { true }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("STRLEN", self.key)
    }
}

/// A part of the value of a key; empty when there is none. <https://redis.io/commands/getrange>
public struct GETRANGE: RedisKeyCommand {
    public typealias Response = ByteBuffer

    public let key: RedisKey
    let first: Int
    let last: Int

    /// Makes the command.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - first: The first byte; negative numbers count from the end.
    ///   - last: The last byte.
    public init(_ key: some RedisKeyConvertible, _ first: Int, _ last: Int) {
        self.key = key.redisKey
        self.first = first
        self.last = last
    }

    public var isReadOnly: Bool { true }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("GETRANGE", self.key, self.first, self.last)
    }
}
