// SPDX-License-Identifier: Apache-2.0

/// Asks for a sign of life. <https://redis.io/commands/ping>
public struct PING: RedisCommand {
    /// Makes the command.
    public init() {}

    public var isReadOnly: Bool { true }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.command("PING")
    }

    public static func response(from value: RedisValue) throws(RedisError) {
        guard value.text == "PONG" else { throw .unexpectedReply(to: "PING") }
    }
}
