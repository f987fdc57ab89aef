// SPDX-License-Identifier: Apache-2.0

public import NIOCore

/// Something that can be an argument of a command: text, a number, bytes.
public protocol RedisArgument: Sendable {
    /// Writes exactly one argument.
    func encode(into encoder: inout RedisCommandEncoder)
}

extension String: RedisArgument {
    public func encode(into encoder: inout RedisCommandEncoder) { encoder.write(self) }
}

extension Int: RedisArgument {
    public func encode(into encoder: inout RedisCommandEncoder) { encoder.write(String(self)) }
}

extension Int64: RedisArgument {
    public func encode(into encoder: inout RedisCommandEncoder) { encoder.write(String(self)) }
}

extension UInt64: RedisArgument {
    public func encode(into encoder: inout RedisCommandEncoder) { encoder.write(String(self)) }
}

extension Double: RedisArgument {
    public func encode(into encoder: inout RedisCommandEncoder) { encoder.write(String(self)) }
}

extension ByteBuffer: RedisArgument {
    public func encode(into encoder: inout RedisCommandEncoder) { encoder.write(self) }
}
