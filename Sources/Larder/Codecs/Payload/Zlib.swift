// SPDX-License-Identifier: Apache-2.0

#if Compression
import CLarderZlib
import NIOCore

/// Payloads in the zlib format (RFC 1950), after four bytes for the length of what was compressed, big-endian.
enum Zlib {
    /// The compressed bytes; nil when they cannot be made.
    static func compress(_ bytes: ByteBuffer) -> ByteBuffer? {
        guard let length = UInt32(exactly: bytes.readableBytes) else { return nil }
        var result = ByteBuffer(integer: length)
        var status = Z_OK
        result.writeWithUnsafeMutableBytes(minimumWritableBytes: Int(compressBound(uLong(length)))) { target in
            bytes.withUnsafeReadableBytes { source in
                var written = uLongf(target.count)
                status = compress2(
                    target.baseAddress?.assumingMemoryBound(to: Bytef.self), &written,
                    source.baseAddress?.assumingMemoryBound(to: Bytef.self), uLong(source.count), Z_DEFAULT_COMPRESSION)
                return status == Z_OK ? Int(written) : 0
            }
        }
        return status == Z_OK ? result : nil
    }

    /// - Parameter maximumSize: The largest result.
    static func decompress(_ bytes: ByteBuffer, upTo maximumSize: Int) throws -> ByteBuffer {
        var bytes = bytes
        guard let length = bytes.readInteger(as: UInt32.self),
            Int(clamping: length) <= min(maximumSize, Int(Int32.max) - 1)
        else {
            throw Undecodable(reason: "a compressed value that is larger than may be")
        }
        // Compression makes nothing a thousand times smaller, so a short value claims no room that it does not fill.
        guard Int(clamping: length) / 1_100 <= bytes.readableBytes else {
            throw Undecodable(reason: "a compressed value that claims to be larger than it can be")
        }
        var result = ByteBuffer()
        var isWhole = false
        // One byte more than there should be, since a pointer to nothing is an error of its own.
        result.writeWithUnsafeMutableBytes(minimumWritableBytes: Int(length) + 1) { target in
            bytes.withUnsafeReadableBytes { source in
                var written = uLongf(target.count)
                let status = uncompress(
                    target.baseAddress?.assumingMemoryBound(to: Bytef.self), &written,
                    source.baseAddress?.assumingMemoryBound(to: Bytef.self), uLong(source.count))
                isWhole = status == Z_OK && written == uLongf(length)
                return isWhole ? Int(written) : 0
            }
        }
        guard isWhole else { throw Undecodable(reason: "a compressed value that is damaged") }
        return result
    }
}
#endif
