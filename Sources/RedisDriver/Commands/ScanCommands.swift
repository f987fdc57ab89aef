// SPDX-License-Identifier: Apache-2.0

public import NIOCore

/// A part of something too large for one reply, and where to go on.
public struct ScanPage<Element: RedisDecodable>: Sendable, RedisDecodable {
    /// What the next call has to be given; "0" when this was the last.
    public let cursor: String
    /// What was found, maybe nothing, and maybe something that another page holds too.
    public let elements: [Element]

    public init?(redisValue value: RedisValue) {
        guard
            case .array(let parts) = value, parts.count == 2, let cursor = String(redisValue: parts[0]),
            let elements = [Element](redisValue: parts[1])
        else { return nil }
        self.cursor = cursor
        self.elements = elements
    }

    /// Reads a page on which an element is two values, one behind the other.
    fileprivate init?(paired value: RedisValue) {
        guard case .array(let parts) = value, parts.count == 2, let pairs = parts[1].paired else { return nil }
        self.init(redisValue: .array([parts[0], pairs]))
    }
}

/// A part of all keys; see ``RedisClient/keys(matching:count:)``. <https://redis.io/commands/scan>
public struct SCAN: RedisCommand {
    public typealias Response = ScanPage<RedisKey>

    let cursor: String
    let pattern: String?
    let count: Int?

    /// Makes the command.
    ///
    /// - Parameters:
    ///   - cursor: "0" at first, then that of the last page.
    ///   - pattern: Which keys, with `*`, `?` and `[…]`; nil for all.
    ///   - count: About how many keys the server is to look at; 10 unless given.
    public init(_ cursor: String = "0", matching pattern: String? = nil, count: Int? = nil) {
        self.cursor = cursor
        self.pattern = pattern
        self.count = count
    }

    public var isReadOnly: Bool { true }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("SCAN", [self.cursor] + scanOptions(self.pattern, self.count))
    }
}

/// A part of the members of a set. <https://redis.io/commands/sscan>
public struct SSCAN: RedisKeyCommand {
    public typealias Response = ScanPage<ByteBuffer>

    public let key: RedisKey
    let cursor: String
    let pattern: String?
    let count: Int?

    /// Makes the command.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - cursor: "0" at first, then that of the last page.
    ///   - pattern: Which members, with `*`, `?` and `[…]`; nil for all.
    ///   - count: About how many members the server is to look at; 10 unless given.
    public init(
        _ key: some RedisKeyConvertible, _ cursor: String = "0", matching pattern: String? = nil, count: Int? = nil
    ) {
        self.key = key.redisKey
        self.cursor = cursor
        self.pattern = pattern
        self.count = count
    }

    public var isReadOnly: Bool { true }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("SSCAN", [self.key, self.cursor] + scanOptions(self.pattern, self.count))
    }
}

/// A part of the fields of a hash, with their values. <https://redis.io/commands/hscan>
public struct HSCAN: RedisKeyCommand {
    public typealias Response = ScanPage<RedisField>

    public let key: RedisKey
    let cursor: String
    let pattern: String?
    let count: Int?

    /// Makes the command.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - cursor: "0" at first, then that of the last page.
    ///   - pattern: Which fields, with `*`, `?` and `[…]`; nil for all.
    ///   - count: About how many fields the server is to look at; 10 unless given.
    public init(
        _ key: some RedisKeyConvertible, _ cursor: String = "0", matching pattern: String? = nil, count: Int? = nil
    ) {
        self.key = key.redisKey
        self.cursor = cursor
        self.pattern = pattern
        self.count = count
    }

    public var isReadOnly: Bool { true }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("HSCAN", [self.key, self.cursor] + scanOptions(self.pattern, self.count))
    }

    public static func response(from value: RedisValue) throws(RedisError) -> Response {
        guard let page = Response(paired: value) else { throw .unexpectedReply(to: "HSCAN") }
        return page
    }
}

/// A part of the members of a sorted set, with their scores. <https://redis.io/commands/zscan>
public struct ZSCAN: RedisKeyCommand {
    public typealias Response = ScanPage<ZRANGEBYSCORE.Member>

    public let key: RedisKey
    let cursor: String
    let pattern: String?
    let count: Int?

    /// Makes the command.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - cursor: "0" at first, then that of the last page.
    ///   - pattern: Which members, with `*`, `?` and `[…]`; nil for all.
    ///   - count: About how many members the server is to look at; 10 unless given.
    public init(
        _ key: some RedisKeyConvertible, _ cursor: String = "0", matching pattern: String? = nil, count: Int? = nil
    ) {
        self.key = key.redisKey
        self.cursor = cursor
        self.pattern = pattern
        self.count = count
    }

    public var isReadOnly: Bool { true }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("ZSCAN", [self.key, self.cursor] + scanOptions(self.pattern, self.count))
    }

    public static func response(from value: RedisValue) throws(RedisError) -> Response {
        guard let page = Response(paired: value) else { throw .unexpectedReply(to: "ZSCAN") }
        return page
    }
}

private func scanOptions(_ pattern: String?, _ count: Int?) -> [any RedisArgument] {
    var options: [any RedisArgument] = []
    if let pattern { options += ["MATCH", pattern] }
    if let count { options += ["COUNT", count] }
    return options
}
