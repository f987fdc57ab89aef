// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// How values of one type become entries and come back.
struct ValueCoding<Value: Codable & Sendable>: Sendable {
    let codec: any CacheCodec

    /// What a loaded value becomes.
    ///
    /// A value that its codec cannot write is still the caller's answer; it is only not stored.
    func load(_ value: Value, tags: [String], isTagged: Bool) -> LoadedValue {
        let content: LoadedValue.Content
        if (value as? any AbsenceRepresentable)?.isAbsence ?? false {
            content = .absence
        } else {
            do {
                content = .value(try self.codec.encode(value))
            } catch {
                content = .notEncodable(error)
            }
        }
        return LoadedValue(
            content: content, codec: self.codec.mark, tags: tags, isTagged: isTagged, object: value)
    }

    func decode(_ entry: Entry) throws -> Value {
        if entry.kind == .absence {
            guard let absence = (Value.self as? any AbsenceRepresentable.Type)?.absence as? Value else {
                throw CacheError(.notDecodable, "an absence where values of type \(Value.self) cannot be absent")
            }
            return absence
        }
        return try self.codec.decode(Value.self, from: try self.payload(of: entry))
    }

    /// The stored bytes; nil for an absence.
    func bytes(of entry: Entry) throws -> ByteBuffer? {
        entry.kind == .absence ? nil : try self.payload(of: entry)
    }

    private func payload(of entry: Entry) throws -> ByteBuffer {
        guard entry.codec == self.codec.mark else {
            throw CacheError(.notDecodable, "codec \(entry.codec.rawValue) where \(self.codec.mark.rawValue) is read")
        }
        return entry.payload
    }

    /// The value that a load gave, taken over as it is when this function's callers agree on its type.
    func value(of loaded: LoadedValue) throws -> Value {
        if let value = loaded.object as? Value { return value }
        guard let bytes = try self.bytes(of: loaded) else {
            throw CacheError(.notDecodable, "an absence where values of type \(Value.self) cannot be absent")
        }
        return try self.codec.decode(Value.self, from: bytes)
    }

    /// The bytes that a load gave; nil for an absence.
    func bytes(of loaded: LoadedValue) throws -> ByteBuffer? {
        switch loaded.content {
        case .value(let bytes): return bytes
        case .absence: return nil
        case .notEncodable(let error):
            throw CacheError(.notEncodable, "a value of type \(Value.self) cannot be written", cause: error)
        }
    }
}
