// SPDX-License-Identifier: Apache-2.0

/// Where one value reads itself from.
struct MessagePackDecoder: Decoder {
    private let reader: MessagePackReader
    private let position: Int
    private let path: MessagePackPath

    init(_ reader: MessagePackReader, _ position: Int, _ path: MessagePackPath) {
        self.reader = reader
        self.position = position
        self.path = path
    }

    var codingPath: [any CodingKey] { self.path.keys }

    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(try Keyed<Key>(self.reader, self.position, self.codingPath))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        try Unkeyed(self.reader, self.position, self.codingPath)
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer {
        Single(reader: self.reader, position: self.position, path: self.path)
    }

    // MARK: Maps

    private struct Keyed<Key: CodingKey>: KeyedDecodingContainerProtocol {
        let codingPath: [any CodingKey]
        private let reader: MessagePackReader
        /// Names, and where their values begin, in order.
        private let fields: [(name: Range<Int>, value: Int)]
        /// The same for maps in which looking through all would take long.
        private let index: [String: Int]?

        private static var fewFields: Int { 16 }

        init(_ reader: MessagePackReader, _ start: Int, _ path: [any CodingKey]) throws {
            var position = start
            guard case .map(let count) = try reader.token(at: &position) else {
                throw DecodingError.mismatch([String: Any].self, path)
            }
            var fields: [(name: Range<Int>, value: Int)] = []
            // More than there are bytes is found out before long.
            fields.reserveCapacity(min(count, 1_024))
            for _ in 0..<count {
                guard case .string(let name) = try reader.token(at: &position) else {
                    throw DecodingError.mismatch(String.self, path)
                }
                fields.append((name, position))
                position = try reader.end(of: position)
            }
            self.codingPath = path
            self.reader = reader
            self.fields = fields
            self.index =
                fields.count > Self.fewFields
                ? Dictionary(
                    try fields.map { (try reader.text($0.name), $0.value) }, uniquingKeysWith: { _, last in last })
                : nil
        }

        /// Each once: whoever asks for all keys decodes as many values.
        var allKeys: [Key] {
            Set(self.fields.compactMap { try? self.reader.text($0.name) }).compactMap { Key(stringValue: $0) }
        }

        /// A field that was written twice is as it was written last.

        private func find(_ key: any CodingKey) -> Int? {
            if let index { return index[key.stringValue] }
            let name = key.stringValue
            return self.fields.last { self.reader.text($0.name, is: name) }?.value
        }

        private func field(_ key: any CodingKey) throws -> Single {
            guard let position = self.find(key) else {
                throw DecodingError.keyNotFound(
                    key, DecodingError.Context(codingPath: self.codingPath, debugDescription: "there is no such field"))
            }
            return Single(
                reader: self.reader, position: position, path: MessagePackPath(container: self.codingPath, key: key))
        }

        func contains(_ key: Key) -> Bool { self.find(key) != nil }

        func decodeNil(forKey key: Key) throws -> Bool { try self.field(key).decodeNil() }
        func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try self.field(key).decode(type) }
        func decode(_ type: String.Type, forKey key: Key) throws -> String { try self.field(key).decode(type) }
        func decode(_ type: Double.Type, forKey key: Key) throws -> Double { try self.field(key).decode(type) }
        func decode(_ type: Float.Type, forKey key: Key) throws -> Float { try self.field(key).decode(type) }
        func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try self.field(key).decode(type) }
        func decode(_ type: Int8.Type, forKey key: Key) throws -> Int8 { try self.field(key).decode(type) }
        func decode(_ type: Int16.Type, forKey key: Key) throws -> Int16 { try self.field(key).decode(type) }
        func decode(_ type: Int32.Type, forKey key: Key) throws -> Int32 { try self.field(key).decode(type) }
        func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 { try self.field(key).decode(type) }
        func decode(_ type: UInt.Type, forKey key: Key) throws -> UInt { try self.field(key).decode(type) }
        func decode(_ type: UInt8.Type, forKey key: Key) throws -> UInt8 { try self.field(key).decode(type) }
        func decode(_ type: UInt16.Type, forKey key: Key) throws -> UInt16 { try self.field(key).decode(type) }
        func decode(_ type: UInt32.Type, forKey key: Key) throws -> UInt32 { try self.field(key).decode(type) }
        func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 { try self.field(key).decode(type) }

        func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
            try self.field(key).decode(type)
        }

        func nestedContainer<NestedKey: CodingKey>(
            keyedBy type: NestedKey.Type, forKey key: Key
        ) throws -> KeyedDecodingContainer<NestedKey> {
            try self.field(key).decoder.container(keyedBy: type)
        }

        func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
            try self.field(key).decoder.unkeyedContainer()
        }

        func superDecoder() throws -> any Decoder { try self.field(PositionKey.super).decoder }

        func superDecoder(forKey key: Key) throws -> any Decoder { try self.field(key).decoder }
    }

    // MARK: Arrays

    private struct Unkeyed: UnkeyedDecodingContainer {
        let codingPath: [any CodingKey]
        private let reader: MessagePackReader
        private let number: Int
        private var position: Int
        private(set) var currentIndex = 0

        init(_ reader: MessagePackReader, _ start: Int, _ path: [any CodingKey]) throws {
            var position = start
            guard case .array(let count) = try reader.token(at: &position) else {
                throw DecodingError.mismatch([Any].self, path)
            }
            self.codingPath = path
            self.reader = reader
            self.number = count
            self.position = position
        }

        var count: Int? { self.number }

        var isAtEnd: Bool { self.currentIndex >= self.number }

        /// Reads the next element, and goes on behind it.
        private mutating func next<Value>(_ type: Value.Type, _ read: (Single) throws -> Value) throws -> Value {
            let element = Single(
                reader: self.reader, position: self.position,
                path: MessagePackPath(container: self.codingPath, key: PositionKey(self.currentIndex)))
            guard !self.isAtEnd else {
                throw DecodingError.valueNotFound(
                    type, DecodingError.Context(codingPath: element.codingPath, debugDescription: "the array has ended")
                )
            }
            let value = try read(element)
            self.position = try self.reader.end(of: self.position)
            self.currentIndex += 1
            return value
        }

        mutating func decodeNil() throws -> Bool {
            var position = self.position
            guard !self.isAtEnd, case .null = try self.reader.token(at: &position) else { return false }
            self.position = position
            self.currentIndex += 1
            return true
        }

        mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
            try self.next(type) { try $0.decode(type) }
        }

        mutating func nestedContainer<NestedKey: CodingKey>(
            keyedBy type: NestedKey.Type
        ) throws -> KeyedDecodingContainer<NestedKey> {
            try self.next(KeyedDecodingContainer<NestedKey>.self) { try $0.decoder.container(keyedBy: type) }
        }

        mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
            try self.next((any UnkeyedDecodingContainer).self) { try $0.decoder.unkeyedContainer() }
        }

        mutating func superDecoder() throws -> any Decoder {
            try self.next((any Decoder).self) { $0.decoder }
        }
    }

    // MARK: Single values

    private struct Single: SingleValueDecodingContainer {
        let reader: MessagePackReader
        let position: Int
        let path: MessagePackPath

        var codingPath: [any CodingKey] { self.path.keys }

        var decoder: MessagePackDecoder { MessagePackDecoder(self.reader, self.position, self.path) }

        private var token: MessagePackReader.Token {
            get throws {
                var position = self.position
                return try self.reader.token(at: &position)
            }
        }

        private func integer<Number: FixedWidthInteger>() throws -> Number {
            let number: Number?
            switch try self.token {
            case .unsigned(let value): number = Number(exactly: value)
            case .negative(let value): number = Number(exactly: value)
            default: throw DecodingError.mismatch(Number.self, self.codingPath)
            }
            guard let number else { throw DecodingError.excess(Number.self, self.codingPath) }
            return number
        }

        private func float<Number: BinaryFloatingPoint>() throws -> Number {
            let number: Number?
            switch try self.token {
            case .unsigned(let value): number = Number(exactly: value)
            case .negative(let value): number = Number(exactly: value)
            case .float(let value): number = value.isNaN ? .nan : Number(exactly: value)
            case .double(let value): number = value.isNaN ? .nan : Number(exactly: value)
            default: throw DecodingError.mismatch(Number.self, self.codingPath)
            }
            guard let number else { throw DecodingError.excess(Number.self, self.codingPath) }
            return number
        }

        func decodeNil() -> Bool {
            if case .null? = try? self.token { true } else { false }
        }

        func decode(_ type: Bool.Type) throws -> Bool {
            guard case .bool(let value) = try self.token else {
                throw DecodingError.mismatch(type, self.codingPath)
            }
            return value
        }

        func decode(_ type: String.Type) throws -> String {
            guard case .string(let range) = try self.token else {
                throw DecodingError.mismatch(type, self.codingPath)
            }
            return try self.reader.text(range)
        }

        func decode(_ type: Double.Type) throws -> Double { try self.float() }
        func decode(_ type: Float.Type) throws -> Float { try self.float() }
        func decode(_ type: Int.Type) throws -> Int { try self.integer() }
        func decode(_ type: Int8.Type) throws -> Int8 { try self.integer() }
        func decode(_ type: Int16.Type) throws -> Int16 { try self.integer() }
        func decode(_ type: Int32.Type) throws -> Int32 { try self.integer() }
        func decode(_ type: Int64.Type) throws -> Int64 { try self.integer() }
        func decode(_ type: UInt.Type) throws -> UInt { try self.integer() }
        func decode(_ type: UInt8.Type) throws -> UInt8 { try self.integer() }
        func decode(_ type: UInt16.Type) throws -> UInt16 { try self.integer() }
        func decode(_ type: UInt32.Type) throws -> UInt32 { try self.integer() }
        func decode(_ type: UInt64.Type) throws -> UInt64 { try self.integer() }

        func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
            try self.reader.value(type, at: self.position, path: self.path)
        }
    }
}

extension DecodingError {
    fileprivate static func mismatch(_ type: Any.Type, _ path: [any CodingKey]) -> DecodingError {
        DecodingError.typeMismatch(type, Context(codingPath: path, debugDescription: "a value of another kind"))
    }

    fileprivate static func excess(_ type: Any.Type, _ path: [any CodingKey]) -> DecodingError {
        DecodingError.dataCorrupted(Context(codingPath: path, debugDescription: "a number that does not fit \(type)"))
    }
}
