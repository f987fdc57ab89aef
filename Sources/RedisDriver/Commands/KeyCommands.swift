// SPDX-License-Identifier: Apache-2.0

/// Removes keys; their memory is reclaimed in the background. <https://redis.io/commands/unlink>
public struct UNLINK: RedisCommand {
    /// The keys.
    public var keys: [String]

    /// Makes the command.
    public init(_ keys: String...) {
        self.keys = keys
    }

    public func encode(into encoder: inout RedisCommandEncoder) {
        encoder.beginCommand("UNLINK", argumentCount: self.keys.count)
        for key in self.keys { encoder.write(key) }
    }

    /// How many keys there were.
    public static func response(from value: RedisValue) throws(RedisError) -> Int64 {
        guard let count = value.integer else { throw .unexpectedReply(to: "UNLINK") }
        return count
    }
}
