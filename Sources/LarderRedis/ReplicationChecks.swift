// SPDX-License-Identifier: Apache-2.0

import Larder
import NIOConcurrencyHelpers
import RedisDriver

/// When the server behind each connection is asked for its part in replication: one that was demoted, and cut off from the new master,
/// answers reads as before, for ever; and one that was promoted again has lost what it took before.
struct ReplicationChecks: Sendable {
    /// Which connection.
    struct Connection: Sendable, Hashable {
        let server: RedisServerID
        /// Which of those to the server; nil for the tracked one.
        let index: Int?
    }

    private var asked: [Connection: MonotonicInstant] = [:]
    private let interval: Duration

    /// - Parameter interval: How often each is asked.
    init(every interval: Duration) {
        self.interval = interval
    }

    /// Whether a question over a connection should ask, which then counts as done.
    mutating func isDue(over connection: Connection, at now: MonotonicInstant) -> Bool {
        if let last = self.asked[connection], last.duration(to: now) < self.interval { return false }
        if self.asked.count >= Self.capacity { self.asked = [:] }
        self.asked[connection] = now
        return true
    }

    /// Servers come and go.
    private static let capacity = 4_096

    /// The question over a connection was not answered: the next one asks again.
    mutating func failed(over connection: Connection) {
        self.asked[connection] = nil
    }
}

/// Whether a question asks a server for its part in replication too.
struct ReplicationCheck: Sendable {
    let connection: ReplicationChecks.Connection
    let isDue: Bool
    fileprivate let checks: NIOLockedValueBox<ReplicationChecks>

    /// Asks; one that was due and fails is due again.
    func noting<Answer>(_ body: () async throws -> Answer) async throws -> Answer {
        do {
            return try await body()
        } catch {
            if self.isDue { self.checks.withLockedValue { $0.failed(over: self.connection) } }
            throw error
        }
    }
}

extension NIOLockedValueBox<ReplicationChecks> {
    func check(_ server: RedisServerID, _ index: Int?, at now: MonotonicInstant) -> ReplicationCheck {
        let connection = ReplicationChecks.Connection(server: server, index: index)
        let isDue = self.withLockedValue { $0.isDue(over: connection, at: now) }
        return ReplicationCheck(connection: connection, isDue: isDue, checks: self)
    }

    /// One that is due whenever something is asked over the tracked connection.
    func always(_ server: RedisServerID) -> ReplicationCheck {
        let connection = ReplicationChecks.Connection(server: server, index: nil)
        return ReplicationCheck(connection: connection, isDue: true, checks: self)
    }
}
