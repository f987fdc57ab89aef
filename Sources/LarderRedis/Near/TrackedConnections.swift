// SPDX-License-Identifier: Apache-2.0

import Larder
import RedisDriver

/// The connections over which servers were seen to tell of changes, and since when nothing they told can have been missed.
///
/// What was read over a connection is of a generation, which ends with the connection, and whenever something may have been missed.
/// An answer of a server that is master proves that all it did before was told, if it tells of changes as it makes them (of keys). One
/// that tells at the end of a turn of its event loop (of prefixes) may have answered before: there an answer proves the exchange
/// before it.
struct TrackedConnections: Sendable {
    struct Generation: Sendable, Hashable {
        fileprivate let number: UInt64
    }

    private struct Link: Sendable {
        let connection: UInt64
        let server: RedisServerID
        let generation: Generation
        /// The history of replication that the server is master of.
        let replication: String
        /// Nothing that happened before has been missed.
        var proof: MonotonicInstant
        /// The last exchange.
        var last: (sent: MonotonicInstant, answered: MonotonicInstant)
    }

    private let tracking: NearCacheConfiguration.Tracking
    private var links: [Link] = []
    private var lastGeneration: UInt64 = 0
    /// Moves on whenever more is to be told than was asked for.
    private(set) var coverage = 0

    /// After how long without a proof a connection is forgotten.
    private static let patience = Duration.seconds(60)

    init(_ tracking: NearCacheConfiguration.Tracking) {
        self.tracking = tracking
    }

    /// Whether a server tells.
    func lead(to server: RedisServerID) -> Bool { self.links.contains { $0.server == server } }

    /// What is read over a connection belongs to this; nil to nothing that can be kept.
    func generation(of connection: UInt64) -> Generation? {
        self.links.first { $0.connection == connection }?.generation
    }

    /// Since when nothing can have been missed that concerns a generation; nil when it has ended.
    func proof(of generation: Generation) -> MonotonicInstant? {
        self.links.first { $0.generation == generation }?.proof
    }

    /// A connection was seen to tell of a change.
    ///
    /// - Parameters:
    ///   - connection: The connection.
    ///   - server: The server.
    ///   - coverage: What ``coverage`` was when it was asked to tell; nothing happens if that has moved on.
    ///   - replication: Of which history its server is master.
    ///   - sent: When it was asked that.
    ///   - answered: When the answer came.
    mutating func trust(
        _ connection: UInt64, to server: RedisServerID, covering coverage: Int, of replication: String,
        sent: MonotonicInstant, answered: MonotonicInstant
    ) {
        guard coverage == self.coverage else { return }
        self.links.removeAll { $0.connection == connection || $0.proof.duration(to: sent) > Self.patience }
        self.lastGeneration += 1
        self.links.append(
            Link(
                connection: connection, server: server, generation: Generation(number: self.lastGeneration),
                replication: replication,
                proof: sent, last: (sent, answered)))
    }

    /// A server has answered over a connection that it is master of a history.
    mutating func prove(
        _ connection: UInt64, of replication: String, sent: MonotonicInstant, answered: MonotonicInstant
    ) {
        guard let index = self.links.firstIndex(where: { $0.connection == connection }) else { return }
        // It was made a replica and promoted again meanwhile, and has lost what it took before.
        guard self.links[index].replication == replication else { return self.distrust(connection) }
        switch self.tracking.kind {
        case .keys:
            self.links[index].proof = max(self.links[index].proof, sent)
        case .prefixes:
            let last = self.links[index].last
            guard last.answered <= sent else { return }
            self.links[index].proof = max(self.links[index].proof, last.sent)
            self.links[index].last = (sent, answered)
        }
    }

    /// Something may have been missed over all of them.
    mutating func distrustAll() {
        self.links = []
    }

    /// More is to be told than was asked for.
    mutating func extend() {
        self.coverage += 1
        self.distrustAll()
    }

    /// Nothing is heard from a server.
    mutating func lose(_ server: RedisServerID) {
        self.links.removeAll { $0.server == server }
    }

    /// Something may have been missed over a connection.
    mutating func distrust(_ connection: UInt64) {
        self.links.removeAll { $0.connection == connection }
    }
}
