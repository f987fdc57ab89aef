// SPDX-License-Identifier: Apache-2.0

import Crypto
import CryptoExtras
import Foundation
import Hummingbird
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

/// Hashes passwords with scrypt (RFC 7914), on threads of their own: a hash takes long on purpose, and would keep requests waiting.
struct PasswordHasher: Sendable {
    /// What an application of today should use (OWASP, Password Storage Cheat Sheet): 16 MiB, five times over.
    private static let cost = (rounds: 1 << 14, blockSize: 8, parallelism: 5)
    /// How many may wait before others are sent away.
    private static let maximumWaiting = 64

    private let threads = NIOThreadPool(numberOfThreads: max(System.coreCount / 2, 1))
    private let waiting = NIOLockedValueBox(0)

    init() {
        self.threads.start()
    }

    func hash(_ password: String, salt: Data) async throws -> Data {
        let isRoom = self.waiting.withLockedValue { waiting in
            guard waiting < Self.maximumWaiting else { return false }
            waiting += 1
            return true
        }
        guard isRoom else {
            throw HTTPError(.serviceUnavailable, headers: [.retryAfter: "1"], message: "too many log in at once")
        }
        defer { self.waiting.withLockedValue { $0 -= 1 } }
        return try await self.threads.runIfActive {
            try KDF.Scrypt.deriveKey(
                from: Data(password.utf8), salt: salt, outputByteCount: 32, rounds: Self.cost.rounds,
                blockSize: Self.cost.blockSize, parallelism: Self.cost.parallelism
            ).withUnsafeBytes { Data($0) }
        }
    }
}
