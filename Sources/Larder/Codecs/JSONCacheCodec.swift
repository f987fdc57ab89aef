// SPDX-License-Identifier: Apache-2.0

public import NIOCore
import NIOFoundationEssentialsCompat

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// JSON with sorted keys and slashes as they are; what it writes it reads back without loss.
///
/// The stored bytes can go out as an HTTP response without being decoded.
public struct JSONCacheCodec: CacheCodec {
    /// Makes the codec.
    public init() {}

    public var mark: EntryCodec { .json }

    public func encode(_ value: some Encodable) throws -> ByteBuffer {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return ByteBuffer(data: try encoder.encode(value))
    }

    public func decode<Value: Decodable>(_ type: Value.Type, from bytes: ByteBuffer) throws -> Value {
        try JSONDecoder().decode(type, from: bytes)
    }
}

extension CacheCodec where Self == JSONCacheCodec {
    /// JSON.
    public static var json: JSONCacheCodec { JSONCacheCodec() }
}
