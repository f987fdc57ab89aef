// SPDX-License-Identifier: Apache-2.0

/// How the payload of an entry is written: one byte, of which the low four bits name the serialisation.
///
/// Bits 4 and 5 are for compression and bit 7 for sealing; both are zero in a plain payload.
public struct EntryCodec: Sendable, Hashable {
    /// The byte in the entry's header.
    public let rawValue: UInt8

    /// Makes a codec mark from its byte.
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// No payload.
    public static let none = EntryCodec(rawValue: 0)
    /// JSON, UTF-8.
    public static let json = EntryCodec(rawValue: 1)
    /// MessagePack.
    public static let messagePack = EntryCodec(rawValue: 2)
    /// Bytes as the application gave them.
    public static let raw = EntryCodec(rawValue: 6)
}
