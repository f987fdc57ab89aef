// SPDX-License-Identifier: Apache-2.0

public import NIOCore

/// A type that a reply, or a part of one, can be read as.
public protocol RedisDecodable: Sendable {
    /// Reads a value; nil when it is nothing of this kind.
    init?(redisValue value: RedisValue)
}

extension RedisValue: RedisDecodable {
    public init?(redisValue value: RedisValue) {
        self = value
    }
}

extension Int: RedisDecodable {
    public init?(redisValue value: RedisValue) {
        guard let number = value.integer.flatMap(Int.init(exactly:)) else { return nil }
        self = number
    }
}

extension Double: RedisDecodable {
    public init?(redisValue value: RedisValue) {
        guard let number = value.double else { return nil }
        self = number
    }
}

extension Bool: RedisDecodable {
    /// Also 1 and 0, by which most commands say yes and no.
    public init?(redisValue value: RedisValue) {
        switch value {
        case .boolean(let flag): self = flag
        case .integer(1): self = true
        case .integer(0): self = false
        default: return nil
        }
    }
}

extension String: RedisDecodable {
    /// Bytes that are not UTF-8 are replaced.
    public init?(redisValue value: RedisValue) {
        guard let text = value.text else { return nil }
        self = text
    }
}

extension ByteBuffer: RedisDecodable {
    public init?(redisValue value: RedisValue) {
        guard case .string(let bytes) = value else { return nil }
        self = bytes
    }
}

extension RedisKey: RedisDecodable {
    public init?(redisValue value: RedisValue) {
        guard case .string(let bytes) = value else { return nil }
        self.init(bytes)
    }
}

extension Optional: RedisDecodable where Wrapped: RedisDecodable {
    public init?(redisValue value: RedisValue) {
        if case .null = value {
            self = .none
        } else if let wrapped = Wrapped(redisValue: value) {
            self = .some(wrapped)
        } else {
            return nil
        }
    }
}

extension Array: RedisDecodable where Element: RedisDecodable {
    public init?(redisValue value: RedisValue) {
        guard case .array(let values) = value else { return nil }
        self.init()
        self.reserveCapacity(values.count)
        for value in values {
            guard let element = Element(redisValue: value) else { return nil }
            self.append(element)
        }
    }
}

extension Dictionary: RedisDecodable where Key: RedisDecodable, Value: RedisDecodable {
    public init?(redisValue value: RedisValue) {
        guard case .map(let pairs) = value else { return nil }
        self.init(minimumCapacity: pairs.count)
        for pair in pairs {
            guard let key = Key(redisValue: pair.key), let value = Value(redisValue: pair.value) else { return nil }
            self[key] = value
        }
    }
}
