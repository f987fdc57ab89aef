// SPDX-License-Identifier: Apache-2.0

public import NIOCore

/// A field of a hash, or of an entry of a stream.
public struct RedisField: Sendable, Hashable, RedisDecodable {
    /// Its name.
    public let name: RedisKey
    /// Its value.
    public let value: ByteBuffer

    public init?(redisValue value: RedisValue) {
        guard
            case .array(let pair) = value, pair.count == 2, let name = RedisKey(redisValue: pair[0]),
            let bytes = ByteBuffer(redisValue: pair[1])
        else { return nil }
        self.name = name
        self.value = bytes
    }
}
