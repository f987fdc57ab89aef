// SPDX-License-Identifier: Apache-2.0

import Crypto
package import NIOCore

/// Bytes that nobody without the secret reads, makes, or moves elsewhere: AES-256-GCM (NIST SP 800-38D) with random nonces, under keys
/// derived for each purpose by HKDF-SHA256 (RFC 5869).
///
/// What is sealed is a nonce of 12 bytes, what was encrypted, and a tag of 16.
package struct Seal: Sendable {
    /// The number of the key that seals.
    package let current: UInt32
    private let keys: [UInt32: SymmetricKey]

    package init(_ keys: SealingKeys, purpose: String) {
        self.current = keys.current.id
        let pairs = ([keys.current] + keys.others).map { key in
            let derived = HKDF<SHA256>.deriveKey(
                inputKeyMaterial: key.secret, info: Array(purpose.utf8), outputByteCount: 32)
            return (key.id, derived)
        }
        self.keys = Dictionary(pairs) { first, _ in first }
    }

    /// Whether there is a key of this number.
    package func knows(_ id: UInt32) -> Bool { self.keys[id] != nil }

    /// Seals bytes with the current key.
    ///
    /// - Parameter context: Without it they cannot be opened.
    package func close(_ bytes: ByteBuffer, with context: [UInt8]) throws -> ByteBuffer {
        let sealed = try AES.GCM.seal(
            Array(bytes.readableBytesView), using: self.key(self.current), authenticating: context)
        var result = ByteBuffer(bytes: sealed.nonce)
        result.writeBytes(sealed.ciphertext)
        result.writeBytes(sealed.tag)
        return result
    }

    /// Opens what the key of this number sealed with this context.
    package func open(_ bytes: ByteBuffer, by id: UInt32, with context: [UInt8]) throws -> ByteBuffer {
        let sealed = try AES.GCM.SealedBox(combined: Array(bytes.readableBytesView))
        return ByteBuffer(bytes: try AES.GCM.open(sealed, using: self.key(id), authenticating: context))
    }

    private func key(_ id: UInt32) throws -> SymmetricKey {
        guard let key = self.keys[id] else { throw Undecodable(reason: "sealed with an unknown key") }
        return key
    }
}
