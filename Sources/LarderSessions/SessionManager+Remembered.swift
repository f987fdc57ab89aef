// SPDX-License-Identifier: Apache-2.0

public import Larder

/// A session that began with a token instead of a password.
public struct RememberedLogin<Value: Codable & Sendable>: Sendable {
    /// The session. Its user has not proved who they are: it is not authenticated.
    public let issued: IssuedSession<Value>
    /// What the client is to bring the next time. Requests with one token at the same time are given the same, and the same session.
    public let token: RememberToken
}

extension SessionManager {
    /// A token by which a user who has just proved who they are is logged in again when their session is over.
    ///
    /// Make it before the login, and ``forget(_:)`` it if that fails: then what ends all that is the user's while they log in ends both.
    ///
    /// - Throws: ``SessionError``, also for a principal that names nobody.
    public func remember(_ principal: Principal) async throws -> RememberToken {
        try await self.remembered.remember(principal, try self.owner(principal))
    }

    /// Begins a session for a user who is remembered.
    ///
    /// A token that was made void before is held by two: then all sessions and tokens of the user end, as after
    /// ``revokeAll(of:but:)``, with the event ``SessionEvent/Kind/reused``.
    ///
    /// - Parameters:
    ///   - token: What the client brought. It is good until the one that takes its place is used; see
    ///     ``SessionConfiguration/rememberGrace``.
    ///   - device: What the client says it is; see ``Session/device``.
    /// - Returns: The session, and the token that takes the place of this one; nil when it is none.
    public func login(remembered token: RememberToken, on device: String? = nil) async throws -> RememberedLogin<Value>?
    {
        var sight = try await self.remembered.look(at: token)
        // Each round somebody else has replaced it, after which it is good only when the clock has moved on.
        while let known = sight {
            let principal = known.remembrance.principal
            // Names of owners were others: who ends all that is the user's would not find what begins by it.
            guard try self.owner(principal) == token.owner else { break }
            switch known.worth {
            case .reused:
                self.onEvent(SessionEvent(.reused, principal: principal, remembered: token.digest))
                try await self.endAll(of: principal)
                return nil
            case .late: return nil
            case .replaced(let step):
                let id = token.session(self.remembered.keys, by: step)
                // It began before the token was replaced: if it is not there it has ended.
                guard let session = try await self.session(id, on: device) else { return nil }
                return RememberedLogin(
                    issued: IssuedSession(id: id, session: session), token: token.next(self.remembered.keys, by: step))
            case .good:
                let step = [UInt8].random(count: 16)
                let issued = try await self.begin(
                    self.initial(), as: token.session(self.remembered.keys, by: step), of: principal, on: device,
                    isAuthenticated: false)
                // What ends all that is the user's ends tokens and then sessions: where the token still stood, it ends this one too.
                switch try await self.remembered.replace(token, by: step, after: known) {
                case .done(let next):
                    self.onEvent(
                        SessionEvent(
                            .created, digest: issued.id.digest, principal: principal, remembered: token.digest))
                    return RememberedLogin(issued: issued, token: next)
                case .conflict(let other): sight = other
                case .none: sight = nil
                }
                try await self.drop(issued.id)
            }
        }
        self.onEvent(SessionEvent(.rejected, remembered: token.digest))
        return nil
    }

    /// Ends a token, such as at a logout.
    ///
    /// - Returns: Whether it was good still.
    @discardableResult
    public func forget(_ token: RememberToken) async throws -> Bool {
        try await self.remembered.forget(token)
    }

    /// Ends what a thief may have, whoever cancels the request. The token that shows the theft goes after the sessions, so that it is shown once
    /// more if that fails.
    private func endAll(of principal: Principal) async throws {
        try await Task {
            try await self.revokeSessions(of: principal)
            try await self.revokeAll(of: principal)
        }.value
    }
}
