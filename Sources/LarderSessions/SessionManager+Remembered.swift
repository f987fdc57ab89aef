// SPDX-License-Identifier: Apache-2.0

public import Larder

/// A session that began with a token instead of a password.
public struct RememberedLogin<Value: Codable & Sendable>: Sendable {
    /// The session. Its user has not proved who they are: it is not authenticated.
    public let issued: IssuedSession<Value>
    /// What the client is to bring the next time; nil to keep what it has, since another of its requests was given that a moment ago.
    public let token: RememberToken?
}

extension SessionManager {
    /// A token by which a user who has just proved who they are is logged in again when their session is over.
    ///
    /// - Throws: ``SessionError``, also for a principal that names nobody.
    public func remember(_ principal: Principal) async throws -> RememberToken {
        try await self.remembered.remember(principal, try self.owner(principal))
    }

    /// Begins a session for a user who is remembered.
    ///
    /// A token that has been replaced before is held by two: then all sessions and tokens of the user end, as after
    /// ``revokeAll(of:but:)``, with the event ``SessionEvent/Kind/reused``.
    ///
    /// - Parameters:
    ///   - token: What the client brought. It is good for one login; see ``SessionConfiguration/rememberGrace``.
    ///   - device: What the client says it is; see ``Session/device``.
    /// - Returns: The session, and the token that takes the place of this one; nil when it is none.
    public func login(remembered token: RememberToken, on device: String? = nil) async throws -> RememberedLogin<Value>?
    {
        switch try await self.remembered.redeem(token) {
        case .none:
            self.onEvent(SessionEvent(.rejected, digest: token.digest))
            return nil
        case .reused(let principal):
            try await self.revokeAll(of: principal)
            // Tokens from before another secret of owners stand elsewhere.
            try await self.remembered.forgetAll(of: token.owner)
            self.onEvent(SessionEvent(.reused, digest: token.digest, principal: principal))
            return nil
        case .good(let principal, let next):
            let issued = try await self.begin(
                self.initial(), of: principal, owner: try self.owner(principal), on: device, isAuthenticated: false)
            // All that was of the user may have been ended meanwhile: tokens first, so that this tells.
            guard try await self.remembered.stands(token) else {
                try await self.revoke(issued.id)
                return nil
            }
            self.onEvent(SessionEvent(.created, digest: issued.id.digest, principal: principal))
            return RememberedLogin(issued: issued, token: next)
        }
    }

    /// Ends a token, such as at a logout.
    ///
    /// - Returns: Whether it was good still.
    @discardableResult
    public func forget(_ token: RememberToken) async throws -> Bool {
        try await self.remembered.forget(token)
    }
}
