// SPDX-License-Identifier: Apache-2.0

public import NIOCore

/// A reply, or a part of one.
public enum RedisValue: Sendable, Hashable {
    /// Bytes: a simple, bulk or verbatim string, or the digits of a big number.
    case string(ByteBuffer)
    /// A whole number.
    case integer(Int64)
    /// A floating-point number.
    case double(Double)
    /// Yes or no.
    case boolean(Bool)
    /// Nothing.
    case null
    /// An array or a set.
    case array([RedisValue])
    /// Pairs of key and value, in the server's order.
    case map([Pair])
    /// An error inside a reply, such as that of one command of a transaction.
    case error(String)

    /// A key with its value.
    public struct Pair: Sendable, Hashable {
        /// The key.
        public var key: RedisValue
        /// The value.
        public var value: RedisValue
    }
}

extension RedisValue {
    /// The text of a string; nil for anything else. Bytes that are not UTF-8 are replaced.
    public var text: String? {
        if case .string(let bytes) = self { String(buffer: bytes) } else { nil }
    }

    /// A whole number, also when it is sent as a double or in digits.
    public var integer: Int64? {
        switch self {
        case .integer(let number): number
        case .double(let number): Int64(exactly: number)
        case .string(let bytes): Int64(String(buffer: bytes))
        default: nil
        }
    }

    /// A number, in whatever form it is sent.
    public var double: Double? {
        switch self {
        case .integer(let number): Double(number)
        case .double(let number): number
        case .string(let bytes): Double(String(buffer: bytes))
        default: nil
        }
    }

    /// An array whose values belong together two by two, with an array for each two of them; nil for anything else.
    var paired: RedisValue? {
        guard case .array(let values) = self, values.count.isMultiple(of: 2) else { return nil }
        return .array(stride(from: 0, to: values.count, by: 2).map { .array([values[$0], values[$0 + 1]]) })
    }
}
