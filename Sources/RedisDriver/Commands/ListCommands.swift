// SPDX-License-Identifier: Apache-2.0

public import NIOCore

/// Puts elements before the first of a list, one after the other; answers how many it has then.
/// <https://redis.io/commands/lpush>
public struct LPUSH: RedisKeyCommand {
    public typealias Response = Int

    public let key: RedisKey
    let elements: [any RedisArgument]

    /// Makes the command.
    public init(_ key: some RedisKeyConvertible, _ elements: [any RedisArgument]) {
        self.key = key.redisKey
        self.elements = elements
    }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("LPUSH", [self.key] + self.elements)
    }
}

/// Puts elements behind the last of a list; answers how many it has then. <https://redis.io/commands/rpush>
public struct RPUSH: RedisKeyCommand {
    public typealias Response = Int

    public let key: RedisKey
    let elements: [any RedisArgument]

    /// Makes the command.
    public init(_ key: some RedisKeyConvertible, _ elements: [any RedisArgument]) {
        self.key = key.redisKey
        self.elements = elements
    }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("RPUSH", [self.key] + self.elements)
    }
}

/// Removes the first element of a list, and answers it; nil when there is none. <https://redis.io/commands/lpop>
public struct LPOP: RedisKeyCommand {
    public typealias Response = ByteBuffer?

    public let key: RedisKey

    /// Makes the command.
    public init(_ key: some RedisKeyConvertible) {
        self.key = key.redisKey
    }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("LPOP", self.key)
    }
}

/// Removes the last element of a list, and answers it; nil when there is none. <https://redis.io/commands/rpop>
public struct RPOP: RedisKeyCommand {
    public typealias Response = ByteBuffer?

    public let key: RedisKey

    /// Makes the command.
    public init(_ key: some RedisKeyConvertible) {
        self.key = key.redisKey
    }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("RPOP", self.key)
    }
}

/// How many elements a list has. <https://redis.io/commands/llen>
public struct LLEN: RedisKeyCommand {
    public typealias Response = Int

    public let key: RedisKey

    /// Makes the command.
    public init(_ key: some RedisKeyConvertible) {
        self.key = key.redisKey
    }

    public var isReadOnly: Bool { true }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("LLEN", self.key)
    }
}

/// Elements of a list by position; negative ones count from the end. <https://redis.io/commands/lrange>
public struct LRANGE: RedisKeyCommand {
    public typealias Response = [ByteBuffer]

    public let key: RedisKey
    let first: Int
    let last: Int

    /// Makes the command.
    public init(_ key: some RedisKeyConvertible, _ first: Int, _ last: Int) {
        self.key = key.redisKey
        self.first = first
        self.last = last
    }

    public var isReadOnly: Bool { true }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("LRANGE", self.key, self.first, self.last)
    }
}

/// Keeps only the elements of these positions; negative ones count from the end. <https://redis.io/commands/ltrim>
public struct LTRIM: RedisKeyCommand {
    public typealias Response = Void

    public let key: RedisKey
    let first: Int
    let last: Int

    /// Makes the command.
    public init(_ key: some RedisKeyConvertible, _ first: Int, _ last: Int) {
        self.key = key.redisKey
        self.first = first
        self.last = last
    }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("LTRIM", self.key, self.first, self.last)
    }

    public static func response(from value: RedisValue) throws(RedisError) {
        try Self.checkOK(value)
    }
}
