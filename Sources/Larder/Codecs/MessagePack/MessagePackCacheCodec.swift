// SPDX-License-Identifier: Apache-2.0

public import NIOCore

/// MessagePack: values as small and as quick to read as a self-describing format allows
/// (<https://github.com/msgpack/msgpack/blob/master/spec.md>).
///
/// Fields go by their names, as in JSON, so that types may gain and lose some. `Data` is binary; a `Date` is the number that it
/// encodes itself as. Numbers come back exactly, or not at all. Nothing is nested deeper than 128 levels.
public struct MessagePackCacheCodec: CacheCodec {
    /// Makes the codec.
    public init() {}

    public var mark: EntryCodec { .messagePack }

    /// - Throws: `EncodingError` for what is nested too deeply, and for a type that does not write one value after the other: into a
    ///   container after a later one that stands beside it, or half a value.
    public func encode(_ value: some Encodable) throws -> ByteBuffer {
        let writer = MessagePackWriter()
        try writer.value(value, at: MessagePackPath())
        // A type may pass over an error, or write twice in one place.
        guard (try? MessagePackReader(writer.bytes).end(of: 0)) == writer.bytes.count else {
            throw EncodingError.invalidValue(
                value, EncodingError.Context(codingPath: [], debugDescription: "it does not write one whole value"))
        }
        return ByteBuffer(bytes: writer.bytes)
    }

    public func decode<Value: Decodable>(_ type: Value.Type, from bytes: ByteBuffer) throws -> Value {
        let reader = MessagePackReader(Array(bytes.readableBytesView))
        guard try reader.end(of: 0) == reader.bytes.count else {
            throw Undecodable(reason: "there is more than one MessagePack value")
        }
        return try reader.value(type, at: 0, path: MessagePackPath())
    }
}

extension CacheCodec where Self == MessagePackCacheCodec {
    /// MessagePack.
    public static var messagePack: MessagePackCacheCodec { MessagePackCacheCodec() }
}
