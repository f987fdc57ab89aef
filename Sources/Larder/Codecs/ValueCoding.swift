// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// How values of one type become entries and come back.
struct ValueCoding<Value: Codable & Sendable>: Sendable {
    let codec: any CacheCodec
    /// The shape of the values, if the region says.
    var schema: UInt64?
    var transform: PayloadTransform

    /// Whether values may be left beside their bytes: not an object, which whoever gets it could change for all.
    private var isKept: Bool {
        self.codec.mark != .raw
            && !(((Value.self as? any AbsenceRepresentable.Type)?.present ?? Value.self) is any AnyObject.Type)
    }

    /// What a loaded value is to the cache.
    func loaded(
        _ value: Value, policy: CachePolicy, tags: [String], isTagged: Bool, version: UInt64?
    ) -> LoadedValue {
        LoadedValue(
            object: value,
            isAbsence: (value as? any AbsenceRepresentable)?.isAbsence ?? false,
            codec: self.codec.mark.serialization,
            schema: self.schema,
            policy: policy,
            tags: tags,
            version: version,
            isTagged: isTagged,
            isKept: self.isKept,
            transform: self.transform,
            encode: { [codec] in try codec.encode(value) }
        )
    }

    /// The value that a load gave; nil when it was another's, of another type.
    func value(of loaded: LoadedValue) -> Value? {
        loaded.object as? Value
    }

    /// The bytes that a load gave: nil inside for an absence, nil outside when it was another's, in another codec.
    func bytes(of loaded: LoadedValue) throws -> ByteBuffer?? {
        guard loaded.codec == self.codec.mark.serialization, loaded.schema == self.schema, loaded.object is Value else {
            return nil
        }
        if loaded.isAbsence { return .some(nil) }
        do {
            return .some(try loaded.payload ?? loaded.encode())
        } catch {
            throw CacheError(.notEncodable, "a value of type \(Value.self) cannot be written", cause: error)
        }
    }

    /// The value of a stored entry.
    func value(of entry: Entry, under key: CacheKey) throws -> Value {
        try self.check(entry)
        if entry.kind == .value, let known = entry.value, let value = Self.cast(known) { return value }
        let payload = try self.transform.payload(of: entry, under: key)
        guard entry.kind == .absence else {
            let value = try self.codec.decode(Value.self, from: payload)
            if entry.wantsValue, self.isKept, entry.canKeepValue { entry.keep(value) }
            return value
        }
        guard let absence = (Value.self as? any AbsenceRepresentable.Type)?.absence as? Value else {
            throw Undecodable(reason: "an absence where values of type \(Value.self) cannot be absent")
        }
        return absence
    }

    /// The bytes of a stored entry; nil for an absence.
    func bytes(of entry: Entry, under key: CacheKey) throws -> ByteBuffer? {
        try self.check(entry)
        let payload = try self.transform.payload(of: entry, under: key)
        return entry.kind == .absence ? nil : payload
    }

    /// A value as what it is.
    private static func cast<Known: Sendable>(_ known: Known) -> Value? {
        // As a rule the types are the same, by which the bits are, and a cast would take its time to find that out.
        Known.self == Value.self ? unsafeBitCast(known, to: Value.self) : known as? Value
    }

    private func check(_ entry: Entry) throws {
        try self.transform.checkSeal(of: entry)
        guard entry.kind != .absence else { return }
        guard entry.codec.serialization == self.codec.mark.serialization else {
            throw Undecodable(reason: "codec \(entry.codec.rawValue) where \(self.codec.mark.rawValue) is read")
        }
        guard entry.metadata.schema == self.schema else { throw Undecodable(reason: "values of another schema") }
    }
}

/// Why an entry is not what its reader can use.
struct Undecodable: Error, CustomStringConvertible {
    var reason: String

    var description: String { self.reason }
}
