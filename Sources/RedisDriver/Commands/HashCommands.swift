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
    public var isBulky: Bool { true }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("HGETALL", self.key)
    }
}

/// The names of all fields; empty when there is no such key. <https://redis.io/commands/hkeys>
public struct HKEYS: RedisKeyCommand {
    public typealias Response = [RedisKey]

    public let key: RedisKey

    /// Makes the command.
    public init(_ key: some RedisKeyConvertible) {
        self.key = key.redisKey
    }

    public var isReadOnly: Bool { true }
    public var isBulky: Bool { true }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("HKEYS", self.key)
    }
}

/// The values of all fields; empty when there is no such key. <https://redis.io/commands/hvals>
public struct HVALS: RedisKeyCommand {
    public typealias Response = [ByteBuffer]

    public let key: RedisKey

    /// Makes the command.
    public init(_ key: some RedisKeyConvertible) {
        self.key = key.redisKey
    }

    public var isReadOnly: Bool { true }
    public var isBulky: Bool { true }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("HVALS", self.key)
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

/// Gives fields a lifetime; answers for each what came of it. Since Redis 7.4 and Valkey 9.
/// <https://redis.io/commands/hpexpire>
public struct HPEXPIRE: RedisKeyCommand {
    /// What came of it for a field.
    public enum Outcome: Int, Sendable, RedisDecodable {
        /// There is no such field.
        case missing = -2
        /// The condition does not hold.
        case unchanged = 0
        /// It has the lifetime.
        case limited = 1
        /// It is removed, since its life was over at once.
        case removed = 2

        public init?(redisValue value: RedisValue) {
            guard let number = Int(redisValue: value), let outcome = Self(rawValue: number) else { return nil }
            self = outcome
        }
    }

    public typealias Response = [Outcome]

    public let key: RedisKey
    let fields: [any RedisArgument]
    let lifetime: Duration
    let condition: PEXPIRE.Condition?

    /// Makes the command.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - fields: The fields.
    ///   - lifetime: How long they are kept from now, to the millisecond.
    ///   - condition: To which of them it is given, by what they have; nil for all.
    public init(
        _ key: some RedisKeyConvertible, _ fields: [any RedisArgument], for lifetime: Duration,
        _ condition: PEXPIRE.Condition? = nil
    ) {
        self.key = key.redisKey
        self.fields = fields
        self.lifetime = lifetime
        self.condition = condition
    }

    public func encode(into encoder: inout RedisCommandEncoder) {
        var options: [any RedisArgument] = []
        if let condition { options.append(condition.rawValue) }
        options += ["FIELDS", self.fields.count]
        encoder.command("HPEXPIRE", [self.key, self.lifetime.wholeMilliseconds] + options + self.fields)
    }
}

/// How long fields are still kept. Since Redis 7.4 and Valkey 9. <https://redis.io/commands/hpttl>
public struct HPTTL: RedisKeyCommand {
    public let key: RedisKey
    let fields: [any RedisArgument]

    /// Makes the command.
    public init(_ key: some RedisKeyConvertible, _ fields: [any RedisArgument]) {
        self.key = key.redisKey
        self.fields = fields
    }

    public var isReadOnly: Bool { true }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("HPTTL", [self.key, "FIELDS", self.fields.count] + self.fields)
    }

    public static func response(from value: RedisValue) throws(RedisError) -> [PTTL.Response] {
        guard case .array(let lives) = value else { throw .unexpectedReply(to: "HPTTL") }
        return try lives.map { life throws(RedisError) in try PTTL.response(from: life) }
    }
}

/// Lets fields live as long as their key; answers for each what came of it. Since Redis 7.4 and Valkey 9.
/// <https://redis.io/commands/hpersist>
public struct HPERSIST: RedisKeyCommand {
    /// What came of it for a field.
    public enum Outcome: Int, Sendable, RedisDecodable {
        /// There is no such field.
        case missing = -2
        /// It had no end.
        case unchanged = -1
        /// It has no end any more.
        case endless = 1

        public init?(redisValue value: RedisValue) {
            guard let number = Int(redisValue: value), let outcome = Self(rawValue: number) else { return nil }
            self = outcome
        }
    }

    public typealias Response = [Outcome]

    public let key: RedisKey
    let fields: [any RedisArgument]

    /// Makes the command.
    public init(_ key: some RedisKeyConvertible, _ fields: [any RedisArgument]) {
        self.key = key.redisKey
        self.fields = fields
    }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("HPERSIST", [self.key, "FIELDS", self.fields.count] + self.fields)
    }
}
