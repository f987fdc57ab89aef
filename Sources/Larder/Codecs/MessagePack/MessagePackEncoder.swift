// SPDX-License-Identifier: Apache-2.0

/// Where one value writes itself.
final class MessagePackEncoder: Encoder {
    private let path: MessagePackPath
    private let writer: MessagePackWriter
    /// Makes room for the value once it writes something; nil where that was done.
    private var place: (() throws -> Void)?
    /// The container that the value has asked for. It may ask again, as a class and its superclass do.
    private var container: (kind: MessagePackWriter.Kind, container: Container)?

    init(_ writer: MessagePackWriter, _ path: MessagePackPath, place: (() throws -> Void)? = nil) {
        self.writer = writer
        self.path = path
        self.place = place
    }

    deinit {
        // A superclass that has written nothing is there all the same.
        guard self.place != nil, (try? self.takePlace()) != nil else { return }
        self.writer.nothing()
    }

    private func takePlace() throws {
        let place = self.place
        self.place = nil
        try place?()
    }

    var codingPath: [any CodingKey] { self.path.keys }

    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        KeyedEncodingContainer(Keyed(self.container(.map), self.codingPath))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        Unkeyed(self.container(.array), self.codingPath)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer {
        Single(writer: self.writer, encoder: self, path: self.path)
    }

    private func container(_ kind: MessagePackWriter.Kind) -> Container {
        if let (known, container) = self.container, known == kind { return container }
        let isFirst = self.container == nil
        let container = Container(
            writer: self.writer,
            id: Result {
                guard isFirst else { throw MessagePackWriter.error("of two kinds", at: self.codingPath) }
                try self.takePlace()
                return try self.writer.begin(kind, at: self.codingPath)
            })
        self.container = self.container ?? (kind, container)
        return container
    }

    /// A container, or why there is none: asking for one cannot fail, using it can.
    fileprivate struct Container {
        let writer: MessagePackWriter
        let id: Result<MessagePackWriter.ContainerID, any Error>

        var count: Int { (try? self.id.get()).map { self.writer.count(of: $0) } ?? 0 }

        func element(_ path: [any CodingKey]) throws -> MessagePackWriter {
            try self.writer.element(of: self.id.get(), at: path)
            return self.writer
        }

        func nested(_ kind: MessagePackWriter.Kind, _ path: [any CodingKey], _ key: String?) -> Container {
            Container(
                writer: self.writer,
                id: Result {
                    let writer = try self.element(path)
                    if let key { writer.string(key) }
                    return try writer.begin(kind, at: path)
                })
        }
    }

    // MARK: Maps

    private struct Keyed<Key: CodingKey>: KeyedEncodingContainerProtocol {
        let codingPath: [any CodingKey]
        private let container: Container

        init(_ container: Container, _ path: [any CodingKey]) {
            self.container = container
            self.codingPath = path
        }

        private func field(_ key: any CodingKey) throws -> MessagePackWriter {
            let writer = try self.container.element(self.codingPath)
            writer.string(key.stringValue)
            return writer
        }

        mutating func encodeNil(forKey key: Key) throws { try self.field(key).null() }
        mutating func encode(_ value: Bool, forKey key: Key) throws { try self.field(key).bool(value) }
        mutating func encode(_ value: String, forKey key: Key) throws { try self.field(key).string(value) }
        mutating func encode(_ value: Double, forKey key: Key) throws { try self.field(key).double(value) }
        mutating func encode(_ value: Float, forKey key: Key) throws { try self.field(key).float(value) }
        mutating func encode(_ value: Int, forKey key: Key) throws { try self.field(key).integer(value) }
        mutating func encode(_ value: Int8, forKey key: Key) throws { try self.field(key).integer(value) }
        mutating func encode(_ value: Int16, forKey key: Key) throws { try self.field(key).integer(value) }
        mutating func encode(_ value: Int32, forKey key: Key) throws { try self.field(key).integer(value) }
        mutating func encode(_ value: Int64, forKey key: Key) throws { try self.field(key).integer(value) }
        mutating func encode(_ value: UInt, forKey key: Key) throws { try self.field(key).integer(value) }
        mutating func encode(_ value: UInt8, forKey key: Key) throws { try self.field(key).integer(value) }
        mutating func encode(_ value: UInt16, forKey key: Key) throws { try self.field(key).integer(value) }
        mutating func encode(_ value: UInt32, forKey key: Key) throws { try self.field(key).integer(value) }
        mutating func encode(_ value: UInt64, forKey key: Key) throws { try self.field(key).integer(value) }

        mutating func encode(_ value: some Encodable, forKey key: Key) throws {
            try self.field(key).value(value, at: MessagePackPath(container: self.codingPath, key: key))
        }

        mutating func nestedContainer<NestedKey: CodingKey>(
            keyedBy type: NestedKey.Type, forKey key: Key
        ) -> KeyedEncodingContainer<NestedKey> {
            let path = self.codingPath + [key]
            return KeyedEncodingContainer(
                Keyed<NestedKey>(self.container.nested(.map, path, key.stringValue), path))
        }

        mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
            let path = self.codingPath + [key]
            return Unkeyed(self.container.nested(.array, path, key.stringValue), path)
        }

        mutating func superEncoder() -> any Encoder { self.encoder(for: PositionKey.super) }

        mutating func superEncoder(forKey key: Key) -> any Encoder { self.encoder(for: key) }

        private func encoder(for key: any CodingKey) -> any Encoder {
            MessagePackEncoder(self.container.writer, MessagePackPath(container: self.codingPath, key: key)) {
                _ = try self.field(key)
            }
        }
    }

    // MARK: Arrays

    private struct Unkeyed: UnkeyedEncodingContainer {
        private let container: Container
        let codingPath: [any CodingKey]

        init(_ container: Container, _ path: [any CodingKey]) {
            self.container = container
            self.codingPath = path
        }

        var count: Int { self.container.count }

        private var element: MessagePackWriter {
            get throws { try self.container.element(self.codingPath) }
        }

        private var elementPath: MessagePackPath {
            MessagePackPath(container: self.codingPath, key: PositionKey(self.count))
        }

        mutating func encodeNil() throws { try self.element.null() }
        mutating func encode(_ value: Bool) throws { try self.element.bool(value) }
        mutating func encode(_ value: String) throws { try self.element.string(value) }
        mutating func encode(_ value: Double) throws { try self.element.double(value) }
        mutating func encode(_ value: Float) throws { try self.element.float(value) }
        mutating func encode(_ value: Int) throws { try self.element.integer(value) }
        mutating func encode(_ value: Int8) throws { try self.element.integer(value) }
        mutating func encode(_ value: Int16) throws { try self.element.integer(value) }
        mutating func encode(_ value: Int32) throws { try self.element.integer(value) }
        mutating func encode(_ value: Int64) throws { try self.element.integer(value) }
        mutating func encode(_ value: UInt) throws { try self.element.integer(value) }
        mutating func encode(_ value: UInt8) throws { try self.element.integer(value) }
        mutating func encode(_ value: UInt16) throws { try self.element.integer(value) }
        mutating func encode(_ value: UInt32) throws { try self.element.integer(value) }
        mutating func encode(_ value: UInt64) throws { try self.element.integer(value) }

        mutating func encode(_ value: some Encodable) throws {
            let path = self.elementPath
            try self.element.value(value, at: path)
        }

        mutating func nestedContainer<NestedKey: CodingKey>(
            keyedBy type: NestedKey.Type
        ) -> KeyedEncodingContainer<NestedKey> {
            let path = self.elementPath.keys
            return KeyedEncodingContainer(Keyed<NestedKey>(self.container.nested(.map, path, nil), path))
        }

        mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
            let path = self.elementPath.keys
            return Unkeyed(self.container.nested(.array, path, nil), path)
        }

        mutating func superEncoder() -> any Encoder {
            MessagePackEncoder(self.container.writer, self.elementPath) { [self] in _ = try self.element }
        }
    }

    // MARK: Single values

    private struct Single: SingleValueEncodingContainer {
        let writer: MessagePackWriter
        let encoder: MessagePackEncoder
        let path: MessagePackPath

        var codingPath: [any CodingKey] { self.path.keys }

        private var room: MessagePackWriter {
            get throws {
                try self.encoder.takePlace()
                return self.writer
            }
        }

        mutating func encodeNil() throws { try self.room.null() }
        mutating func encode(_ value: Bool) throws { try self.room.bool(value) }
        mutating func encode(_ value: String) throws { try self.room.string(value) }
        mutating func encode(_ value: Double) throws { try self.room.double(value) }
        mutating func encode(_ value: Float) throws { try self.room.float(value) }
        mutating func encode(_ value: Int) throws { try self.room.integer(value) }
        mutating func encode(_ value: Int8) throws { try self.room.integer(value) }
        mutating func encode(_ value: Int16) throws { try self.room.integer(value) }
        mutating func encode(_ value: Int32) throws { try self.room.integer(value) }
        mutating func encode(_ value: Int64) throws { try self.room.integer(value) }
        mutating func encode(_ value: UInt) throws { try self.room.integer(value) }
        mutating func encode(_ value: UInt8) throws { try self.room.integer(value) }
        mutating func encode(_ value: UInt16) throws { try self.room.integer(value) }
        mutating func encode(_ value: UInt32) throws { try self.room.integer(value) }
        mutating func encode(_ value: UInt64) throws { try self.room.integer(value) }

        mutating func encode(_ value: some Encodable) throws {
            try self.room.value(value, at: self.path)
        }
    }
}
