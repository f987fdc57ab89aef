// SPDX-License-Identifier: Apache-2.0

import NIOConcurrencyHelpers
import RedisDriver
import ServerFixtures

/// A server and its replica, which take each other's place.
final class ServerPair: Sendable {
    private struct Member: Sendable {
        let server: RedisServer
        let admin: RedisClient
    }

    private let members: NIOLockedValueBox<(primary: Member, replica: Member)>

    init() async throws {
        func member() async throws -> Member {
            let server = try await RedisServer()
            return Member(server: server, admin: try RedisClient(RedisClientConfiguration(port: server.port)))
        }
        self.members = NIOLockedValueBox((try await member(), try await member()))
        try await self.follow()
    }

    var primary: RedisServer { self.members.withLockedValue { $0.primary.server } }
    var replica: RedisServer { self.members.withLockedValue { $0.replica.server } }
    /// A client of the primary.
    var admin: RedisClient { self.members.withLockedValue { $0.primary.admin } }

    /// The replica becomes the primary; what was that is left as it is.
    func promoteReplica() async throws {
        let promoted = self.members.withLockedValue { members in
            members = (members.replica, members.primary)
            return members.primary
        }
        try await promoted.admin.execute(RawCommand("REPLICAOF", "NO", "ONE"))
    }

    /// The replica becomes the primary, and what was that a replica without a link.
    func demotePrimary() async throws {
        try await self.promoteReplica()
        try await self.members.withLockedValue { $0.replica }.admin.execute(RawCommand("REPLICAOF", "127.0.0.1", "1"))
    }

    /// The replica follows the primary, and has all that it has.
    func follow() async throws {
        let (primary, replica) = self.members.withLockedValue { ($0.primary.server, $0.replica.admin) }
        try await self.retry { try await replica.execute(RawCommand("REPLICAOF", "127.0.0.1", "\(primary.port)")) }
        while try await replica.execute(INFO("replication"))["master_link_status"] != "up" {
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// A server that was just started may not be connected to yet.
    private func retry(_ body: () async throws -> Void) async throws {
        for _ in 0..<100 {
            do { return try await body() } catch { try await Task.sleep(for: .milliseconds(20)) }
        }
        try await body()
    }
}
