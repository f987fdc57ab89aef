// SPDX-License-Identifier: Apache-2.0

#if Hummingbird
public import Larder
public import LarderSessions

public import Hummingbird
import NIOConcurrencyHelpers

/// The session of a request, as its handler sees and changes it.
///
/// ```swift
/// try await context.session.update { $0.cart.append(product.id) }
/// ```
///
/// Changes are stored when the call returns, not with the response. Somebody who has no session gets one with the first change.
public final class RequestSession<Value: Codable & Sendable>: Sendable {
    private struct State {
        var manager: SessionManager<Value>?
        var id: SessionID?
        var session: Session<Value>?
        var outcome = Outcome.unchanged
        /// What the client brought to be remembered by.
        var token: RememberToken?
        var remembrance = Remembrance.unchanged
        /// Until when the client may be told of a login by what it brought: later it may have another by then, which this would replace.
        var deadline: ContinuousClock.Instant?
        /// What the client says it is.
        var device: String?
        /// What the client has to be told has been.
        var isTold = false
    }

    /// What the client has to be told.
    enum Outcome {
        case unchanged
        case issued(SessionID)
        case ended
    }

    /// The same of what it is remembered by.
    enum Remembrance {
        case unchanged
        case issued(RememberToken)
        case ended
    }

    private let state = NIOLockedValueBox(State())

    /// Makes the session of a request that no ``WebSessions`` has seen yet.
    public init() {}

    /// What there is, as it was when it was read, or after the last change; nil for none.
    ///
    /// A response for which it was looked at is stored by no ``ResponseCache``, but where that keeps them apart by identity. Look at it before
    /// a body is streamed, and not while it is.
    public var session: Session<Value>? {
        ResponseCaching.noteSession()
        return self.state.withLockedValue { $0.session }
    }

    /// What the session holds; nil when there is none.
    public var value: Value? { self.session?.value }

    /// Who has logged in; nil for nobody.
    public var principal: Principal? { self.session?.principal }

    /// A token for the client's own pages, which they send back in `X-CSRF-Token`; another each time, and all of them good as long as the
    /// id is. Nil when there is no session. See ``CSRFProtection``.
    public var csrfToken: String? {
        ResponseCaching.noteSession()
        return self.state.withLockedValue { $0.session == nil ? nil : $0.id }?.csrfToken
    }

    /// Changes what the session holds.
    ///
    /// - Parameter change: Is called more than once when other requests change the session at the same time.
    /// - Returns: What it holds then.
    @discardableResult
    public func update(_ change: (inout Value) throws -> Void) async throws -> Value {
        ResponseCaching.noteSession()
        let (manager, id, session) = try self.current
        if let id, session != nil {
            let session = try await manager.update(id, from: session, change)
            self.state.withLockedValue { state in
                // It may go on under another id by now, or be over.
                if state.id?.digest == session.digest { state.session = session }
            }
            return session.value
        }
        try self.checkUntold()
        return self.take(try await manager.create(on: self.device, change)).value
    }

    /// Begins the session of a user who has proved who they are, under a new id. What they put into a session before goes along.
    ///
    /// - Parameters:
    ///   - principal: Who it is.
    ///   - isRemembered: Whether the client is logged in again without a password when the session is over, for
    ///     `rememberTimeout` of the configuration: "remember me".
    ///   - change: What to change in what the session holds.
    public func login(
        _ principal: Principal, isRemembered: Bool = false, _ change: (inout Value) throws -> Void = { _ in }
    ) async throws {
        ResponseCaching.noteSession()
        let (manager, id, session) = try self.current
        try self.checkUntold()
        // Before the session so far is dead: a request with both that comes late must not begin another by it.
        try await self.endRemembrance { try await manager.release($0) }
        try await self.remembering(isRemembered ? principal : nil, manager) { token in
            self.take(
                try await manager.login(
                    principal, from: session == nil ? nil : id, on: self.device, remembered: token, change))
        }
    }

    /// Lets the session go on under a new id, for a change of what its user may do.
    ///
    /// - Parameter isAuthenticated: Whether the user has just proved who they are once more.
    public func rotate(isAuthenticated: Bool = false) async throws {
        ResponseCaching.noteSession()
        let (manager, id, session) = try self.current
        guard let id else { throw SessionError(.ended, "there is no session") }
        try self.checkUntold()
        // Before the id is dead: a request with it that comes late must not begin another session by what it is remembered by.
        if let principal = session?.principal, let token = self.state.withLockedValue({ $0.token }),
            let next = try await manager.renew(token, of: principal)
        {
            self.state.withLockedValue { state in
                state.token = next
                state.remembrance = .issued(next)
            }
        }
        self.take(try await manager.rotate(id, isAuthenticated: isAuthenticated))
    }

    /// Ends the session.
    ///
    /// - Throws: `SessionError` with the code `conflict` when the session has just ended elsewhere or gone on under another id; the client
    ///   sends its request again with the cookie of that. And what the store throws.
    public func logout() async throws {
        ResponseCaching.noteSession()
        let (manager, id, _) = try self.current
        // Which ends what began by it, this session among that.
        let wasRemembered = try await self.endRemembrance { try await manager.forget($0) }
        if let id, try await !manager.revoke(id), !wasRemembered {
            throw SessionError(.conflict, "the session has ended, or goes on under another id")
        }
        self.end()
    }

    /// Ends all sessions of the user who has logged in, this one included.
    ///
    /// - Returns: How many there were.
    @discardableResult
    public func logoutEverywhere() async throws -> Int {
        ResponseCaching.noteSession()
        let (manager, id, session) = try self.current
        guard let principal = session?.principal else {
            try await self.logout()
            return session == nil ? 0 : 1
        }
        var count = try await manager.revokeAll(of: principal)
        try await self.endRemembrance { try await manager.forget($0) }
        // One that began under another secret of owners stands elsewhere.
        if let id, try await manager.revoke(id) { count += 1 }
        self.end()
        return count
    }

    private var device: String? { self.state.withLockedValue { $0.device } }

    /// Ends what the client brought to be remembered by.
    ///
    /// - Returns: Whether it was.
    @discardableResult
    private func endRemembrance(_ end: (RememberToken) async throws -> Bool) async throws -> Bool {
        guard let token = self.state.withLockedValue({ $0.token }) else { return false }
        let wasRemembered = try await end(token)
        self.state.withLockedValue { state in
            state.token = nil
            state.remembrance = .ended
        }
        return wasRemembered
    }

    /// Does something after which the client is remembered; nobody for not.
    private func remembering(
        _ principal: Principal?, _ manager: SessionManager<Value>, _ body: (RememberToken?) async throws -> Void
    ) async throws {
        // Before it: what ends all that is the user's meanwhile ends the token too.
        guard let principal else { return try await body(nil) }
        let token = try await manager.remember(principal)
        do {
            try await body(token)
        } catch {
            // It is known to nobody. Not within the caller's task, which may be cancelled.
            await Task { _ = try? await manager.forget(token) }.value
            throw error
        }
        self.state.withLockedValue { state in
            state.token = token
            state.remembrance = .issued(token)
        }
    }

    private var current: (SessionManager<Value>, SessionID?, Session<Value>?) {
        get throws {
            let state = self.state.withLockedValue { $0 }
            guard let manager = state.manager else {
                throw SessionError(.invalidConfiguration, "no middleware has looked for the session of this request")
            }
            return (manager, state.id, state.session)
        }
    }

    /// - Throws: When the client can be told of no other id: its response has begun.
    private func checkUntold() throws {
        guard self.state.withLockedValue({ !$0.isTold }) else {
            throw SessionError(.invalidConfiguration, "a session begins before the response does, not while it is sent")
        }
    }

    @discardableResult
    private func take(_ issued: IssuedSession<Value>) -> Session<Value> {
        self.state.withLockedValue { state in
            state.deadline = nil
            state.id = issued.id
            state.session = issued.session
            state.outcome = .issued(issued.id)
        }
        return issued.session
    }

    private func end() {
        self.state.withLockedValue { state in
            state.deadline = nil
            state.id = nil
            state.session = nil
            state.outcome = .ended
        }
    }

    /// Whether there is nothing to tell the client.
    var isUnchanged: Bool {
        self.state.withLockedValue { state in
            if case .unchanged = state.outcome, case .unchanged = state.remembrance { true } else { false }
        }
    }

    /// What the client has to be told, now.
    func tell() -> (Outcome, Remembrance) {
        self.state.withLockedValue { state in
            state.isTold = true
            if let deadline = state.deadline, ContinuousClock.now > deadline { return (.unchanged, .unchanged) }
            return (state.outcome, state.remembrance)
        }
    }

    /// The id that stands for a session.
    ///
    /// - Throws: When nobody has looked for it.
    func id() throws -> SessionID? { try self.current.1 }

    /// Who has logged in.
    ///
    /// - Throws: When nobody has looked for it.
    func knownPrincipal() throws -> Principal? { try self.current.2?.principal }

    /// Looks for the session of what a client brought.
    func find(
        _ manager: SessionManager<Value>, _ id: SessionID?, _ token: RememberToken?, on device: String?
    ) async throws {
        let start = ContinuousClock.now
        let sight = if let id { try await manager.look(for: id, on: device) } else { SessionManager<Value>.Sight.none }
        let session: Session<Value>? = if case .found(let session) = sight { session } else { nil }
        self.state.withLockedValue { state in
            state.manager = manager
            state.device = device
            state.token = token
            state.id = session == nil ? nil : id
            state.session = session
        }
        // One that only this process cannot read is not replaced.
        guard case .none = sight, let token else { return }
        // What cannot be used is left alone, as an id is: another request of the client may just be getting what takes its place.
        guard let login = try await manager.login(remembered: token, on: device) else { return }
        self.take(login.issued)
        self.state.withLockedValue { state in
            state.token = login.token
            state.remembrance = .issued(login.token)
            state.deadline = start.advanced(by: manager.configuration.effectiveGrace / 2)
        }
    }
}

/// A request context with a place for the session.
///
/// ```swift
/// struct AppContext: SessionRequestContext {
///     var coreContext: CoreRequestContextStorage
///     let session = RequestSession<ShopSession>()
///
///     init(source: Source) {
///         coreContext = .init(source: source)
///     }
/// }
/// ```
public protocol SessionRequestContext: RequestContext {
    /// What sessions hold.
    associatedtype SessionValue: Codable & Sendable
    /// The session of the request.
    var session: RequestSession<SessionValue> { get }
}
#endif
