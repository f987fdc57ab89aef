// SPDX-License-Identifier: Apache-2.0

public import NIOCore

/// The name of a key: any bytes, also none.
public struct RedisKey: Sendable, RedisArgument, RedisKeyConvertible, ExpressibleByStringInterpolation {
    /// Text is not turned into bytes before it is written.
    private enum Name: Sendable {
        case text(String)
        case bytes(ByteBuffer)
    }

    private let name: Name

    /// Makes a key of bytes.
    public init(_ bytes: ByteBuffer) {
        self.name = .bytes(bytes)
    }

    /// Makes a key of text.
    public init(_ text: String) {
        self.name = .text(text)
    }

    public init(stringLiteral text: String) {
        self.init(text)
    }

    /// Its bytes.
    public var bytes: ByteBuffer {
        switch self.name {
        case .text(let text): ByteBuffer(string: text)
        case .bytes(let bytes): bytes
        }
    }

    public var redisKey: RedisKey { self }

    public func encode(into encoder: inout RedisCommandEncoder) {
        switch self.name {
        case .text(let text): encoder.write(text)
        case .bytes(let bytes): encoder.write(bytes)
        }
    }
}

extension RedisKey: Hashable {
    /// Keys are equal when their bytes are; text of other scalars that reads alike is another key.
    public static func == (left: RedisKey, right: RedisKey) -> Bool {
        if case .text(let left) = left.name, case .text(let right) = right.name {
            return left.utf8.elementsEqual(right.utf8)
        }
        return left.bytes == right.bytes
    }

    public func hash(into hasher: inout Hasher) {
        switch self.name {
        case .text(var text): text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        case .bytes(let bytes): bytes.withUnsafeReadableBytes { hasher.combine(bytes: $0) }
        }
    }
}

/// What names a key: text, bytes, a ``RedisKey``.
public protocol RedisKeyConvertible: Sendable {
    /// The key.
    var redisKey: RedisKey { get }
}

extension String: RedisKeyConvertible {
    public var redisKey: RedisKey { RedisKey(self) }
}

extension ByteBuffer: RedisKeyConvertible {
    public var redisKey: RedisKey { RedisKey(self) }
}
