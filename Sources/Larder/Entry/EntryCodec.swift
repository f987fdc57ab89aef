// SPDX-License-Identifier: Apache-2.0

/// How the payload of an entry is written: one byte, of which the low four bits name the serialisation, bits 4 and 5 the
/// compression, and bit 7 tells that it is sealed.
public struct EntryCodec: Sendable, Hashable {
    /// The byte in the entry's header.
    public private(set) var rawValue: UInt8

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
    /// An HTTP response with its fields.
    package static let http = EntryCodec(rawValue: 7)

    enum Compression: UInt8 {
        case none = 0
        case zlib = 1
        case lz4 = 2
        case unknown = 3
    }

    /// The mark of the serialisation alone.
    package var serialization: EntryCodec { EntryCodec(rawValue: self.rawValue & 0x0F) }

    /// What the serialisation is called, for people.
    package var name: String {
        switch self.serialization {
        case .none: "none"
        case .json: "JSON"
        case .messagePack: "MessagePack"
        case .raw: "raw"
        case .http: "HTTP"
        case let other: "unknown (\(other.rawValue))"
        }
    }

    var compression: Compression {
        get { Compression(rawValue: self.rawValue >> 4 & 3) ?? .unknown }
        set { self.rawValue = self.rawValue & ~0x30 | newValue.rawValue << 4 }
    }

    var isSealed: Bool {
        get { self.rawValue & 0x80 != 0 }
        set { self.rawValue = self.rawValue & 0x7F | (newValue ? 0x80 : 0) }
    }
}
