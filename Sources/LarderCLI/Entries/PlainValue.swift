// SPDX-License-Identifier: Apache-2.0

#if CLI
import Foundation
import Larder
import NIOCore

/// A value of a type that is not known here.
indirect enum PlainValue: Codable {
    case null
    case bool(Bool)
    case integer(Int64)
    case unsigned(UInt64)
    case number(Double)
    case text(String)
    case bytes(Data)
    case array([PlainValue])
    case object([String: PlainValue])

    /// What a payload says; nil when it is none that describes itself.
    init?(_ payload: ByteBuffer, codec: EntryCodec) {
        let value: PlainValue? =
            switch codec.serialization {
            case .json: try? JSONDecoder().decode(PlainValue.self, from: Data(payload.readableBytesView))
            case .messagePack: try? MessagePackCacheCodec().decode(PlainValue.self, from: payload)
            default: nil
            }
        guard let value else { return nil }
        self = value
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Int64.self) {
            self = .integer(value)
        } else if let value = try? container.decode(UInt64.self) {
            self = .unsigned(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let value = try? container.decode([PlainValue].self) {
            self = .array(value)
        } else if let value = try? container.decode([String: PlainValue].self) {
            self = .object(value)
        } else {
            self = .bytes(try container.decode(Data.self))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .unsigned(let value): try container.encode(value)
        case .number(let value) where !value.isFinite: try container.encode("\(value)")
        case .number(let value): try container.encode(value)
        case .text(let value): try container.encode(value)
        case .bytes(let value): try container.encode(value)
        case .array(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }
}
#endif
