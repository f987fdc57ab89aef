// SPDX-License-Identifier: Apache-2.0

/// Any command, by its name and arguments, with the reply as it is.
///
/// Commands that change what the connection is, or that are not answered once, are refused: the connection is shared.
public struct RawCommand: RedisCommand {
    private let name: String
    private let arguments: [any RedisArgument]
    public let keys: [String]

    /// Makes a command.
    ///
    /// - Parameters:
    ///   - name: Its name: one word.
    ///   - arguments: All arguments, keys among them.
    ///   - keys: Which keys it touches.
    public init(_ name: String, _ arguments: any RedisArgument..., keys: [String] = []) {
        self.name = name
        self.arguments = arguments
        self.keys = keys
    }

    public func encode(into encoder: inout RedisCommandEncoder) {
        let name = self.name.uppercased()
        let isReply = name == "CLIENT" && (self.arguments.first as? String)?.uppercased() == "REPLY"
        if Self.unshareable.contains(name) || isReply {
            encoder.refuse("\(name) cannot be sent on a shared connection")
        }
        encoder.beginCommand(self.name, argumentCount: self.arguments.count)
        for argument in self.arguments { argument.encode(into: &encoder) }
    }

    private static let unshareable: Set<String> = [
        "AUTH", "DISCARD", "EXEC", "HELLO", "MONITOR", "MULTI", "PSUBSCRIBE", "PSYNC", "PUNSUBSCRIBE", "QUIT", "RESET",
        "SELECT", "SSUBSCRIBE", "SUBSCRIBE", "SUNSUBSCRIBE", "SYNC", "UNSUBSCRIBE", "UNWATCH", "WATCH",
    ]

    public static func response(from value: RedisValue) throws(RedisError) -> RedisValue { value }
}
