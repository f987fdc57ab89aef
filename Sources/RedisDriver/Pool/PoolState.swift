// SPDX-License-Identifier: Apache-2.0

import DequeModule
import NIOCore

/// Which connections of a pool are lent, and who waits for one. Events in, actions out.
struct PoolState<Connection: Sendable, Waiter: Sendable>: Sendable {
    enum Action {
        case lend(Connection, to: Waiter)
        case refuse(Waiter, RedisError)
        /// Make another connection.
        case connect
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
    private(set) var connecting = 0
    private var waiters: Deque<(ticket: UInt64, waiter: Waiter)> = []
    private var isClosed = false

    init(minimum: Int, maximum: Int, maximumWaiters: Int) {
        self.maximum = max(maximum, 1)
        self.minimum = min(max(minimum, 0), self.maximum)
        self.maximumWaiters = maximumWaiters
    }

    private var count: Int { self.idle.count + self.lent + self.connecting }

    /// How many connections nobody uses.
    var idleCount: Int { self.idle.count }

    /// Somebody wants a connection.
    mutating func lease(_ waiter: Waiter, ticket: UInt64) -> [Action] {
        if self.isClosed { return [.refuse(waiter, RedisError(.clientClosed, "the client was closed"))] }
        // Whoever came before comes first.
        if self.waiters.isEmpty, let last = self.idle.popLast() {
            self.lent += 1
            return [.lend(last.connection, to: waiter)]
        }
        guard self.waiters.count < self.maximumWaiters else {
            return [.refuse(waiter, RedisError(.overloaded, "too many callers wait for a connection of their own"))]
        }
        self.waiters.append((ticket, waiter))
        return self.connectForWaiters()
    }

    /// As many connections as there are waiters, within the limit.
    private mutating func connectForWaiters() -> [Action] {
        guard self.connecting < self.waiters.count, self.count < self.maximum else { return [] }
        self.connecting += 1
        return [.connect]
    }

    /// A caller gives up; nil when it no longer waits.
    mutating func abandon(_ ticket: UInt64) -> Waiter? {
        guard let index = self.waiters.firstIndex(where: { $0.ticket == ticket }) else { return nil }
        return self.waiters.remove(at: index).waiter
    }

    /// Whether a caller still waits.
    func isWaiting(_ ticket: UInt64) -> Bool { self.waiters.contains { $0.ticket == ticket } }

    mutating func connected(_ connection: Connection, id: UInt64, at now: NIODeadline) -> [Action] {
        self.connecting -= 1
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
        guard self.ready.remove(id) == nil else {
            self.idle.removeAll { $0.id == id }
            return []
        }
        self.connecting -= 1
        guard self.connecting == 0, self.lent == 0 else { return [] }
        defer { self.waiters = [] }
        return self.waiters.map { .refuse($0.waiter, error) }
    }

    /// Closes what nobody uses.
    mutating func discardIdle() -> [Action] {
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
            self.connecting += 1
            actions.append(.connect)
        }
        return actions
    }

    /// Lends nothing more.
    mutating func close() -> [Action] {
        self.isClosed = true
        defer { self.waiters = [] }
        return self.discardIdle()
            + self.waiters.map { .refuse($0.waiter, RedisError(.clientClosed, "the client was closed")) }
    }
}
