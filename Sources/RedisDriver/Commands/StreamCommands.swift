// SPDX-License-Identifier: Apache-2.0

public import NIOCore

/// An entry of a stream.
public struct StreamEntry: Sendable, Hashable, RedisDecodable {
    /// Its id: usually milliseconds since 1970, and a number that tells apart entries of the same one, as in
    /// `1526919030474-55`.
    public let id: String
    /// Its fields, in the order in which they were given.
    public let fields: [RedisField]

    public init?(redisValue value: RedisValue) {
        guard
            case .array(let parts) = value, parts.count == 2, let id = String(redisValue: parts[0]),
            let pairs = parts[1].paired, let fields = [RedisField](redisValue: pairs)
        else { return nil }
        self.id = id
        self.fields = fields
    }

    /// The value of a field, of the first when several have this name; nil when there is none.
    public subscript(name: RedisKey) -> ByteBuffer? {
        self.fields.first { $0.name == name }?.value
    }
}

/// How many entries a stream keeps: the newest.
public enum StreamLength: Sendable, Hashable {
    /// So many at the most.
    case exactly(Int)
    /// So many and some more, as is least work for the server.
    case about(Int)

    var arguments: [any RedisArgument] {
        switch self {
        case .exactly(let count): ["MAXLEN", "=", count]
        case .about(let count): ["MAXLEN", "~", count]
        }
    }
}

/// Adds an entry to a stream; answers its id. <https://redis.io/commands/xadd>
public struct XADD: RedisKeyCommand {
    public typealias Response = String

    public let key: RedisKey
    let fields: [any RedisArgument]
    let id: String
    let length: StreamLength?

    /// Makes the command.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - fields: The fields, of which several may have the same name.
    ///   - id: The id, greater than all that the stream has had; nil for one that the server makes by its clock.
    ///   - length: How many entries the stream keeps; nil for all.
    public init(
        _ key: some RedisKeyConvertible, _ fields: [(name: any RedisArgument, value: any RedisArgument)],
        id: String? = nil, keeping length: StreamLength? = nil
    ) {
        self.key = key.redisKey
        self.fields = fields.flatMap { [$0.name, $0.value] }
        self.id = id ?? "*"
        self.length = length
    }

    public func encode(into encoder: inout RedisCommandEncoder) {
        var options: [any RedisArgument] = []
        if let length { options += length.arguments }
        options.append(self.id)
        encoder.command("XADD", [self.key] + options + self.fields)
    }
}

/// How many entries a stream has; 0 when there is no such key. <https://redis.io/commands/xlen>
public struct XLEN: RedisKeyCommand {
    public typealias Response = Int

    public let key: RedisKey

    /// Makes the command.
    public init(_ key: some RedisKeyConvertible) {
        self.key = key.redisKey
    }

    public var isReadOnly: Bool { true }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("XLEN", self.key)
    }
}

/// Entries of a stream by their ids, the oldest first; empty when there is no such key.
/// <https://redis.io/commands/xrange>
public struct XRANGE: RedisKeyCommand {
    public typealias Response = [StreamEntry]

    public let key: RedisKey
    let first: String
    let last: String
    let limit: Int?

    /// Makes the command.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - first: The id of the first, or "-" for the oldest; with `(` before it, the one after it.
    ///   - last: The id of the last, or "+" for the newest; with `(` before it, the one before it.
    ///   - limit: The most to answer; nil for all.
    public init(_ key: some RedisKeyConvertible, _ first: String = "-", _ last: String = "+", limit: Int? = nil) {
        self.key = key.redisKey
        self.first = first
        self.last = last
        self.limit = limit
    }

    public var isReadOnly: Bool { true }
    public var isBulky: Bool { true }

    public func encode(into encoder: inout RedisCommandEncoder) {
        let limit: [any RedisArgument] = self.limit.map { ["COUNT", $0] } ?? []
        encoder.command("XRANGE", [self.key, self.first, self.last] + limit)
    }

    public static func response(from value: RedisValue) throws(RedisError) -> Response {
        // So the server says that it was asked for no entry.
        if case .null = value { return [] }
        guard let entries = Response(redisValue: value) else { throw .unexpectedReply(to: "XRANGE") }
        return entries
    }
}

/// Entries of streams after those that are known, the oldest first; streams that have none are left out.
/// <https://redis.io/commands/xread>
public struct XREAD: RedisCommand {
    public typealias Response = [RedisKey: [StreamEntry]]

    public let keys: [RedisKey]
    let ids: [String]
    let limit: Int?
    let blocking: Duration?

    /// Makes the command.
    ///
    /// - Parameters:
    ///   - streams: For each stream the last id that is known: "0" for none, "$" for the one that is the last when the
    ///     server reads this.
    ///   - limit: The most to answer of each stream; nil for all.
    ///   - blocking: How long the server waits for an entry when there is none, to the millisecond; nil for not at all.
    public init(_ streams: [RedisKey: String], limit: Int? = nil, blocking: Duration? = nil) {
        self.keys = Array(streams.keys)
        self.ids = Array(streams.values)
        self.limit = limit
        self.blocking = blocking
    }

    public var isReadOnly: Bool { true }
    public var blockingTime: Duration? { self.blocking }

    public func encode(into encoder: inout RedisCommandEncoder) {
        var options: [any RedisArgument] = []
        if let limit { options += ["COUNT", limit] }
        if let blocking { options += ["BLOCK", blocking.wholeMilliseconds] }
        options.append("STREAMS")
        encoder.command("XREAD", options + (self.keys as [any RedisArgument]) + (self.ids as [any RedisArgument]))
    }

    public static func response(from value: RedisValue) throws(RedisError) -> Response {
        if case .null = value { return [:] }
        guard let streams = Response(redisValue: value) else { throw .unexpectedReply(to: "XREAD") }
        return streams
    }
}

/// Removes the oldest entries of a stream; answers how many. <https://redis.io/commands/xtrim>
public struct XTRIM: RedisKeyCommand {
    public typealias Response = Int

    public let key: RedisKey
    let length: StreamLength

    /// Makes the command.
    public init(_ key: some RedisKeyConvertible, keeping length: StreamLength) {
        self.key = key.redisKey
        self.length = length
    }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("XTRIM", [self.key] + self.length.arguments)
    }
}

/// Removes entries from a stream by their ids; answers how many there were. <https://redis.io/commands/xdel>
public struct XDEL: RedisKeyCommand {
    public typealias Response = Int

    public let key: RedisKey
    let ids: [any RedisArgument]

    /// Makes the command.
    public init(_ key: some RedisKeyConvertible, _ ids: [String]) {
        self.key = key.redisKey
        self.ids = ids
    }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("XDEL", [self.key] + self.ids)
    }
}
