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

/// Any command, by its name and arguments, with the reply as it is.
public struct RawCommand: RedisCommand {
    private let name: String
    private let arguments: [String]
    public let keys: [String]

    /// Makes a command.
    ///
    /// - Parameters:
    ///   - name: Its name: one word.
    ///   - arguments: All arguments, keys among them.
    ///   - keys: Which keys it touches.
    public init(_ name: String, _ arguments: String..., keys: [String] = []) {
        self.name = name
        self.arguments = arguments
        self.keys = keys
    }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.beginCommand(self.name, argumentCount: self.arguments.count)
        for argument in self.arguments { encoder.append(argument) }
    }

    public static func response(from value: RedisValue) throws(RedisError) -> RedisValue { value }
}
