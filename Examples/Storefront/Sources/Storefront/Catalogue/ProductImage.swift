// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// A picture of a product, as far as one can be made of its number.
enum ProductImage {
    private static let side = 64

    /// An uncompressed bitmap, 24 bits a pixel.
    static func bitmap(of id: Int) -> ByteBuffer {
        let pixels = 3 * Self.side * Self.side
        var bytes = ByteBuffer()
        bytes.writeString("BM")
        bytes.writeMultipleIntegers(UInt32(54 + pixels), UInt32(0), UInt32(54), endianness: .little)
        bytes.writeMultipleIntegers(
            UInt32(40), Int32(Self.side), Int32(Self.side), UInt16(1), UInt16(24), endianness: .little)
        bytes.writeMultipleIntegers(
            UInt32(0), UInt32(pixels), Int32(2_835), Int32(2_835), UInt32(0), UInt32(0), endianness: .little)
        for y in 0..<Self.side {
            for x in 0..<Self.side {
                for channel in 0..<3 { bytes.writeInteger(UInt8(truncatingIfNeeded: (id &+ channel &* 85) ^ (x &* y))) }
            }
        }
        return bytes
    }
}
