// SPDX-License-Identifier: Apache-2.0

import DequeModule
import NIOCore

/// Which connections of a pool are lent, and who waits for one. Events in, actions out.
struct PoolState<Connection: Sendable, Waiter: Sendable>: Sendable {
    enum Action {
        case lend(Connection, to: Waiter)
        case refuse(Waiter, RedisError)
        /// Make another connection, of this number.
        case connect(UInt64)
        /// Ask again a little later whether there have to be more.
        case connectLater
        case close(Connection)
    }

    private let minimum: Int
    private let maximum: Int
    private let maximumWaiters: Int
    /// The one that was used last is lent first, so that others are idle for long and can be closed.
    private var idle: Deque<(id: UInt64, connection: Connection, since: NIODeadline)> = []
    /// The connections that were made and have not ended, lent or idle.
    private var ready: Set<UInt64> = []
    private(set) var lent = 0
    /// The connections that are being made.
    private var connecting: Set<UInt64> = []
    /// Those of them that were begun before a change, and are of no use.
    private var outdated: Set<UInt64> = []
    private var waiters: Deque<(ticket: UInt64, waiter: Waiter)> = []
    private(set) var isClosed = false
    private var closing = RedisError.clientClosed
    private let newID: @Sendable () -> UInt64

    /// - Parameter newID: A number for another connection.
    init(minimum: Int, maximum: Int, maximumWaiters: Int, newID: @escaping @Sendable () -> UInt64) {
        self.newID = newID
        self.maximum = max(maximum, 1)
        self.minimum = min(max(minimum, 0), self.maximum)
        self.maximumWaiters = maximumWaiters
    }

    private var count: Int { self.idle.count + self.lent + self.connecting.count }

    /// How many connections nobody uses.
    var idleCount: Int { self.idle.count }

    /// Somebody wants a connection.
    mutating func lease(_ waiter: Waiter, ticket: UInt64) -> [Action] {
        if self.isClosed { return [.refuse(waiter, self.closing)] }
        // Whoever came before comes first.
        if self.waiters.isEmpty, let last = self.idle.popLast() {
            self.lent += 1
            return [.lend(last.connection, to: waiter)]
        }
        guard self.waiters.count < self.maximumWaiters + self.connecting.count || self.count < self.maximum else {
            return [.refuse(waiter, RedisError(.overloaded, "too many callers wait for a connection of their own"))]
        }
        self.waiters.append((ticket, waiter))
        return self.connectForWaiters()
    }

    /// Another connection for those who wait, within the limit.
    mutating func connectForWaiters() -> [Action] {
        guard self.connecting.count < self.waiters.count, self.count < self.maximum else { return [] }
        return [self.connect()]
    }

    private mutating func connect() -> Action {
        let id = self.newID()
        self.connecting.insert(id)
        return .connect(id)
    }

    /// A caller gives up; nil when it no longer waits.
    mutating func abandon(_ ticket: UInt64) -> Waiter? {
        guard let index = self.waiters.firstIndex(where: { $0.ticket == ticket }) else { return nil }
        return self.waiters.remove(at: index).waiter
    }

    /// Whether a caller still waits.
    func isWaiting(_ ticket: UInt64) -> Bool { self.waiters.contains { $0.ticket == ticket } }

    mutating func connected(_ connection: Connection, id: UInt64, at now: NIODeadline) -> [Action] {
        self.connecting.remove(id)
        guard self.outdated.remove(id) == nil else { return [.close(connection)] + self.connectForWaiters() }
        self.ready.insert(id)
        return self.take(connection, id: id, at: now)
    }

    /// A connection comes back.
    ///
    /// - Parameter isUsable: Whether the next one can have it.
    mutating func returned(_ connection: Connection, id: UInt64, isUsable: Bool, at now: NIODeadline) -> [Action] {
        self.lent -= 1
        guard isUsable, self.ready.contains(id) else { return [.close(connection)] + self.connectForWaiters() }
        return self.take(connection, id: id, at: now)
    }

    private mutating func take(_ connection: Connection, id: UInt64, at now: NIODeadline) -> [Action] {
        if self.isClosed { return [.close(connection)] }
        if let (_, waiter) = self.waiters.popFirst() {
            self.lent += 1
            return [.lend(connection, to: waiter)]
        }
        self.idle.append((id, connection, now))
        return []
    }

    /// A connection has ended, or could not be made: then all who wait learn why, unless there are others to wait for.
    mutating func ended(_ id: UInt64, _ error: RedisError) -> [Action] {
        guard self.connecting.remove(id) != nil else {
            self.retire(id)
            return []
        }
        self.outdated.remove(id)
        guard self.connecting.isEmpty, !self.waiters.isEmpty else { return [] }
        guard self.lent == 0 else { return [.connectLater] }
        defer { self.waiters = [] }
        return self.waiters.map { .refuse($0.waiter, error) }
    }

    /// A connection is lent to nobody any more.
    mutating func retire(_ id: UInt64) {
        self.ready.remove(id)
        self.idle.removeAll { $0.id == id }
    }

    /// All that was made until now is of no use: closes what nobody uses, and the others when they come back.
    mutating func discard() -> [Action] {
        self.outdated = self.connecting
        self.ready = []
        defer { self.idle = [] }
        return self.idle.map { .close($0.connection) }
    }

    /// Closes what has not been used since `deadline`, down to the minimum; and makes as many as there have to be.
    mutating func trim(idleSince deadline: NIODeadline) -> [Action] {
        guard !self.isClosed else { return [] }
        var actions: [Action] = []
        while self.count > self.minimum, let first = self.idle.first, first.since <= deadline {
            self.idle.removeFirst()
            actions.append(.close(first.connection))
        }
        while self.count < self.minimum {
            actions.append(self.connect())
        }
        return actions
    }

    /// Lends nothing more.
    ///
    /// - Parameter reason: What callers are told.
    mutating func close(because reason: RedisError) -> [Action] {
        self.isClosed = true
        self.closing = reason
        defer { self.waiters = [] }
        return self.discard()
            + self.waiters.map { .refuse($0.waiter, reason) }
    }
}
