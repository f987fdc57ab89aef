// SPDX-License-Identifier: Apache-2.0

public import NIOCore

/// The value of a key. <https://redis.io/commands/get>
public struct GET: RedisCommand {
    /// The key.
    public var key: String

    /// Makes the command.
    public init(_ key: String) {
        self.key = key
    }

    public var keys: [String] { [self.key] }
    public var isReadOnly: Bool { true }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("GET", self.key)
    }

    /// The bytes; nil when there is no such key.
    public static func response(from value: RedisValue) throws(RedisError) -> ByteBuffer? {
        switch value {
        case .string(let bytes): bytes
        case .null: nil
        default: throw .unexpectedReply(to: "GET")
        }
    }
}

/// Sets the value of a key. <https://redis.io/commands/set>
public struct SET: RedisCommand {
    /// The key.
    public var key: String
    /// The value.
    public var value: ByteBuffer
    /// How long it is kept, to the millisecond; nil for ever.
    public var lifetime: Duration?

    /// Makes the command.
    public init(_ key: String, _ value: ByteBuffer, for lifetime: Duration? = nil) {
        self.key = key
        self.value = value
        self.lifetime = lifetime
    }

    public var keys: [String] { [self.key] }

    public func encode(into encoder: inout RedisCommandEncoder) {
        if let lifetime {
            encoder.command("SET", self.key, self.value, "PX", lifetime.wholeMilliseconds)
        } else {
            encoder.command("SET", self.key, self.value)
        }
    }

    public static func response(from value: RedisValue) throws(RedisError) {
        guard value.text == "OK" else { throw .unexpectedReply(to: "SET") }
    }
}
