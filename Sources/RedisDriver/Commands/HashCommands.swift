// SPDX-License-Identifier: Apache-2.0

public import NIOCore

/// The value of a field; nil when there is none. <https://redis.io/commands/hget>
public struct HGET: RedisKeyCommand {
    public typealias Response = ByteBuffer?

    public let key: RedisKey
    let field: any RedisArgument

    /// Makes the command.
    public init(_ key: some RedisKeyConvertible, _ field: some RedisArgument) {
        self.key = key.redisKey
        self.field = field
    }

    public var isReadOnly: Bool { true }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("HGET", [self.key, self.field])
    }
}

/// Sets the values of fields; answers how many of them are new. <https://redis.io/commands/hset>
public struct HSET: RedisKeyCommand {
    public typealias Response = Int

    public let key: RedisKey
    let fields: [any RedisArgument]

    /// Makes the command.
    public init(_ key: some RedisKeyConvertible, _ fields: [RedisKey: any RedisArgument]) {
        self.key = key.redisKey
        self.fields = fields.flatMap { [$0, $1] }
    }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("HSET", [self.key] + self.fields)
    }
}

/// Sets the value of a field that is missing; answers whether it was. <https://redis.io/commands/hsetnx>
public struct HSETNX: RedisKeyCommand {
    public typealias Response = Bool

    public let key: RedisKey
    let field: any RedisArgument
    let value: any RedisArgument

    /// Makes the command.
    public init(_ key: some RedisKeyConvertible, _ field: some RedisArgument, _ value: some RedisArgument) {
        self.key = key.redisKey
        self.field = field
        self.value = value
    }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("HSETNX", [self.key, self.field, self.value])
    }
}

/// The values of fields, nil for those that are missing. <https://redis.io/commands/hmget>
public struct HMGET: RedisKeyCommand {
    public typealias Response = [ByteBuffer?]

    public let key: RedisKey
    let fields: [any RedisArgument]

    /// Makes the command.
    public init(_ key: some RedisKeyConvertible, _ fields: [any RedisArgument]) {
        self.key = key.redisKey
        self.fields = fields
    }

    public var isReadOnly: Bool { true }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("HMGET", [self.key] + self.fields)
    }
}

/// All fields with their values; empty when there is no such key. <https://redis.io/commands/hgetall>
public struct HGETALL: RedisKeyCommand {
    public typealias Response = [RedisKey: ByteBuffer]

    public let key: RedisKey

    /// Makes the command.
    public init(_ key: some RedisKeyConvertible) {
        self.key = key.redisKey
    }

    public var isReadOnly: Bool { true }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("HGETALL", self.key)
    }
}

/// Removes fields; answers how many there were. <https://redis.io/commands/hdel>
public struct HDEL: RedisKeyCommand {
    public typealias Response = Int

    public let key: RedisKey
    let fields: [any RedisArgument]

    /// Makes the command.
    public init(_ key: some RedisKeyConvertible, _ fields: [any RedisArgument]) {
        self.key = key.redisKey
        self.fields = fields
    }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("HDEL", [self.key] + self.fields)
    }
}

/// Whether there is a field. <https://redis.io/commands/hexists>
public struct HEXISTS: RedisKeyCommand {
    public typealias Response = Bool

    public let key: RedisKey
    let field: any RedisArgument

    /// Makes the command.
    public init(_ key: some RedisKeyConvertible, _ field: some RedisArgument) {
        self.key = key.redisKey
        self.field = field
    }

    public var isReadOnly: Bool { true }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("HEXISTS", [self.key, self.field])
    }
}

/// Adds to the whole number in a field, which is 0 when there is none; answers the sum.
/// <https://redis.io/commands/hincrby>
public struct HINCRBY: RedisKeyCommand {
    public typealias Response = Int

    public let key: RedisKey
    let field: any RedisArgument
    let amount: Int

    /// Makes the command.
    public init(_ key: some RedisKeyConvertible, _ field: some RedisArgument, _ amount: Int = 1) {
        self.key = key.redisKey
        self.field = field
        self.amount = amount
    }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("HINCRBY", [self.key, self.field, self.amount])
    }
}

/// How many fields there are. <https://redis.io/commands/hlen>
public struct HLEN: RedisKeyCommand {
    public typealias Response = Int

    public let key: RedisKey

    /// Makes the command.
    public init(_ key: some RedisKeyConvertible) {
        self.key = key.redisKey
    }

    public var isReadOnly: Bool { true }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("HLEN", self.key)
    }
}
