// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Any command, by its name and arguments, with the reply as it is.
///
/// Commands that change what the connection is, or that are not answered once, are refused: the connection is shared.
/// One that blocks keeps everybody else on it waiting.
public struct RawCommand: RedisCommand {
    public typealias Response = RedisValue

    public let name: String
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
        if Self.unshareable.contains(name) || name == "CLIENT" && self.option == "REPLY" {
            encoder.refuse("\(name) cannot be sent on a shared connection")
        }
        encoder.command(self.name, self.arguments)
    }

    /// The first argument, in capitals.
    private var option: String? {
        (self.arguments.first as? any RedisKeyConvertible).map { String(buffer: $0.redisKey.bytes).uppercased() }
    }

    private static let unshareable: Set<String> = [
        "AUTH", "DISCARD", "EXEC", "HELLO", "MONITOR", "MULTI", "PSUBSCRIBE", "PSYNC", "PUNSUBSCRIBE", "QUIT", "RESET",
        "SELECT", "SSUBSCRIBE", "SUBSCRIBE", "SUNSUBSCRIBE", "SYNC", "UNSUBSCRIBE", "UNWATCH", "WATCH",
    ]
}
