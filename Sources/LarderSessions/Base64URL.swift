// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Base64 in the alphabet for URLs and cookies, without padding (RFC 4648, section 5).
enum Base64URL {
    static func text(of bytes: some Sequence<UInt8>) -> String {
        let text = Data(bytes).base64EncodedString().utf8.compactMap { byte -> UInt8? in
            switch byte {
            case UInt8(ascii: "+"): UInt8(ascii: "-")
            case UInt8(ascii: "/"): UInt8(ascii: "_")
            case UInt8(ascii: "="): nil
            default: byte
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes of a text that stands for just so many, in the one way that they are written; nil for any other.
    ///
    /// - Parameter count: A multiple of three, so that no bits are left over.
    static func bytes(of text: some StringProtocol, count: Int) -> [UInt8]? {
        let length = count / 3 * 4
        // Looked at no further than there can be anything.
        guard text.utf8.prefix(length + 1).count == length else { return nil }
        var standard: [UInt8] = []
        standard.reserveCapacity(length)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                standard.append(byte)
            case UInt8(ascii: "-"): standard.append(UInt8(ascii: "+"))
            case UInt8(ascii: "_"): standard.append(UInt8(ascii: "/"))
            default: return nil
            }
        }
        return Data(base64Encoded: Data(standard)).map { Array($0) }
    }
}
