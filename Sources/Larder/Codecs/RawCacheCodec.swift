// SPDX-License-Identifier: Apache-2.0

public import NIOCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Bytes as they are: for values of the types `ByteBuffer`, `Data`, `[UInt8]` and `String`, and optionals of them.
///
/// For what is encoded elsewhere, such as images, rendered pages and messages of other formats.
public struct RawCacheCodec: CacheCodec {
    /// Makes the codec.
    public init() {}

    public var mark: EntryCodec { .raw }

    /// - Throws: For a value of another type.
    public func encode(_ value: some Encodable) throws -> ByteBuffer {
        guard let value = value as? any RawBytes else {
            throw EncodingError.invalidValue(
                value,
                EncodingError.Context(codingPath: [], debugDescription: "\(type(of: value)) is no type of raw bytes"))
        }
        return value.rawBytes
    }

    public func decode<Value: Decodable>(_ type: Value.Type, from bytes: ByteBuffer) throws -> Value {
        let present = (type as? any AbsenceRepresentable.Type)?.present ?? type
        guard let value = (present as? any RawBytes.Type)?.init(rawBytes: bytes) as? Value else {
            throw Undecodable(reason: "\(type) cannot be made of these bytes")
        }
        return value
    }
}

extension CacheCodec where Self == RawCacheCodec {
    /// Bytes as they are.
    public static var raw: RawCacheCodec { RawCacheCodec() }
}

private protocol RawBytes {
    init?(rawBytes: ByteBuffer)
    var rawBytes: ByteBuffer { get }
}

extension ByteBuffer: RawBytes {
    init?(rawBytes: ByteBuffer) { self = rawBytes }
    // Without the rest of what it may be a small part of.
    var rawBytes: ByteBuffer {
        self.storageCapacity > 2 * self.readableBytes ? ByteBuffer(bytes: self.readableBytesView) : self
    }
}

extension Data: RawBytes {
    init?(rawBytes: ByteBuffer) { self.init(rawBytes.readableBytesView) }
    var rawBytes: ByteBuffer { ByteBuffer(bytes: self) }
}

extension Array: RawBytes where Element == UInt8 {
    init?(rawBytes: ByteBuffer) { self.init(rawBytes.readableBytesView) }
    var rawBytes: ByteBuffer { ByteBuffer(bytes: self) }
}

extension String: RawBytes {
    init?(rawBytes: ByteBuffer) { self.init(validating: rawBytes.readableBytesView, as: UTF8.self) }
    var rawBytes: ByteBuffer { ByteBuffer(string: self) }
}
