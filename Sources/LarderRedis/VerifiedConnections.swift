// SPDX-License-Identifier: Apache-2.0

/// The connections to one server of which a log was found to know: as the server's own, or with a cluster as that of the part that it is
/// master of.
///
/// A connection may outlive that: a server that was made a replica, and a master again, has lost what it took last. So trust is
/// for one history of replication, which has a name, and ends for all connections when a master tells of another.
struct VerifiedConnections: Sendable {
    /// The name of the history; nil when there is none yet.
    private(set) var replication: String?
    /// How often trust has ended.
    private(set) var generation: UInt64 = 0
    /// The newest last.
    private var connections: [UInt64] = []

    func contains(_ connection: UInt64) -> Bool { self.connections.contains(connection) }

    /// A master has told of its history.
    mutating func heard(of replication: String) {
        guard replication != self.replication else { return }
        self.replication = replication
        self.distrustAll()
    }

    /// Some server is no master any more, or never was: which connections lead to one has to be seen anew.
    mutating func distrustAll() {
        self.generation += 1
        self.connections = []
    }

    /// Trusts a connection, unless trust has ended since it was asked.
    ///
    /// - Parameters:
    ///   - connection: The connection.
    ///   - replication: The history that was told over it.
    ///   - generation: What ``generation`` was when it was asked.
    ///   - count: How many connections to remember.
    mutating func add(_ connection: UInt64, of replication: String, asked generation: UInt64, keeping count: Int) {
        guard generation == self.generation else { return }
        if self.replication == nil { self.replication = replication } else { self.heard(of: replication) }
        self.connections.append(connection)
        self.connections.removeFirst(max(self.connections.count - count, 0))
    }
}
