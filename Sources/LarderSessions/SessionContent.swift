// SPDX-License-Identifier: Apache-2.0

import Larder
import NIOCore

/// What is sealed of a session.
struct SessionContent<Value: Codable & Sendable>: Sendable {
    var user: String?
    var tenant: String?
    /// What the client has said it is, the last first.
    var devices: [String]
    /// By which token it began, or is to go on.
    var remembered: SessionDigest?
    var value: Value

    /// How many devices are kept.
    static var maximumDevices: Int { 4 }

    private static var codec: MessagePackCacheCodec { MessagePackCacheCodec() }

    /// The names, each behind its length, and the value as MessagePack: a request decodes them in a fraction of what one more dictionary takes.
    func encoded() throws -> ByteBuffer {
        var bytes = ByteBuffer()
        for name in [self.user, self.tenant, self.remembered?.text] + self.devices.map(Optional.some) + [nil] {
            // One more than the length, for nothing is nil.
            guard let name else {
                bytes.writeInteger(UInt32(0))
                continue
            }
            bytes.writeInteger(UInt32(clamping: name.utf8.count) + 1)
            bytes.writeString(name)
        }
        bytes.writeImmutableBuffer(try Self.codec.encode(self.value))
        return bytes
    }

    /// What ``encoded()`` gave; nil for anything else.
    init?(encoded bytes: ByteBuffer) {
        var bytes = bytes
        guard case .some(let user) = Self.readName(from: &bytes), case .some(let tenant) = Self.readName(from: &bytes),
            case .some(let remembered) = Self.readName(from: &bytes)
        else { return nil }
        var devices: [String] = []
        while true {
            guard case .some(let name) = Self.readName(from: &bytes) else { return nil }
            guard let name else { break }
            devices.append(name)
        }
        guard let value = try? Self.codec.decode(Value.self, from: bytes) else { return nil }
        self.init(
            user: user, tenant: tenant, devices: devices, remembered: remembered.map { SessionDigest($0) }, value: value
        )
    }

    /// The next name, which may be nil; nothing where there is none.
    private static func readName(from bytes: inout ByteBuffer) -> String?? {
        guard let length = bytes.readInteger(as: UInt32.self) else { return .none }
        if length == 0 { return .some(nil) }
        return bytes.readString(length: Int(length) - 1).map { .some($0) }
    }

    init(_ principal: Principal?, on device: String?, remembered: SessionDigest?, value: Value) {
        self.init(
            user: principal?.user, tenant: principal?.tenant, devices: device.map { [Self.cut($0)] } ?? [],
            remembered: remembered, value: value)
    }

    /// As much of a description of a device as is kept.
    static func cut(_ device: String) -> String {
        var cut = String.UnicodeScalarView()
        var length = 0
        for scalar in device.unicodeScalars {
            length += UTF8.width(scalar)
            guard length <= 200 else { break }
            cut.append(scalar)
        }
        return String(cut)
    }

    init(user: String?, tenant: String?, devices: [String], remembered: SessionDigest?, value: Value) {
        self.user = user
        self.tenant = tenant
        self.devices = devices
        self.remembered = remembered
        self.value = value
    }
}
