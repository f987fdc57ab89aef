// SPDX-License-Identifier: Apache-2.0

public import Larder
import NIOCore

/// Begins, reads, changes and ends the sessions of a service.
///
/// ```swift
/// let sessions = SessionManager("shop", initial: ShopSession(), store: .redis(redis), keys: keys)
///
/// let issued = try await sessions.login(Principal(user: "17"))
/// // issued.id.text goes into the cookie
/// let session = try await sessions.session(issued.id)
/// ```
///
/// A session is known to the store by a hash of its id and encrypted; see ``SessionID`` and ``SessionKeys``. An id that the store does not
/// know is never taken over: it stands for no session, and whoever brought it gets a new one.
///
/// Whatever is asked for throws ``SessionError`` with the code ``SessionError/Code/unavailable`` when the store cannot be asked. That is
/// not to be taken for "nobody has logged in".
public struct SessionManager<Value: Codable & Sendable>: Sendable {
    /// How long sessions last, and how many there may be.
    public let configuration: SessionConfiguration
    let store: any SessionStore
    private let keys: SessionKeys
    private let seal: SessionSeal
    private let namespace: String
    private let keyPrefix: String
    let remembered: RememberedLogins
    let initial: @Sendable () -> Value
    let onEvent: @Sendable (SessionEvent) -> Void

    /// Makes a manager.
    ///
    /// - Parameters:
    ///   - namespace: The name of the service, with which the names of its keys begin.
    ///   - initial: What a session holds at first.
    ///   - store: Where sessions stand.
    ///   - keys: The secrets.
    ///   - configuration: Times and sizes.
    ///   - onEvent: Told of what happens to sessions, where it happens: it must be quick.
    public init(
        _ namespace: String, initial: @autoclosure @escaping @Sendable () -> Value, store: any SessionStore,
        keys: SessionKeys, configuration: SessionConfiguration = SessionConfiguration(),
        onEvent: @escaping @Sendable (SessionEvent) -> Void = { _ in }
    ) {
        self.configuration = configuration
        self.store = store
        self.keys = keys
        self.seal = SessionSeal(keys, purpose: "larder session seal 1:\(namespace)")
        self.namespace = namespace
        self.keyPrefix = CacheKey(namespace: namespace, reserved: "session").text + ":"
        self.remembered = RememberedLogins(store, keys, namespace: namespace, configuration)
        self.initial = initial
        self.onEvent = onEvent
    }

    // MARK: One session

    /// Begins a session of somebody who has not logged in.
    ///
    /// - Parameters:
    ///   - device: What the client says it is; see ``Session/device``.
    ///   - change: What to change in what the session holds at first.
    public func create(
        on device: String? = nil, _ change: (inout Value) throws -> Void = { _ in }
    ) async throws -> IssuedSession<Value> {
        var value = self.initial()
        try change(&value)
        let issued = try await self.begin(value, of: nil, owner: .anybody(), on: device)
        self.onEvent(SessionEvent(.created, digest: issued.id.digest))
        return issued
    }

    /// The session that an id stands for, and notes that it was used; nil when there is none.
    ///
    /// - Parameters:
    ///   - id: The id.
    ///   - device: What the client says it is, if that is known. Another than before is noted, and told of by
    ///     ``SessionEvent/Kind/deviceChanged``; it is no reason to take the session for another.
    public func session(_ id: SessionID, on device: String? = nil) async throws -> Session<Value>? {
        guard case .found(let session) = try await self.look(for: id, on: device) else { return nil }
        return session
    }

    /// What an id stands for.
    package enum Sight {
        case found(Session<Value>)
        /// One that a process of another release has written, or of other keys.
        case unreadable
        case none
    }

    /// What an id stands for, and notes that it was used.
    package func look(for id: SessionID, on device: String? = nil) async throws -> Sight {
        let key = self.key(id.owner)
        switch try await self.store.read(id.digest, under: key, self.configuration.terms) {
        case .found(let record, let now):
            if let session = self.open(record, id.digest, under: key, at: now) {
                guard let device = device.map(SessionContent<Value>.cut), !session.devices.contains(device) else {
                    return .found(session)
                }
                return try await self.move(id, session, to: device).map { .found($0) } ?? .none
            }
            self.onEvent(SessionEvent(.rejected, digest: id.digest))
            return .unreadable
        case .expired: self.onEvent(SessionEvent(.expired, digest: id.digest))
        case .none: self.onEvent(SessionEvent(.rejected, digest: id.digest))
        }
        return .none
    }

    /// Notes that a session goes on at a device that it was not at before; the session as it was when that cannot be.
    private func move(_ id: SessionID, _ session: Session<Value>, to device: String) async throws -> Session<Value>? {
        guard case .sent(let change, let result) = try? await self.save(id, session.content(on: device), over: session),
            case .done(let head, let now) = change
        else { return session }
        if let former = session.device {
            self.onEvent(
                SessionEvent(
                    .deviceChanged, digest: id.digest, principal: session.principal, device: device,
                    formerDevice: former))
        }
        return result(head, now)
    }

    /// Changes what a session holds. Of changes at the same time none is lost: the one that comes late is made again on what the
    /// other left.
    ///
    /// - Parameters:
    ///   - id: The session.
    ///   - session: What is known of it; otherwise it is read first.
    ///   - change: Is called more than once when others change the session at the same time. One that changes nothing of what is known is
    ///     made again on what there is, unless that is the same.
    /// - Throws: ``SessionError``: `ended`, `conflict`, `tooLarge`, `notEncodable`; and what `change` throws. The session then is as it was. After
    ///   `unavailable` it may be either.
    @discardableResult
    public func update(
        _ id: SessionID, from session: Session<Value>? = nil, _ change: (inout Value) throws -> Void
    ) async throws -> Session<Value> {
        // What is known of another session is not known of this one.
        let isKnown = session?.digest == id.digest
        let start = isKnown ? session : try await self.session(id)
        return try await self.change(id, start, isCurrent: !isKnown) { session in
            var content = session.content()
            try change(&content.value)
            return try await self.save(id, content, over: session)
        }
    }

    private func save(
        _ id: SessionID, _ content: SessionContent<Value>, over session: Session<Value>
    ) async throws -> Attempt {
        let key = self.key(id.owner)
        let bytes = try self.encode(content)
        if bytes == session.encoded { return .unchanged }
        let place = SessionSeal.Place(key: key, digest: id.digest, version: session.version + 1)
        let saved = try await self.store.save(
            id.digest, payload: try self.seal.close(bytes, for: place), over: session.version, under: key,
            self.configuration.terms)
        return .sent(saved) { self.session(id.digest, content, bytes, $0, at: $1) }
    }

    /// Lets a session go on under a new id, for a change of rights; the id before it is dead at once.
    ///
    /// - Parameters:
    ///   - id: The id so far.
    ///   - isAuthenticated: Whether the user has just proved who they are, which begins the session's time anew.
    public func rotate(_ id: SessionID, isAuthenticated: Bool = false) async throws -> IssuedSession<Value> {
        try await self.goOn(id, try await self.session(id), isAuthenticated: isAuthenticated) { _ in }
    }

    private func goOn(
        _ id: SessionID, _ session: Session<Value>?, isAuthenticated: Bool, remembered token: RememberToken? = nil,
        _ change: (inout Value) throws -> Void
    ) async throws -> IssuedSession<Value> {
        let key = self.key(id.owner)
        let next = SessionID(of: id.owner)
        let session = try await self.change(id, session, isCurrent: true) { session in
            var content = session.content()
            try change(&content.value)
            if let token { content.remembered = token.digest }
            let bytes = try self.encode(content)
            let place = SessionSeal.Place(key: key, digest: next.digest, version: session.version + 1)
            let rotated = try await self.store.rotate(
                id.digest, to: next.digest, payload: try self.seal.close(bytes, for: place), over: session.version,
                authenticates: isAuthenticated && session.principal != nil, under: key, self.configuration.terms)
            return .sent(rotated) { self.session(next.digest, content, bytes, $0, at: $1) }
        }
        self.onEvent(
            SessionEvent(.rotated, digest: next.digest, former: id.digest, principal: session.principal))
        return IssuedSession(id: next, session: session)
    }

    /// Ends a session: a logout.
    ///
    /// - Returns: Whether there was one.
    @discardableResult
    public func revoke(_ id: SessionID) async throws -> Bool {
        try await self.remove(id.digest, of: nil, under: self.key(id.owner))
    }

    // MARK: The sessions of a user

    /// Begins a session for a user who has proved who they are.
    ///
    /// What somebody put into a session before they logged in goes along, and so does what the same user did; what another user did
    /// does not. Whatever session there was is ended: its id never becomes that of a user who has logged in.
    ///
    /// - Parameters:
    ///   - principal: Who it is.
    ///   - former: The id that the client brought, if it brought one.
    ///   - device: What the client says it is; see ``Session/device``.
    ///   - token: What it is remembered by from now on, which ends with the session where that is ended elsewhere.
    ///   - change: What to change in what the session holds. It may be called more than once.
    /// - Throws: ``SessionError``, also for a principal that names nobody; and what `change` throws.
    public func login(
        _ principal: Principal, from former: SessionID? = nil, on device: String? = nil,
        remembered token: RememberToken? = nil, _ change: (inout Value) throws -> Void = { _ in }
    ) async throws -> IssuedSession<Value> {
        let owner = try self.owner(principal)
        let before = if let former { try await self.session(former, on: device) } else { Session<Value>?.none }
        guard let former, let before else {
            return try await self.begin(principal, owner, self.initial(), former: nil, device, token, change)
        }
        // Where it stands already, it goes on in one step, and takes nobody's place.
        if before.principal == principal, former.owner == owner {
            do {
                return try await self.goOn(former, before, isAuthenticated: true, remembered: token, change)
            } catch let error as SessionError where error.code == .ended {
                // By another request of the user's, who has proved who they are all the same.
                return try await self.begin(principal, owner, self.initial(), former: nil, device, token, change)
            }
        }
        let isTakenAlong = before.principal == nil || before.principal == principal
        let issued = try await self.begin(
            principal, owner, isTakenAlong ? before.value : self.initial(), former: isTakenAlong ? former : nil, device,
            token, change)
        do {
            return try await self.end(former, before, isTakenAlong: isTakenAlong, for: issued, change)
        } catch {
            await self.drop(issued.id)
            throw error
        }
    }

    private func begin(
        _ principal: Principal, _ owner: SessionOwner, _ value: Value, former: SessionID?, _ device: String?,
        _ token: RememberToken?, _ change: (inout Value) throws -> Void
    ) async throws -> IssuedSession<Value> {
        var value = value
        try change(&value)
        let issued = try await self.begin(
            value, of: principal, owner: owner, on: device, remembered: token?.digest)
        self.onEvent(
            SessionEvent(
                former == nil ? .created : .rotated, digest: issued.id.digest, former: former?.digest,
                principal: principal))
        return issued
    }

    /// Ends the session that another has taken the place of. What was put into it meanwhile goes along too: it ends only as it was taken,
    /// as long as there is time for that.
    private func end(
        _ former: SessionID, _ before: Session<Value>, isTakenAlong: Bool, for issued: IssuedSession<Value>,
        _ change: (inout Value) throws -> Void
    ) async throws -> IssuedSession<Value> {
        var (version, issued) = (isTakenAlong ? before.version : nil, issued)
        let start = ContinuousClock.now
        while true {
            let removal = try await self.store.remove(former.digest, at: version, under: self.key(former.owner))
            guard case .conflict(let record, let now) = removal else {
                if case .done = removal, !isTakenAlong {
                    self.onEvent(SessionEvent(.revoked, digest: former.digest, principal: before.principal))
                }
                return issued
            }
            guard ContinuousClock.now - start < self.configuration.updateTimeout,
                let later = self.open(record, former.digest, under: self.key(former.owner), at: now)
            else {
                version = nil
                continue
            }
            version = later.version
            var value = later.value
            try change(&value)
            let session = try await self.update(issued.id, from: issued.session) { $0 = value }
            issued = IssuedSession(id: issued.id, session: session)
        }
    }

    /// The sessions of a user, the one used last first.
    public func sessions(of principal: Principal) async throws -> [Session<Value>] {
        let key = try self.key(principal)
        let listing = try await self.store.list(under: key, self.configuration.terms)
        return listing.records
            .compactMap { digest, record in self.open(record, digest, under: key, at: listing.now) }
            .sorted { ($0.lastUsed, $0.created) > ($1.lastUsed, $1.created) }
    }

    /// Ends one session of a user, such as that of a device that was lost, and what that is remembered by.
    ///
    /// - Returns: Whether the user had such a session.
    @discardableResult
    public func revoke(_ digest: SessionDigest, of principal: Principal) async throws -> Bool {
        let owner = try self.owner(principal)
        let key = self.key(owner)
        if let record = try await self.store.list(under: key, self.configuration.terms).records[digest],
            let token = self.open(record, digest, under: key, at: .zero)?.remembered
        {
            _ = try await self.remembered.forget(token, of: owner)
        }
        return try await self.remove(digest, of: principal, under: key)
    }

    /// Ends all sessions of a user in one step: those that began before it on the server are over, also one whose beginning has not
    /// been answered yet; those that begin after it are not. Whoever is remembered is no more, nor is a session that began by that.
    ///
    /// - Parameters:
    ///   - principal: The user.
    ///   - kept: One that goes on.
    /// - Returns: How many ended.
    @discardableResult
    public func revokeAll(of principal: Principal, but kept: SessionDigest? = nil) async throws -> Int {
        let owner = try self.owner(principal)
        // Before the sessions: what began by a token that still stood is there to be ended. And after them: a token that was made for one
        // of them is too.
        _ = try await self.remembered.forgetAll(of: owner)
        var count = try await self.revokeSessions(of: principal, but: kept)
        var rounds = 0
        while try await self.remembered.forgetAll(of: owner), rounds < 3 {
            // By one that was made meanwhile a session may have begun.
            count += try await self.revokeSessions(of: principal, but: kept)
            rounds += 1
        }
        return count
    }

    /// Ends the sessions of a user, and nothing else.
    @discardableResult
    func revokeSessions(of principal: Principal, but kept: SessionDigest? = nil) async throws -> Int {
        let ended = try await self.store.removeAll(under: try self.key(principal), but: kept)
        for digest in ended { self.onEvent(SessionEvent(.revoked, digest: digest, principal: principal)) }
        return ended.count
    }

    // MARK: Steps

    private func begin(
        _ value: Value, of principal: Principal?, owner: SessionOwner, on device: String?,
        remembered: SessionDigest? = nil
    ) async throws -> IssuedSession<Value> {
        let content = SessionContent(principal, on: device, remembered: remembered, value: value)
        let (issued, ended) = try await self.begin(
            content, as: SessionID(of: owner), isAuthenticated: principal != nil, isLimited: true)
        for digest in ended { self.onEvent(SessionEvent(.revoked, digest: digest, principal: principal)) }
        return issued
    }

    /// - Parameter isLimited: Whether it takes a place among those that its user may have.
    func begin(
        _ content: SessionContent<Value>, as id: SessionID, isAuthenticated: Bool, isLimited: Bool
    ) async throws -> (issued: IssuedSession<Value>, ended: [SessionDigest]) {
        let key = self.key(id.owner)
        let bytes = try self.encode(content)
        let payload = try self.seal.close(bytes, for: .init(key: key, digest: id.digest, version: 1))
        var terms = self.configuration.terms
        if !isLimited { terms.maximumPerOwner = .max >> 16 }
        let creation = try await self.store.create(
            id.digest, payload: payload, authenticates: isAuthenticated, under: key, terms)
        guard case .created(let head, let ended) = creation else {
            throw SessionError(
                .tooManySessions, "the user has \(self.configuration.maximumPerUser) sessions, as many as may be")
        }
        let session = self.session(id.digest, content, bytes, head, at: head.created)
        return (IssuedSession(id: id, session: session), ended)
    }

    /// What came of an attempt to change a session.
    private enum Attempt {
        case unchanged
        case sent(SessionChange, (SessionRecord.Head, StoreTime) -> Session<Value>)
    }

    /// Tries until nobody came in between.
    ///
    /// - Parameter isCurrent: Whether the session was read for this change.
    private func change(
        _ id: SessionID, _ session: Session<Value>?, isCurrent: Bool,
        _ attempt: (Session<Value>) async throws -> Attempt
    ) async throws -> Session<Value> {
        let ended = SessionError(.ended, "the session has ended")
        guard var session else { throw ended }
        let start = ContinuousClock.now
        var attempts = 0
        var isCurrent = isCurrent
        while true {
            guard case .sent(let change, let result) = try await attempt(session) else {
                if isCurrent { return session }
                guard let current = try await self.session(id) else { throw ended }
                if current.version == session.version { return current }
                session = current
                isCurrent = true
                continue
            }
            isCurrent = true
            switch change {
            case .done(let head, let now): return result(head, now)
            case .none: throw ended
            case .conflict(let record, let now):
                guard let other = self.open(record, id.digest, under: self.key(id.owner), at: now) else { throw ended }
                session = other
            }
            guard ContinuousClock.now - start < self.configuration.updateTimeout else {
                throw SessionError(.conflict, "others changed the session all the time")
            }
            // Those who met do not meet again.
            attempts += 1
            try await Task.sleep(for: .milliseconds(.random(in: 0...Double(min(attempts, 20)))))
        }
    }

    @discardableResult
    func remove(_ digest: SessionDigest, of principal: Principal?, under key: String) async throws -> Bool {
        guard case .done = try await self.store.remove(digest, at: nil, under: key) else { return false }
        self.onEvent(SessionEvent(.revoked, digest: digest, principal: principal))
        return true
    }

    /// Ends a session that nobody knows of, whoever cancels the request; what cannot be ended now ends by itself.
    func drop(_ id: SessionID) async {
        await Task { _ = try? await self.store.remove(id.digest, at: nil, under: self.key(id.owner)) }.value
    }

    func key(_ owner: SessionOwner) -> String { self.keyPrefix + owner.text }

    private func key(_ principal: Principal) throws -> String { self.key(try self.owner(principal)) }

    /// - Throws: ``SessionError`` for a principal that names nobody.
    func owner(_ principal: Principal) throws -> SessionOwner {
        guard principal.user != nil || principal.tenant != nil else {
            throw SessionError(.invalidConfiguration, "nobody has no sessions")
        }
        return self.keys.owner(principal, in: self.namespace)
    }

    private func encode(_ content: SessionContent<Value>) throws -> ByteBuffer {
        let bytes: ByteBuffer
        do {
            bytes = try content.encoded()
        } catch {
            throw SessionError(.notEncodable, "the value of the session cannot be encoded", cause: error)
        }
        guard bytes.readableBytes <= self.configuration.maximumSize else {
            throw SessionError(
                .tooLarge,
                "the session would take \(bytes.readableBytes) bytes of the \(self.configuration.maximumSize) that it may"
            )
        }
        return bytes
    }

    /// The session in a record; nil when it cannot be read.
    func open(
        _ record: SessionRecord, _ digest: SessionDigest, under key: String, at now: StoreTime
    ) -> Session<Value>? {
        let place = SessionSeal.Place(key: key, digest: digest, version: record.head.version)
        guard let bytes = self.seal.open(record.payload, at: place),
            let content = SessionContent<Value>(encoded: bytes)
        else { return nil }
        return self.session(digest, content, bytes, record.head, at: now)
    }

    private func session(
        _ digest: SessionDigest, _ content: SessionContent<Value>, _ bytes: ByteBuffer,
        _ head: SessionRecord.Head, at now: StoreTime
    ) -> Session<Value> {
        Session(
            digest: digest, content: content, encoded: bytes, head: head, terms: self.configuration.terms, now: now)
    }
}
