// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Larder
import NIOCore

/// Writes stored responses: the body as it is, behind its fields. Whatever is read is checked anew, for others may have written it.
///
/// ```
/// byte 0 version 1 · 1 kind (0 response, 1 pass) · 2 flags · 3..4 status · 5..12 initial age (ms) · 13..20 overdue (ms) · 21..28 received (s)
/// count (2) of selectors: name length (2), name, value length (4, all ones for none), value
/// count (2) of fields: name length (2), name, value length (4), value
/// body
/// ```
struct StoredResponseCodec: CacheCodec {
    private static let version: UInt8 = 1
    private static let noValue = UInt32.max
    private static let maximumFields = 10_000

    struct Unreadable: Error {}

    var mark: EntryCodec { .http }

    func encode(_ value: some Encodable) throws -> ByteBuffer {
        guard let stored = value as? StoredResponse else { throw Unreadable() }
        var bytes = ByteBuffer()
        guard case .response(let content) = stored.kind else {
            bytes.writeMultipleIntegers(Self.version, UInt8(1))
            return bytes
        }
        bytes.reserveCapacity(minimumWritableBytes: 1_024 + content.body.readableBytes)
        let flags: UInt8 =
            (content.needsValidation ? 1 : 0) | (content.isNeverStale ? 2 : 0) | (content.isForCredentials ? 4 : 0)
        bytes.writeMultipleIntegers(Self.version, UInt8(0), flags, UInt16(content.status.code))
        bytes.writeMultipleIntegers(
            Int64(content.initialAge / .milliseconds(1)), Int64(content.overdue / .milliseconds(1)),
            Int64(content.received.seconds))
        try Self.write(count: content.variant.selectors.count, to: &bytes)
        for selector in content.variant.selectors {
            try Self.write(selector.name, to: &bytes)
            guard let value = selector.value else {
                bytes.writeInteger(Self.noValue)
                continue
            }
            try Self.write(length: value.utf8.count, to: &bytes)
            bytes.writeString(value)
        }
        guard content.fields.count <= Self.maximumFields else { throw Unreadable() }
        try Self.write(count: content.fields.count, to: &bytes)
        for field in content.fields {
            try Self.write(field.name, to: &bytes)
            try field.withUnsafeBytesOfValue { value in
                try Self.write(length: value.count, to: &bytes)
                bytes.writeBytes(value)
            }
        }
        bytes.writeImmutableBuffer(content.body)
        return bytes
    }

    func decode<Value: Decodable>(_ type: Value.Type, from bytes: ByteBuffer) throws -> Value {
        guard let value = Self.read(bytes) as? Value else { throw Unreadable() }
        return value
    }

    private static func read(_ bytes: ByteBuffer) -> StoredResponse? {
        var bytes = bytes
        guard let (version, kind) = bytes.readMultipleIntegers(as: (UInt8, UInt8).self), version == Self.version else {
            return nil
        }
        if kind == 1 { return bytes.readableBytes == 0 ? StoredResponse(kind: .pass) : nil }
        guard kind == 0, let (flags, status) = bytes.readMultipleIntegers(as: (UInt8, UInt16).self),
            (200...599).contains(status),
            let (age, overdue, received) = bytes.readMultipleIntegers(as: (Int64, Int64, Int64).self),
            (0...(1 << 42)).contains(age), (0...(1 << 42)).contains(overdue), (0...(1 << 38)).contains(received),
            let variant = Self.variant(from: &bytes), let fields = Self.fields(from: &bytes)
        else { return nil }
        return StoredResponse(
            kind: .response(
                StoredContent(
                    status: HTTPResponse.Status(code: Int(status)), fields: fields, body: bytes, variant: variant,
                    initialAge: .milliseconds(age), overdue: .milliseconds(overdue),
                    received: HTTPDate(seconds: Int(received)),
                    needsValidation: flags & 1 != 0, isNeverStale: flags & 2 != 0, isForCredentials: flags & 4 != 0)))
    }

    private static func variant(from bytes: inout ByteBuffer) -> Variant? {
        guard let count = bytes.readInteger(as: UInt16.self) else { return nil }
        var selectors: [Variant.Selector] = []
        for _ in 0..<count {
            guard let name = Self.name(from: &bytes), let length = bytes.readInteger(as: UInt32.self) else {
                return nil
            }
            guard length != Self.noValue else {
                selectors.append(Variant.Selector(name: name, value: nil))
                continue
            }
            guard let value = bytes.readString(length: Int(length)) else { return nil }
            selectors.append(Variant.Selector(name: name, value: value))
        }
        return Variant(selectors: selectors)
    }

    private static func fields(from bytes: inout ByteBuffer) -> HTTPFields? {
        // More than any response may have would be more than can be held.
        guard let count = bytes.readInteger(as: UInt16.self), count <= Self.maximumFields else { return nil }
        var fields = HTTPFields()
        // With room for what is said of a hit; no more than the bytes can hold, whatever they claim.
        fields.reserveCapacity(min(Int(count), bytes.readableBytes / 6) + 4)
        for _ in 0..<count {
            guard let name = Self.name(from: &bytes), let length = bytes.readInteger(as: UInt32.self),
                let value = bytes.readSlice(length: Int(length))?.readableBytesView,
                // A line break in a value would be a field of its own, or a response.
                !value.contains(where: { $0 == 0 || $0 == 0x0A || $0 == 0x0D })
            else { return nil }
            fields.append(HTTPField(name: name, lenientValue: value))
        }
        return fields
    }

    private static func name(from bytes: inout ByteBuffer) -> HTTPField.Name? {
        guard let length = bytes.readInteger(as: UInt16.self), let text = bytes.readString(length: Int(length)),
            !text.hasPrefix(":")
        else { return nil }
        return HTTPField.Name(text)
    }

    // What is too long for its place comes from the wire, and is not stored.

    private static func write(_ name: HTTPField.Name, to bytes: inout ByteBuffer) throws {
        let text = name.rawName.utf8
        try Self.write(count: text.count, to: &bytes)
        bytes.writeBytes(text)
    }

    private static func write(count: Int, to bytes: inout ByteBuffer) throws {
        guard let count = UInt16(exactly: count) else { throw Unreadable() }
        bytes.writeInteger(count)
    }

    private static func write(length: Int, to bytes: inout ByteBuffer) throws {
        guard let length = UInt32(exactly: length), length != Self.noValue else { throw Unreadable() }
        bytes.writeInteger(length)
    }
}
