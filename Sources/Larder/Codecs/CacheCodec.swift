// SPDX-License-Identifier: Apache-2.0

public import NIOCore

/// Writes values of any codable type as bytes and reads them back.
public protocol CacheCodec: Sendable {
    /// The mark that entries written by this codec carry. A payload with another mark is not read.
    var mark: EntryCodec { get }

    /// Writes a value.
    func encode(_ value: some Encodable) throws -> ByteBuffer

    /// Reads a value from the whole of `bytes`.
    func decode<Value: Decodable>(_ type: Value.Type, from bytes: ByteBuffer) throws -> Value
}
