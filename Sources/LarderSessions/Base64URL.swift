// SPDX-License-Identifier: Apache-2.0

/// Base64 in the alphabet for URLs and cookies, without padding (RFC 4648, section 5): all ids and tokens of a request pass here.
enum Base64URL {
    static func text(of bytes: some Collection<UInt8>) -> String {
        String(unsafeUninitializedCapacity: (bytes.count * 4 + 2) / 3) { text in
            var (pending, bits, length) = (UInt32(0), 0, 0)
            func append(_ value: UInt32) {
                text[length] = Self.characters[Int(value & 63)]
                length += 1
            }
            for byte in bytes {
                pending = pending << 8 | UInt32(byte)
                bits += 8
                while bits >= 6 {
                    bits -= 6
                    append(pending >> UInt32(bits))
                }
            }
            if bits > 0 { append(pending << UInt32(6 - bits)) }
            return length
        }
    }

    /// The bytes of a text that stands for just so many, in the one way that they are written; nil for any other.
    ///
    /// - Parameter count: A multiple of three, so that no bits are left over.
    static func bytes(of text: some StringProtocol, count: Int) -> [UInt8]? {
        let length = count / 3 * 4
        // Looked at no further than there can be anything.
        guard text.utf8.prefix(length + 1).count == length else { return nil }
        return text.utf8.withContiguousStorageIfAvailable { Self.bytes(of: $0, count: count) }
            ?? Array(text.utf8).withUnsafeBufferPointer { Self.bytes(of: $0, count: count) }
    }

    private static func bytes(of text: UnsafeBufferPointer<UInt8>, count: Int) -> [UInt8]? {
        let values = Self.values
        var isText = true
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { bytes, length in
            var (pending, bits) = (UInt32(0), 0)
            for character in text {
                let value = values[Int(character)]
                if value == 64 { isText = false }
                pending = pending << 6 | UInt32(value & 63)
                bits += 6
                if bits >= 8 {
                    bits -= 8
                    bytes.initializeElement(at: length, to: UInt8(truncatingIfNeeded: pending >> UInt32(bits)))
                    length += 1
                }
            }
        }
        return isText ? bytes : nil
    }

    private static let characters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    /// The value of each character, or 64.
    private static let values = characters.enumerated().reduce(into: [UInt8](repeating: 64, count: 256)) {
        values, next in
        values[Int(next.element)] = UInt8(next.offset)
    }
}
