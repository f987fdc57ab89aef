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
    public var isBulky: Bool { true }

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

/// Removes elements of a list that equal one; answers how many there were. <https://redis.io/commands/lrem>
public struct LREM: RedisKeyCommand {
    public typealias Response = Int

    public let key: RedisKey
    let element: any RedisArgument
    let count: Int

    /// Makes the command.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - element: The element.
    ///   - count: The most to remove: the first ones, or the last ones for a negative number; 0 for all.
    public init(_ key: some RedisKeyConvertible, _ element: some RedisArgument, count: Int = 0) {
        self.key = key.redisKey
        self.element = element
        self.count = count
    }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("LREM", [self.key, self.count, self.element])
    }
}

/// Moves an element from an end of a list to an end of another, and answers it; nil when there is none.
/// <https://redis.io/commands/lmove>
public struct LMOVE: RedisCommand {
    /// An end of a list.
    public enum End: String, Sendable {
        /// Where its first element is.
        case first = "LEFT"
        /// Where its last element is.
        case last = "RIGHT"
    }

    public typealias Response = ByteBuffer?

    public let keys: [RedisKey]
    let end: End
    let newEnd: End

    /// Makes the command.
    ///
    /// - Parameters:
    ///   - key: The list from which it is taken.
    ///   - end: Where it is taken.
    ///   - newKey: The list to which it is added, which may be the same.
    ///   - newEnd: Where it is added.
    public init(_ key: some RedisKeyConvertible, _ end: End, to newKey: some RedisKeyConvertible, _ newEnd: End) {
        self.keys = [key.redisKey, newKey.redisKey]
        self.end = end
        self.newEnd = newEnd
    }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("LMOVE", self.keys + [self.end.rawValue, self.newEnd.rawValue] as [any RedisArgument])
    }
}

/// An element that was in a list, and in which.
public struct ListElement: Sendable, Hashable, RedisDecodable {
    /// The list.
    public let key: RedisKey
    /// The element.
    public let element: ByteBuffer

    public init?(redisValue value: RedisValue) {
        guard
            case .array(let pair) = value, pair.count == 2, let key = RedisKey(redisValue: pair[0]),
            let element = ByteBuffer(redisValue: pair[1])
        else { return nil }
        self.key = key
        self.element = element
    }
}

/// Removes the first element of the first of these lists that has any, and answers it; waits when all are empty, and
/// answers nil when they stay so. <https://redis.io/commands/blpop>
public struct BLPOP: RedisCommand {
    public typealias Response = ListElement?

    public let keys: [RedisKey]
    let blocking: Duration

    /// Makes the command.
    ///
    /// - Parameters:
    ///   - keys: The keys, in the order in which they are looked at.
    ///   - blocking: How long the server waits, to the millisecond.
    public init(_ keys: any RedisKeyConvertible..., blocking: Duration) {
        self.keys = keys.map(\.redisKey)
        self.blocking = blocking
    }

    public var blockingTime: Duration? { self.blocking }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("BLPOP", self.keys + [self.blocking.secondsToTheMillisecond] as [any RedisArgument])
    }
}

/// Removes the last element of the first of these lists that has any, and answers it; waits when all are empty, and
/// answers nil when they stay so. <https://redis.io/commands/brpop>
public struct BRPOP: RedisCommand {
    public typealias Response = ListElement?

    public let keys: [RedisKey]
    let blocking: Duration

    /// Makes the command.
    ///
    /// - Parameters:
    ///   - keys: The keys, in the order in which they are looked at.
    ///   - blocking: How long the server waits, to the millisecond.
    public init(_ keys: any RedisKeyConvertible..., blocking: Duration) {
        self.keys = keys.map(\.redisKey)
        self.blocking = blocking
    }

    public var blockingTime: Duration? { self.blocking }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("BRPOP", self.keys + [self.blocking.secondsToTheMillisecond] as [any RedisArgument])
    }
}
