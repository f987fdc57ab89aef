// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Any command, by its name and arguments, with the reply as it is.
///
/// Commands that change what the connection is, or that are not answered once, are refused: the connection is shared.
/// One that blocks keeps everybody else on it waiting.
public struct RawCommand: RedisCommand {
    public typealias Response = RedisValue

    private let name: String
    private let arguments: [any RedisArgument]
    public let keys: [RedisKey]

    /// Makes a command.
    ///
    /// - Parameters:
    ///   - name: Its name: one word.
    ///   - arguments: All arguments, keys among them.
    ///   - keys: Which keys it touches.
    public init(_ name: String, _ arguments: any RedisArgument..., keys: [RedisKey] = []) {
        self.name = name
        self.arguments = arguments
        self.keys = keys
    }

    public func encode(into encoder: inout RedisCommandEncoder) {
        let name = self.name.uppercased()
        let option = (self.arguments.first as? any RedisKeyConvertible)?.redisKey.bytes
        let isReply = name == "CLIENT" && option.map { String(buffer: $0).uppercased() } == "REPLY"
        if Self.unshareable.contains(name) || isReply {
            encoder.refuse("\(name) cannot be sent on a shared connection")
        }
        encoder.command(self.name, self.arguments)
    }

    private static let unshareable: Set<String> = [
        "AUTH", "DISCARD", "EXEC", "HELLO", "MONITOR", "MULTI", "PSUBSCRIBE", "PSYNC", "PUNSUBSCRIBE", "QUIT", "RESET",
        "SELECT", "SSUBSCRIBE", "SUBSCRIBE", "SUNSUBSCRIBE", "SYNC", "UNSUBSCRIBE", "UNWATCH", "WATCH",
    ]
}
