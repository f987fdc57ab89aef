// SPDX-License-Identifier: Apache-2.0

#if Hummingbird
import Hummingbird
import Larder
public import LarderSessions

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The sessions of a service, for its console: those of a user can be listed and ended, and what they hold is not shown.
public struct SessionDirectory: Sendable {
    struct Listed: Encodable, Sendable {
        var id: String
        var device: String?
        /// These in seconds since 1970.
        var created: Double
        var lastUsed: Double
        var expires: Double
    }

    let list: @Sendable (Principal) async throws -> [Listed]
    /// Ends a session of somebody, or all of them; says how many there were.
    let end: @Sendable (Principal, SessionDigest?) async throws -> Int

    /// Makes a directory of what somebody manages.
    public init(_ manager: SessionManager<some Codable & Sendable>) {
        self.list = { principal in
            try await manager.sessions(of: principal).map { session in
                Listed(
                    id: session.digest.text, device: session.device, created: session.created.timeIntervalSince1970,
                    lastUsed: session.lastUsed.timeIntervalSince1970, expires: session.expires.timeIntervalSince1970)
            }
        }
        self.end = { principal, digest in
            guard let digest else { return try await manager.revokeAll(of: principal) }
            return try await manager.revoke(digest, of: principal) ? 1 : 0
        }
    }
}
#endif
