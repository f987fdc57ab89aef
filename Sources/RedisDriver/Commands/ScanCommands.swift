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

private func scanOptions(_ pattern: String?, _ count: Int?) -> [any RedisArgument] {
    var options: [any RedisArgument] = []
    if let pattern { options += ["MATCH", pattern] }
    if let count { options += ["COUNT", count] }
    return options
}
