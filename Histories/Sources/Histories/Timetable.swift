// SPDX-License-Identifier: Apache-2.0

import Foundation
import RedisDriver
import ServerFixtures

/// What happens to the server and to the connections, one thing after the other.
struct Timetable: Sendable {
    struct Fault: Sendable {
        var name: String
        /// Whether it does harm to nobody else who uses the server.
        var isGentle = false
        /// Nanoseconds for which reads that ask the server may be wrong, until that is found out.
        var lag: UInt64 = 0
        /// Does harm; the rest of the window is for what comes after it.
        var happen: @Sendable (Timetable) async throws -> Void
    }

    /// The servers, if they are this program's own.
    let servers: ServerPair?
    var proxies: [FaultProxy] = []
    /// The servers that share the keys, if it is a cluster.
    var cluster: RedisServerCluster?
    /// Of a server that others use too, or of all of a cluster.
    let shared: RedisClient
    /// The name of the workers' cache.
    let namespace: String

    /// A client of the server that takes writes.
    var admin: RedisClient { self.servers?.admin ?? self.shared }

    /// What happens to a cluster; the last one only once.
    static let clusterFaults: [Fault] = [
        Fault(name: "none") { _ in },
        Fault(name: "slots move") { table in
            for key in [
                "{\(table.namespace)}:inv", "\(table.namespace):register:i.0", "\(table.namespace):register:i.1",
            ] {
                guard let cluster = table.cluster, let (slot, home) = try await table.place(of: key) else { return }
                for step in 0..<cluster.primaries {
                    try await cluster.move(
                        slot: slot, from: (home + step) % cluster.primaries, to: (home + step + 1) % cluster.primaries)
                    try await Task.sleep(for: .milliseconds(300))
                }
            }
        },
        Fault(name: "master of the log dies") { table in
            guard let (_, home) = try await table.place(of: "{\(table.namespace)}:inv") else { return }
            await table.cluster?.servers[home].kill()
            try await Task.sleep(for: .milliseconds(2_500))
            try await table.cluster?.servers[home].restart()
        },
    ]

    /// The slot of a key, and which server of the cluster has had it from the beginning.
    private func place(of key: String) async throws -> (slot: Int, home: Int)? {
        guard let cluster, let slot = try await self.shared.execute(RawCommand("CLUSTER", "KEYSLOT", key)).integer
        else {
            return nil
        }
        return (0..<cluster.primaries).first { cluster.slots(of: $0).contains(Int(slot)) }.map { (Int(slot), $0) }
    }

    static let faults: [Fault] = [
        Fault(name: "none", isGentle: true) { _ in },
        Fault(name: "kill -9, old snapshot") { table in
            await table.servers?.primary.kill()
            try await Task.sleep(for: .milliseconds(400))
            try await table.servers?.primary.restart()
        },
        Fault(name: "stopped for 2 s") { table in
            table.servers?.primary.pause()
            try await Task.sleep(for: .seconds(2))
            table.servers?.primary.resume()
        },
        Fault(name: "CLIENT KILL") { table in
            for _ in 0..<5 {
                _ = try? await table.admin.execute(RawCommand("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"))
                try await Task.sleep(for: .milliseconds(200))
            }
        },
        Fault(name: "FLUSHALL") { table in
            for _ in 0..<3 {
                _ = try? await table.admin.execute(RawCommand("FLUSHALL"))
                try await Task.sleep(for: .milliseconds(300))
            }
        },
        Fault(name: "SCRIPT FLUSH", isGentle: true) { table in
            for _ in 0..<5 {
                _ = try? await table.admin.execute(RawCommand("SCRIPT", "FLUSH"))
                try await Task.sleep(for: .milliseconds(200))
            }
        },
        Fault(name: "memory full, allkeys-lru") { table in
            _ = try? await table.admin.execute(RawCommand("CONFIG", "SET", "maxmemory-policy", "allkeys-lru"))
            for memory in ["1", "100mb", "1", "0"] {
                _ = try? await table.admin.execute(RawCommand("CONFIG", "SET", "maxmemory", memory))
                try await Task.sleep(for: .milliseconds(400))
            }
        },
        Fault(name: "connections cut", isGentle: true) { table in
            for _ in 0..<10 {
                for proxy in table.proxies { proxy.closeAll() }
                try await Task.sleep(for: .milliseconds(100))
            }
        },
        Fault(name: "replies in trickles", isGentle: true) { table in
            for proxy in table.proxies { proxy.set(.trickle) }
            try await Task.sleep(for: .seconds(1))
            for proxy in table.proxies { proxy.set(.none) }
        },
        Fault(name: "replies late", isGentle: true) { table in
            for proxy in table.proxies { proxy.set(.delay(.milliseconds(150))) }
            try await Task.sleep(for: .seconds(1))
            for proxy in table.proxies { proxy.set(.none) }
        },
        Fault(name: "requests held back", isGentle: true) { table in
            table.proxies.first?.holdRequests(true)
            try await Task.sleep(for: .milliseconds(700))
            table.proxies.first?.holdRequests(false)
        },
        Fault(name: "replica promoted") { table in
            guard let servers = table.servers else { return }
            // What was acknowledged last may not have reached the other.
            await servers.primary.kill()
            try await servers.promoteReplica()
            for proxy in table.proxies { proxy.redirect(to: servers.primary.port) }
            try await Task.sleep(for: .seconds(1))
            try await servers.replica.restart()
            try await servers.follow()
        },
        Fault(name: "demoted, link down", lag: 300_000_000) { table in
            guard let servers = table.servers else { return }
            // Some are told of the new master; the others' connections stay, and the old one answers as before.
            try await servers.demotePrimary()
            for proxy in table.proxies { proxy.redirect(to: servers.primary.port) }
            for proxy in table.proxies.dropFirst() { proxy.closeAll() }
            try await Task.sleep(for: .milliseconds(1_500))
            table.proxies.first?.closeAll()
            try await servers.follow()
        },
    ]
}
