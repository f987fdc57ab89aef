// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Writes values as MessagePack. How many elements a container has is written into its head with each of them, since nobody tells
/// when it ends.
final class MessagePackWriter {
    /// Which container; later ones have higher numbers.
    typealias ContainerID = Int

    enum Kind {
        case array, map
    }

    private struct Container {
        let id: ContainerID
        let kind: Kind
        let head: Int
        var count = 0
    }

    /// How deep values may be nested.
    static let maximumDepth = 128

    private(set) var bytes: [UInt8] = []
    /// Those that may still get elements: each is the last element of the one before.
    private var open: [Container] = []
    private var lastID = 0

    // MARK: Containers

    /// Begins a container as the next element of the innermost one.
    func begin(_ kind: Kind, at path: [any CodingKey]) throws -> ContainerID {
        guard self.open.count < Self.maximumDepth else { throw Self.error("nested too deeply", at: path) }
        self.lastID += 1
        self.open.append(Container(id: self.lastID, kind: kind, head: self.bytes.count))
        self.bytes.append(kind == .array ? 0xDC : 0xDE)
        self.big(UInt16(0))
        return self.lastID
    }

    /// How many elements a container has.
    func count(of id: ContainerID) -> Int {
        self.open.last { $0.id == id }?.count ?? 0
    }

    /// Counts an element of a container, to be written next. What was begun within it gets no more.
    func element(of id: ContainerID, at path: [any CodingKey]) throws {
        while let last = self.open.last, last.id > id { self.open.removeLast() }
        guard let last = self.open.indices.last, self.open[last].id == id else {
            throw Self.error("written to after a later container beside it", at: path)
        }
        self.open[last].count += 1
        self.writeHead(of: self.open[last])
    }

    private func writeHead(of container: Container) {
        guard container.count <= UInt16.max else {
            if container.count == Int(UInt16.max) + 1 {
                self.bytes.insert(contentsOf: [0, 0], at: container.head + 1)
                self.bytes[container.head] = container.kind == .array ? 0xDD : 0xDF
            }
            for index in 0..<4 {
                self.bytes[container.head + 1 + index] = UInt8(truncatingIfNeeded: container.count >> (24 - 8 * index))
            }
            return
        }
        self.bytes[container.head + 1] = UInt8(container.count >> 8)
        self.bytes[container.head + 2] = UInt8(container.count & 0xFF)
    }

    static func error(_ what: String, at path: [any CodingKey]) -> EncodingError {
        EncodingError.invalidValue(
            path.map(\.stringValue), EncodingError.Context(codingPath: path, debugDescription: "a container is \(what)")
        )
    }

    // MARK: Values

    /// Writes any value.
    func value<Value: Encodable>(_ value: Value, at path: MessagePackPath) throws {
        if Value.self == Data.self, let data = value as? Data { return self.binary(data) }
        let start = self.bytes.count
        try value.encode(to: MessagePackEncoder(self, path))
        // Something that writes nothing is there all the same.
        if self.bytes.count == start { self.nothing() }
    }

    /// What stands for a value that has written nothing: a map without fields.
    func nothing() { self.bytes.append(0x80) }

    func null() { self.bytes.append(0xC0) }

    func bool(_ value: Bool) { self.bytes.append(value ? 0xC3 : 0xC2) }

    func integer(_ value: some BinaryInteger) {
        if let unsigned = UInt64(exactly: value) {
            switch unsigned {
            case ..<0x80: self.bytes.append(UInt8(unsigned))
            case ...0xFF: self.head(0xCC, UInt8(unsigned))
            case ...0xFFFF: self.head(0xCD, UInt16(unsigned))
            case ...0xFFFF_FFFF: self.head(0xCE, UInt32(unsigned))
            default: self.head(0xCF, unsigned)
            }
        } else {
            switch Int64(truncatingIfNeeded: value) {
            case let small where small >= -32: self.bytes.append(UInt8(bitPattern: Int8(small)))
            case let small where small >= Int8.min: self.head(0xD0, Int8(small))
            case let small where small >= Int16.min: self.head(0xD1, Int16(small))
            case let small where small >= Int32.min: self.head(0xD2, Int32(small))
            case let large: self.head(0xD3, large)
            }
        }
    }

    func float(_ value: Float) { self.head(0xCA, value.bitPattern) }

    func double(_ value: Double) { self.head(0xCB, value.bitPattern) }

    func string(_ value: String) {
        var value = value
        value.withUTF8 { utf8 in
            switch utf8.count {
            case ..<32: self.bytes.append(0xA0 | UInt8(utf8.count))
            case ...0xFF: self.head(0xD9, UInt8(utf8.count))
            case ...0xFFFF: self.head(0xDA, UInt16(utf8.count))
            default: self.head(0xDB, UInt32(clamping: utf8.count))
            }
            self.bytes.append(contentsOf: utf8)
        }
    }

    private func binary(_ data: Data) {
        switch data.count {
        case ...0xFF: self.head(0xC4, UInt8(data.count))
        case ...0xFFFF: self.head(0xC5, UInt16(data.count))
        default: self.head(0xC6, UInt32(clamping: data.count))
        }
        self.bytes.append(contentsOf: data)
    }

    private func head(_ type: UInt8, _ value: some FixedWidthInteger) {
        self.bytes.append(type)
        self.big(value)
    }

    private func big(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.bigEndian) { self.bytes.append(contentsOf: $0) }
    }
}
