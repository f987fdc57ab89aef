// SPDX-License-Identifier: Apache-2.0

import Crypto
public import Larder

/// The secrets of a service's sessions.
///
/// ```swift
/// let keys = try SessionKeys(sealing: SealingKeys(current: .init(id: 1, secret: seal)), owners: index)
/// ```
public struct SessionKeys: Sendable {
    let sealing: SealingKeys
    private let owners: SymmetricKey

    /// Makes a set of secrets.
    ///
    /// - Parameters:
    ///   - sealing: What the contents of sessions are encrypted with. They can be replaced; see `SealingKeys`.
    ///   - owners: At least 32 bytes that nobody can guess, by which the names of users become names in the store. Once it is another,
    ///     those who have logged in before stay so, but their sessions are no longer found by the user: neither listed nor ended. Nobody
    ///     is remembered from before.
    /// - Throws: ``SessionError`` with the code ``SessionError/Code/invalidConfiguration`` when `owners` is too short.
    public init(sealing: SealingKeys, owners: some Sequence<UInt8>) throws {
        let bytes = Array(owners)
        guard bytes.count >= 32 else {
            throw SessionError(
                .invalidConfiguration, "the secret for the names of owners has \(bytes.count) bytes; it needs 32")
        }
        self.sealing = sealing
        self.owners = SymmetricKey(data: bytes)
    }

    /// What follows from a token by a step that nobody else can compute, the same in all processes.
    func derived(for purpose: String, from token: [UInt8], by step: [UInt8]) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: Array(purpose.utf8) + token + step, using: self.owners))
    }

    /// Where the sessions of a user stand.
    func owner(_ principal: Principal, in namespace: String) -> SessionOwner {
        // By length, so that no two principals are written alike.
        var text = "larder owner 1"
        for part in [namespace, principal.tenant, principal.user] {
            text += part.map { ":\($0.utf8.count):\($0)" } ?? ":-"
        }
        let code = HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: self.owners)
        return SessionOwner(bytes: Array(code.prefix(SessionOwner.length)))
    }
}
