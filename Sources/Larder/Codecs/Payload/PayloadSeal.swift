// SPDX-License-Identifier: Apache-2.0

import Crypto
import NIOCore

/// Payloads that nobody without the secret reads, makes, or moves to another key: AES-256-GCM (NIST SP 800-38D) with random
/// nonces, under keys derived for each namespace by HKDF-SHA256 (RFC 5869).
///
/// A sealed payload is the nonce of 12 bytes, what was encrypted, and the tag of 16. The name under which it stands, its kind, its
/// codec and its schema are authenticated with it.
struct PayloadSeal: Sendable {
    private let current: UInt32
    private let keys: [UInt32: SymmetricKey]

    init(_ keys: SealingKeys, namespace: String) {
        self.current = keys.current.id
        let pairs = ([keys.current] + keys.others).map { key in
            let derived = HKDF<SHA256>.deriveKey(
                inputKeyMaterial: key.secret, info: Array("larder seal 1:\(namespace)".utf8), outputByteCount: 32)
            return (key.id, derived)
        }
        self.keys = Dictionary(pairs) { first, _ in first }
    }

    func close(_ entry: inout Entry, under key: CacheKey) throws {
        guard let secret = self.keys[self.current] else { throw Undecodable(reason: "there is no key to seal with") }
        entry.codec.isSealed = true
        entry.metadata.sealingKey = self.current
        let sealed = try AES.GCM.seal(
            Array(entry.payload.readableBytesView), using: secret, authenticating: Self.context(of: entry, under: key))
        var payload = ByteBuffer(bytes: sealed.nonce)
        payload.writeBytes(sealed.ciphertext)
        payload.writeBytes(sealed.tag)
        entry.payload = payload
    }

    /// Whether the entry says that it is sealed, by a key that is known.
    func knows(_ entry: Entry) -> Bool {
        entry.codec.isSealed && entry.metadata.sealingKey.map { self.keys[$0] != nil } ?? false
    }

    func open(_ entry: Entry, under key: CacheKey) throws -> ByteBuffer {
        guard let id = entry.metadata.sealingKey, let secret = self.keys[id] else {
            throw Undecodable(reason: "a value sealed with an unknown key")
        }
        let sealed = try AES.GCM.SealedBox(combined: Array(entry.payload.readableBytesView))
        return ByteBuffer(
            bytes: try AES.GCM.open(sealed, using: secret, authenticating: Self.context(of: entry, under: key)))
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
