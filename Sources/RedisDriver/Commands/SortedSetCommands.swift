// SPDX-License-Identifier: Apache-2.0

public import NIOCore

/// Gives members of a sorted set their scores; answers how many are new. <https://redis.io/commands/zadd>
public struct ZADD: RedisKeyCommand {
    public typealias Response = Int

    public let key: RedisKey
    let members: [any RedisArgument]

    /// Makes the command.
    public init(_ key: some RedisKeyConvertible, _ members: [(member: any RedisArgument, score: Double)]) {
        self.key = key.redisKey
        self.members = members.flatMap { [$0.score, $0.member] }
    }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("ZADD", [self.key] + self.members)
    }
}

/// Removes members from a sorted set; answers how many there were. <https://redis.io/commands/zrem>
public struct ZREM: RedisKeyCommand {
    public typealias Response = Int

    public let key: RedisKey
    let members: [any RedisArgument]

    /// Makes the command.
    public init(_ key: some RedisKeyConvertible, _ members: [any RedisArgument]) {
        self.key = key.redisKey
        self.members = members
    }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("ZREM", [self.key] + self.members)
    }
}

/// The score of a member; nil when there is none. <https://redis.io/commands/zscore>
public struct ZSCORE: RedisKeyCommand {
    public typealias Response = Double?

    public let key: RedisKey
    let member: any RedisArgument

    /// Makes the command.
    public init(_ key: some RedisKeyConvertible, _ member: some RedisArgument) {
        self.key = key.redisKey
        self.member = member
    }

    public var isReadOnly: Bool { true }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("ZSCORE", [self.key, self.member])
    }
}

/// Adds to the score of a member, which is 0 when there is none; answers the sum. <https://redis.io/commands/zincrby>
public struct ZINCRBY: RedisKeyCommand {
    public typealias Response = Double

    public let key: RedisKey
    let amount: Double
    let member: any RedisArgument

    /// Makes the command.
    public init(_ key: some RedisKeyConvertible, _ amount: Double, of member: some RedisArgument) {
        self.key = key.redisKey
        self.amount = amount
        self.member = member
    }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("ZINCRBY", [self.key, self.amount, self.member])
    }
}

/// How many members a sorted set has. <https://redis.io/commands/zcard>
public struct ZCARD: RedisKeyCommand {
    public typealias Response = Int

    public let key: RedisKey

    /// Makes the command.
    public init(_ key: some RedisKeyConvertible) {
        self.key = key.redisKey
    }

    public var isReadOnly: Bool { true }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("ZCARD", self.key)
    }
}

/// Members of a sorted set by position, in the order of their scores; negative positions count from the end.
/// <https://redis.io/commands/zrange>
public struct ZRANGE: RedisKeyCommand {
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
    public var isBulky: Bool { true }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("ZRANGE", self.key, self.first, self.last)
    }
}

/// The position of a member in the order of the scores, from 0; nil when there is none. <https://redis.io/commands/zrank>
public struct ZRANK: RedisKeyCommand {
    public typealias Response = Int?

    public let key: RedisKey
    let member: any RedisArgument

    /// Makes the command.
    public init(_ key: some RedisKeyConvertible, _ member: some RedisArgument) {
        self.key = key.redisKey
        self.member = member
    }

    public var isReadOnly: Bool { true }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("ZRANK", [self.key, self.member])
    }
}

/// How many members have a score in a range. <https://redis.io/commands/zcount>
public struct ZCOUNT: RedisKeyCommand {
    public typealias Response = Int

    public let key: RedisKey
    let scores: ClosedRange<Double>

    /// Makes the command.
    public init(_ key: some RedisKeyConvertible, _ scores: ClosedRange<Double>) {
        self.key = key.redisKey
        self.scores = scores
    }

    public var isReadOnly: Bool { true }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("ZCOUNT", self.key, self.scores.lowerBound, self.scores.upperBound)
    }
}

/// Removes the members whose score is in a range; answers how many there were.
/// <https://redis.io/commands/zremrangebyscore>
public struct ZREMRANGEBYSCORE: RedisKeyCommand {
    public typealias Response = Int

    public let key: RedisKey
    let scores: ClosedRange<Double>

    /// Makes the command.
    public init(_ key: some RedisKeyConvertible, _ scores: ClosedRange<Double>) {
        self.key = key.redisKey
        self.scores = scores
    }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("ZREMRANGEBYSCORE", self.key, self.scores.lowerBound, self.scores.upperBound)
    }
}

/// Removes the members of these positions in the order of the scores; negative positions count from the end. Answers how
/// many there were. <https://redis.io/commands/zremrangebyrank>
public struct ZREMRANGEBYRANK: RedisKeyCommand {
    public typealias Response = Int

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
        encoder.command("ZREMRANGEBYRANK", self.key, self.first, self.last)
    }
}

/// Members of a sorted set whose score is in a range, with their scores, in the order of these.
/// <https://redis.io/commands/zrange>
public struct ZRANGEBYSCORE: RedisKeyCommand {
    /// A member with its score.
    public struct Member: Sendable, Hashable, RedisDecodable {
        /// The member.
        public let member: ByteBuffer
        /// Its score.
        public let score: Double

        public init?(redisValue value: RedisValue) {
            guard
                case .array(let pair) = value, pair.count == 2, let member = ByteBuffer(redisValue: pair[0]),
                let score = Double(redisValue: pair[1])
            else { return nil }
            self.member = member
            self.score = score
        }
    }

    public typealias Response = [Member]

    public let key: RedisKey
    let scores: ClosedRange<Double>
    let limit: Int?

    /// Makes the command.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - scores: The range, which may be infinite.
    ///   - limit: The most to answer; nil for all.
    public init(_ key: some RedisKeyConvertible, _ scores: ClosedRange<Double>, limit: Int? = nil) {
        self.key = key.redisKey
        self.scores = scores
        self.limit = limit
    }

    public var isBulky: Bool { true }
    public var isReadOnly: Bool { true }

    public func encode(into encoder: inout RedisCommandEncoder) {
        let limit: [any RedisArgument] = self.limit.map { ["LIMIT", 0, $0] } ?? []
        encoder.command(
            "ZRANGE", [self.key, self.scores.lowerBound, self.scores.upperBound, "BYSCORE"] + limit + ["WITHSCORES"])
    }
}

/// Removes the members with the lowest scores, and answers them, beginning with the lowest.
/// <https://redis.io/commands/zpopmin>
public struct ZPOPMIN: RedisKeyCommand {
    public typealias Response = [ZRANGEBYSCORE.Member]

    public let key: RedisKey
    let count: Int

    /// Makes the command.
    public init(_ key: some RedisKeyConvertible, _ count: Int = 1) {
        self.key = key.redisKey
        self.count = count
    }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("ZPOPMIN", self.key, self.count)
    }
}

/// Removes the members with the highest scores, and answers them, beginning with the highest.
/// <https://redis.io/commands/zpopmax>
public struct ZPOPMAX: RedisKeyCommand {
    public typealias Response = [ZRANGEBYSCORE.Member]

    public let key: RedisKey
    let count: Int

    /// Makes the command.
    public init(_ key: some RedisKeyConvertible, _ count: Int = 1) {
        self.key = key.redisKey
        self.count = count
    }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("ZPOPMAX", self.key, self.count)
    }
}
