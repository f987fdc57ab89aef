// SPDX-License-Identifier: Apache-2.0

public import NIOCore

/// Adds members to a set; answers how many are new. <https://redis.io/commands/sadd>
public struct SADD: RedisKeyCommand {
    public typealias Response = Int

    public let key: RedisKey
    let members: [any RedisArgument]

    /// Makes the command.
    public init(_ key: some RedisKeyConvertible, _ members: [any RedisArgument]) {
        self.key = key.redisKey
        self.members = members
    }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("SADD", [self.key] + self.members)
    }
}

/// Removes members from a set; answers how many there were. <https://redis.io/commands/srem>
public struct SREM: RedisKeyCommand {
    public typealias Response = Int

    public let key: RedisKey
    let members: [any RedisArgument]

    /// Makes the command.
    public init(_ key: some RedisKeyConvertible, _ members: [any RedisArgument]) {
        self.key = key.redisKey
        self.members = members
    }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("SREM", [self.key] + self.members)
    }
}

/// All members of a set; empty when there is no such key. <https://redis.io/commands/smembers>
public struct SMEMBERS: RedisKeyCommand {
    public typealias Response = [ByteBuffer]

    public let key: RedisKey

    /// Makes the command.
    public init(_ key: some RedisKeyConvertible) {
        self.key = key.redisKey
    }

    public var isReadOnly: Bool { true }
    public var isBulky: Bool { true }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("SMEMBERS", self.key)
    }
}

/// Whether something is a member of a set. <https://redis.io/commands/sismember>
public struct SISMEMBER: RedisKeyCommand {
    public typealias Response = Bool

    public let key: RedisKey
    let member: any RedisArgument

    /// Makes the command.
    public init(_ key: some RedisKeyConvertible, _ member: some RedisArgument) {
        self.key = key.redisKey
        self.member = member
    }

    public var isReadOnly: Bool { true }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("SISMEMBER", [self.key, self.member])
    }
}

/// For each of these, whether it is a member of a set. <https://redis.io/commands/smismember>
public struct SMISMEMBER: RedisKeyCommand {
    public typealias Response = [Bool]

    public let key: RedisKey
    let members: [any RedisArgument]

    /// Makes the command.
    public init(_ key: some RedisKeyConvertible, _ members: [any RedisArgument]) {
        self.key = key.redisKey
        self.members = members
    }

    public var isReadOnly: Bool { true }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("SMISMEMBER", [self.key] + self.members)
    }
}

/// How many members a set has. <https://redis.io/commands/scard>
public struct SCARD: RedisKeyCommand {
    public typealias Response = Int

    public let key: RedisKey

    /// Makes the command.
    public init(_ key: some RedisKeyConvertible) {
        self.key = key.redisKey
    }

    public var isReadOnly: Bool { true }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("SCARD", self.key)
    }
}

/// Removes members of a set by chance, and answers them. <https://redis.io/commands/spop>
public struct SPOP: RedisKeyCommand {
    public typealias Response = [ByteBuffer]

    public let key: RedisKey
    let count: Int

    /// Makes the command.
    public init(_ key: some RedisKeyConvertible, _ count: Int = 1) {
        self.key = key.redisKey
        self.count = count
    }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("SPOP", self.key, self.count)
    }
}

/// The members of any of the sets. <https://redis.io/commands/sunion>
public struct SUNION: RedisCommand {
    public typealias Response = [ByteBuffer]

    public let keys: [RedisKey]

    /// Makes the command.
    public init(_ keys: any RedisKeyConvertible...) {
        self.keys = keys.map(\.redisKey)
    }

    public var isReadOnly: Bool { true }
    public var isBulky: Bool { true }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("SUNION", self.keys)
    }
}

/// The members of all the sets. <https://redis.io/commands/sinter>
public struct SINTER: RedisCommand {
    public typealias Response = [ByteBuffer]

    public let keys: [RedisKey]

    /// Makes the command.
    public init(_ keys: any RedisKeyConvertible...) {
        self.keys = keys.map(\.redisKey)
    }

    public var isReadOnly: Bool { true }
    public var isBulky: Bool { true }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("SINTER", self.keys)
    }
}

/// The members of the first of the sets that are in none of the others. <https://redis.io/commands/sdiff>
public struct SDIFF: RedisCommand {
    public typealias Response = [ByteBuffer]

    public let keys: [RedisKey]

    /// Makes the command.
    public init(_ keys: any RedisKeyConvertible...) {
        self.keys = keys.map(\.redisKey)
    }

    public var isReadOnly: Bool { true }
    public var isBulky: Bool { true }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("SDIFF", self.keys)
    }
}
