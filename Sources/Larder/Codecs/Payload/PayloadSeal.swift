// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Payloads of entries, sealed for their namespace. The name under which one stands, its kind, its codec and its schema are
/// authenticated with it.
struct PayloadSeal: Sendable {
    private let seal: Seal

    init(_ keys: SealingKeys, namespace: String) {
        self.seal = Seal(keys, purpose: "larder seal 1:\(namespace)")
    }

    func close(_ entry: inout Entry, under key: CacheKey) throws {
        entry.codec.isSealed = true
        entry.metadata.sealingKey = self.seal.current
        entry.payload = try self.seal.close(entry.payload, with: Self.context(of: entry, under: key))
    }

    /// Whether the entry says that it is sealed, by a key that is known.
    func knows(_ entry: Entry) -> Bool {
        entry.codec.isSealed && entry.metadata.sealingKey.map(self.seal.knows) ?? false
    }

    func open(_ entry: Entry, under key: CacheKey) throws -> ByteBuffer {
        guard let id = entry.metadata.sealingKey else { throw Undecodable(reason: "a value that names no key") }
        return try self.seal.open(entry.payload, by: id, with: Self.context(of: entry, under: key))
    }

    /// What a payload must stand with.
    private static func context(of entry: Entry, under key: CacheKey) -> [UInt8] {
        var context = ByteBuffer()
        let schema = entry.metadata.schema
        context.writeMultipleIntegers(
            entry.kind.rawValue, entry.codec.rawValue, UInt8(schema == nil ? 0 : 1), schema ?? 0)
        context.writeString(key.text)
        return Array(context.readableBytesView)
    }
}
