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
        for _ in 0..<Self.maximumRounds {
            guard let sight = try await self.remembered.look(at: token) else { break }
            let principal = sight.remembrance.principal
            // Names of owners were others: who ends all that is the user's would not find what begins by it.
            guard try self.owner(principal) == token.owner else { break }
            switch sight.worth {
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
                let content = SessionContent(
                    principal, on: device, remembered: token.digest, value: self.initial())
                // It takes nobody's place before it is clear that it stays.
                let issued = try await self.begin(
                    content, as: token.session(self.remembered.keys, by: step), isAuthenticated: false, isLimited: false
                ).issued
                // What ends all that is the user's ends tokens and then sessions: where the token still stood, it ends this one too.
                guard let next = try await self.remembered.replace(token, by: step, after: sight) else {
                    await self.drop(issued.id)
                    continue
                }
                guard try await self.makeRoom(for: issued.id, by: token, of: principal) else { return nil }
                self.onEvent(
                    SessionEvent(.created, digest: issued.id.digest, principal: principal, remembered: token.digest))
                return RememberedLogin(issued: issued, token: next)
            }
        }
        self.onEvent(SessionEvent(.rejected, remembered: token.digest))
        return nil
    }

    /// How often others may replace a token before it counts as none.
    private static var maximumRounds: Int { 8 }

    /// Replaces a token, for a session of its user that goes on under another id: requests on their way with both must not begin another
    /// session by it.
    ///
    /// - Returns: What takes its place; nil for a token that is not good for this user.
    package func renew(_ token: RememberToken, of principal: Principal) async throws -> RememberToken? {
        guard try self.owner(principal) == token.owner, let sight = try await self.remembered.look(at: token),
            sight.remembrance.principal == principal
        else { return nil }
        switch sight.worth {
        case .late, .reused: return nil
        case .replaced(let step): return token.next(self.remembered.keys, by: step)
        case .good: return try await self.remembered.replace(token, by: [UInt8].random(count: 16), after: sight)
        }
    }

    /// Ends a token and lets the sessions that began by it go on, such as where a login follows that takes along what they hold.
    @discardableResult
    package func release(_ token: RememberToken) async throws -> Bool {
        try await self.remembered.forget(token.digest, of: token.owner)
    }

    /// Ends a token with all sessions that began by it, such as at a logout.
    ///
    /// - Returns: Whether it was good still.
    @discardableResult
    public func forget(_ token: RememberToken) async throws -> Bool {
        let wasGood = try await self.release(token)
        let key = self.key(token.owner)
        for (digest, record) in try await self.store.list(under: key, self.configuration.terms).records {
            guard let session = self.open(record, digest, under: key, at: .zero), session.remembered == token.digest
            else {
                continue
            }
            try await self.remove(digest, of: session.principal, under: key)
        }
        return wasGood
    }

    /// Ends the oldest sessions of a user who has more than may be, but not a new one; or that, where it is to be refused.
    ///
    /// - Returns: Whether the new one goes on.
    private func makeRoom(
        for id: SessionID, by token: RememberToken, of principal: Principal
    ) async throws -> Bool {
        let key = self.key(id.owner)
        // Those of the same device do not count: other requests of it are just being refused theirs.
        let others = try await self.store.list(under: key, self.configuration.terms).records.filter { digest, record in
            digest != id.digest && self.open(record, digest, under: key, at: .zero)?.remembered != token.digest
        }
        let excess = others.count + 1 - self.configuration.terms.maximumPerOwner
        guard excess > 0 else { return true }
        if self.configuration.excess == .refuse {
            await self.drop(id)
            return false
        }
        let oldest = others.sorted { $0.value.head.created < $1.value.head.created }
        for (digest, _) in oldest.prefix(excess) { try await self.remove(digest, of: principal, under: key) }
        return true
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
