// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Reads MessagePack from bytes that nobody vouches for.
final class MessagePackReader: Sendable {
    enum Token {
        case null
        case bool(Bool)
        case unsigned(UInt64)
        case negative(Int64)
        case float(Float)
        case double(Double)
        case string(Range<Int>)
        case binary(Range<Int>)
        case array(Int)
        case map(Int)
        /// What an application has defined; not read.
        case other
    }

    let bytes: [UInt8]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    // MARK: Tokens

    /// The value that begins at `position`, which moves behind it, or into the container that it is.
    func token(at position: inout Int) throws -> Token {
        guard position < self.bytes.count else { throw Undecodable(reason: "a value without its end") }
        let type = self.bytes[position]
        position += 1
        switch type {
        case ..<0x80: return .unsigned(UInt64(type))
        case ..<0x90: return .map(Int(type & 0x0F))
        case ..<0xA0: return .array(Int(type & 0x0F))
        case ..<0xC0: return .string(try self.range(Int(type & 0x1F), at: &position))
        case 0xC0: return .null
        case 0xC2: return .bool(false)
        case 0xC3: return .bool(true)
        case 0xC4: return .binary(try self.range(self.count(UInt8.self, at: &position), at: &position))
        case 0xC5: return .binary(try self.range(self.count(UInt16.self, at: &position), at: &position))
        case 0xC6: return .binary(try self.range(self.count(UInt32.self, at: &position), at: &position))
        case 0xC7: return try self.other(self.count(UInt8.self, at: &position), at: &position)
        case 0xC8: return try self.other(self.count(UInt16.self, at: &position), at: &position)
        case 0xC9: return try self.other(self.count(UInt32.self, at: &position), at: &position)
        case 0xCA: return .float(Float(bitPattern: try self.big(at: &position)))
        case 0xCB: return .double(Double(bitPattern: try self.big(at: &position)))
        case 0xCC: return .unsigned(UInt64(try self.big(at: &position) as UInt8))
        case 0xCD: return .unsigned(UInt64(try self.big(at: &position) as UInt16))
        case 0xCE: return .unsigned(UInt64(try self.big(at: &position) as UInt32))
        case 0xCF: return .unsigned(try self.big(at: &position))
        case 0xD0: return .init(Int64(try self.big(at: &position) as Int8))
        case 0xD1: return .init(Int64(try self.big(at: &position) as Int16))
        case 0xD2: return .init(Int64(try self.big(at: &position) as Int32))
        case 0xD3: return .init(try self.big(at: &position) as Int64)
        case 0xD4...0xD8: return try self.other(1 << Int(type - 0xD4), at: &position)
        case 0xD9: return .string(try self.range(self.count(UInt8.self, at: &position), at: &position))
        case 0xDA: return .string(try self.range(self.count(UInt16.self, at: &position), at: &position))
        case 0xDB: return .string(try self.range(self.count(UInt32.self, at: &position), at: &position))
        case 0xDC: return .array(try self.count(UInt16.self, at: &position))
        case 0xDD: return .array(try self.count(UInt32.self, at: &position))
        case 0xDE: return .map(try self.count(UInt16.self, at: &position))
        case 0xDF: return .map(try self.count(UInt32.self, at: &position))
        case 0xE0...: return .negative(Int64(Int8(bitPattern: type)))
        default: throw Undecodable(reason: "a byte that begins no MessagePack value")
        }
    }

    /// Where the value that begins at `position` ends, with all that is in it.
    func end(of position: Int) throws -> Int {
        var position = position
        switch try self.token(at: &position) {
        case .array(let elements): return try self.end(of: elements, from: position)
        case .map(let pairs): return try self.end(of: 2 * pairs, from: position)
        default: return position
        }
    }

    /// Where a number of values end.
    private func end(of count: Int, from start: Int) throws -> Int {
        var position = start
        // How many values are still to be passed over, in each container that was entered.
        var rest = [count]
        while let last = rest.indices.last {
            if rest[last] == 0 {
                rest.removeLast()
                continue
            }
            rest[last] -= 1
            var count = 0
            switch try self.token(at: &position) {
            case .array(let elements): count = elements
            case .map(let pairs): count = 2 * pairs
            default: continue
            }
            // Each takes a byte at least.
            guard count <= self.bytes.count - position else { throw Undecodable(reason: "a container without its end") }
            guard rest.count < MessagePackWriter.maximumDepth else { throw Undecodable(reason: "nested too deeply") }
            rest.append(count)
        }
        return position
    }

    func text(_ range: Range<Int>) throws -> String {
        let text = self.bytes.withUnsafeBufferPointer { bytes in
            String(validating: UnsafeBufferPointer(rebasing: bytes[range]), as: UTF8.self)
        }
        guard let text else {
            throw Undecodable(reason: "a text that is not UTF-8")
        }
        return text
    }

    private func range(_ count: Int, at position: inout Int) throws -> Range<Int> {
        guard count <= self.bytes.count - position else { throw Undecodable(reason: "a value without its end") }
        defer { position += count }
        return position..<position + count
    }

    /// An extension: its type and `count` bytes.
    private func other(_ count: Int, at position: inout Int) throws -> Token {
        _ = try self.range(count + 1, at: &position)
        return .other
    }

    private func count<Number: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(
        _ type: Number.Type, at position: inout Int
    ) throws -> Int {
        Int(try self.big(at: &position) as Number)
    }

    private func big<Number: FixedWidthInteger & BitwiseCopyable>(at position: inout Int) throws -> Number {
        let range = try self.range(MemoryLayout<Number>.size, at: &position)
        return self.bytes.withUnsafeBytes { bytes in
            Number(bigEndian: bytes.loadUnaligned(fromByteOffset: range.lowerBound, as: Number.self))
        }
    }

    // MARK: Values

    /// The value of a type that begins at `position`.
    func value<Value: Decodable>(_ type: Value.Type, at position: Int, path: MessagePackPath) throws -> Value {
        if type == Data.self, let data = try self.data(at: position) as? Value { return data }
        return try Value(from: MessagePackDecoder(self, position, path))
    }

    /// Whether a text is a name.
    func text(_ range: Range<Int>, is name: String) -> Bool {
        var name = name
        return name.withUTF8 { name in
            name.count == range.count
                && self.bytes.withUnsafeBufferPointer { bytes in
                    UnsafeBufferPointer(rebasing: bytes[range]).elementsEqual(name)
                }
        }
    }

    private func data(at position: Int) throws -> Data? {
        var position = position
        guard case .binary(let range) = try self.token(at: &position) else { return nil }
        return Data(self.bytes[range])
    }
}

extension MessagePackReader.Token {
    /// A whole number, which is below zero or is not.
    init(_ number: Int64) {
        self = UInt64(exactly: number).map { .unsigned($0) } ?? .negative(number)
    }
}
