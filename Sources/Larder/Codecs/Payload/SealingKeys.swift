// SPDX-License-Identifier: Apache-2.0

import Crypto

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The secrets that values are sealed with: one to write, and others that were written with before.
///
/// ```swift
/// let keys = try SealingKeys(current: .init(id: 2, secret: new), others: [.init(id: 1, secret: old)])
/// ```
///
/// A secret is replaced in three deployments: known to all processes as one of the others, then current, then alone. In between
/// no process meets a value that it cannot read.
public struct SealingKeys: Sendable {
    /// A secret with the number that entries name it by.
    public struct Key: Sendable {
        /// The number. A number must not be used for another secret.
        public let id: UInt32
        let secret: SymmetricKey

        /// Makes a key.
        ///
        /// - Parameters:
        ///   - id: The number that entries name it by.
        ///   - secret: At least 32 bytes that nobody can guess, such as `openssl rand 32` makes them.
        /// - Throws: ``CacheError`` with the code ``CacheError/Code/invalidSealingKey`` when there are fewer.
        public init(id: UInt32, secret: some Sequence<UInt8>) throws {
            let bytes = Array(secret)
            guard bytes.count >= 32 else {
                throw CacheError(.invalidSealingKey, "the secret of key \(id) has \(bytes.count) bytes; it needs 32")
            }
            self.id = id
            self.secret = SymmetricKey(data: bytes)
        }
    }

    let current: Key
    let others: [Key]

    /// Makes a set of keys.
    ///
    /// - Parameters:
    ///   - current: What values are sealed with.
    ///   - others: What values may have been sealed with, or may soon be.
    /// - Throws: ``CacheError`` with the code ``CacheError/Code/invalidSealingKey`` when two have one number.
    public init(current: Key, others: [Key] = []) throws {
        var ids: Set<UInt32> = []
        for key in [current] + others where !ids.insert(key.id).inserted {
            throw CacheError(.invalidSealingKey, "two keys have the number \(key.id)")
        }
        self.current = current
        self.others = others
    }

    /// Reads a set of keys as it stands in an environment variable or a file of secrets: `2:BASE64,1:BASE64`, numbers and secrets, the
    /// one to seal with first. `larder seal rotate` writes them.
    ///
    /// - Throws: ``CacheError`` with the code ``CacheError/Code/invalidSealingKey``; its message repeats no secret.
    public init(text: String) throws {
        // A file ends with a line's end.
        let text = text.last?.isNewline == true ? text.dropLast() : text[...]
        let keys = try text.split(separator: ",", omittingEmptySubsequences: false).enumerated().map { index, pair in
            let parts = pair.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, let id = UInt32(parts[0]), let secret = Data(base64Encoded: String(parts[1])) else {
                throw CacheError(.invalidSealingKey, "key \(index + 1) is not a number, a colon and a secret in Base64")
            }
            return try Key(id: id, secret: secret)
        }
        try self.init(current: keys[0], others: Array(keys.dropFirst()))
    }
}
