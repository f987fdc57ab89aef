// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Synchronization

/// A server: connections that all callers share, one for what is large, and a pool of those that a caller has alone.
final class RedisNode: Sendable, CommandOutlet {
    private let shared: [ReconnectingConnection]
    private let bulk: ReconnectingConnection
    private let tracked: ReconnectingConnection
    let pool: ConnectionPool
    let largeKeys = LargeKeys()
    let reconnectPause: Duration
    private let next = Atomic<Int>(0)

    init(_ maker: ConnectionMaker, on group: any EventLoopGroup, _ observer: ReconnectingConnection.Observer) {
        self.reconnectPause = maker.configuration.reconnectPause
        self.shared = (0..<max(maker.configuration.connections, 1)).map { _ in
            ReconnectingConnection(on: group.next(), maker, observer)
        }
        self.bulk = ReconnectingConnection(on: group.next(), maker, observer)
        self.tracked = ReconnectingConnection(on: group.next(), maker, observer)
        self.pool = ConnectionPool(maker, on: group.next(), onLoss: observer.onLoss)
    }

    private var all: [ReconnectingConnection] { self.shared + [self.bulk, self.tracked] }

    /// The connection of a lane, or another while that one is not there.
    func connection(for lane: Lane) throws(RedisError) -> RedisConnection {
        let first: Int
        switch lane {
        case .bulk: return try self.bulk.connection()
        case .tracked: return try self.tracked.connection()
        case .number(let number): first = number
        case .any: first = self.shared.count == 1 ? 0 : self.next.wrappingAdd(1, ordering: .relaxed).newValue
        }
        guard self.shared.count > 1 else { return try self.shared[0].connection() }
        var failure: RedisError?
        for offset in 0..<UInt(self.shared.count) {
            do {
                return try self.shared[Int((UInt(bitPattern: first) &+ offset) % UInt(self.shared.count))].connection()
            } catch {
                failure = failure ?? error
            }
        }
        throw failure ?? RedisError(.connectionFailed, "there is no connection")
    }

    func abandon(_ ticket: UInt64, _ error: RedisError) {
        for connection in self.all { connection.abandon(ticket, error) }
    }

    /// The connections that are there and shared.
    var connections: [RedisConnection] { self.all.compactMap(\.current) }

    /// Goes over to new connections, as to another server.
    func replaceConnections(within grace: Duration) {
        for connection in self.all { connection.replace(within: grace) }
        self.pool.discard()
    }

    @discardableResult
    func close(
        within grace: Duration, because reason: RedisError = .clientClosed
    ) -> [EventLoopFuture<Void>] {
        [self.pool.close(within: grace, because: reason)]
            + self.all.map { $0.close(within: grace, because: reason) }
    }
}
