// SPDX-License-Identifier: Apache-2.0

public import RedisDriver

/// A cluster of servers on free ports of the loopback interface, with all slots shared out.
public final class RedisServerCluster: Sendable {
    /// The servers: first those that have slots, then for each of them a replica.
    public let servers: [RedisServer]
    /// How many of them have slots.
    public let primaries: Int

    /// Starts a cluster, and waits until all of it agrees.
    ///
    /// - Parameters:
    ///   - primaries: How many servers have slots.
    ///   - hasReplicas: Whether each of these has a replica.
    public init(primaries: Int = 3, hasReplicas: Bool = false) async throws {
        self.primaries = primaries
        let count = hasReplicas ? 2 * primaries : primaries
        self.servers = try await withThrowingTaskGroup(of: RedisServer.self) { group in
            for _ in 0..<count {
                group.addTask {
                    try await RedisServer(
                        RedisServer.Options(isClusterNode: true, settings: ["cluster-node-timeout": "500"]))
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let clients = try self.servers.map { try RedisClient(RedisClientConfiguration(port: $0.port)) }
        for (index, client) in clients.enumerated() {
            try await client.execute(RawCommand("CLUSTER", "SET-CONFIG-EPOCH", index + 1))
            if index < primaries {
                let slots = self.slots(of: index)
                try await client.execute(
                    RawCommand("CLUSTER", "ADDSLOTSRANGE", slots.lowerBound, slots.upperBound))
            }
            let bus = try await clients[index].execute(CONFIGGET("cluster-port"))["cluster-port"] ?? ""
            try await clients[0].execute(
                RawCommand("CLUSTER", "MEET", "127.0.0.1", self.servers[index].port, bus))
        }
        for client in clients { try await Self.wait(for: client, nodes: count) }
        if hasReplicas {
            for index in 0..<primaries {
                let id = try await clients[index].execute(RawCommand("CLUSTER", "MYID")).text ?? ""
                try await clients[primaries + index].execute(RawCommand("CLUSTER", "REPLICATE", id))
            }
            for client in clients.dropFirst(primaries) {
                while try await client.execute(INFO("replication"))["master_link_status"] != "up" {
                    try await Task.sleep(for: .milliseconds(10))
                }
            }
            for client in clients {
                let replicas = { (text: String) in text.split(separator: "\n").count { $0.contains("slave") } }
                while try await client.execute(RawCommand("CLUSTER", "NODES")).text.map(replicas) ?? 0 < primaries {
                    try await Task.sleep(for: .milliseconds(10))
                }
            }
        }
        for client in clients { await client.close() }
    }

    /// Where clients find it.
    public var addresses: [RedisAddress] {
        self.servers.prefix(self.primaries).map { RedisAddress(host: "127.0.0.1", port: $0.port) }
    }

    /// The slots that a server had in the beginning.
    public func slots(of index: Int) -> ClosedRange<Int> {
        16_384 * index / self.primaries...16_384 * (index + 1) / self.primaries - 1
    }

    /// Moves a slot with all its keys from one server to another, as `redis-cli --cluster reshard` does.
    public func move(slot: Int, from source: Int, to target: Int) async throws {
        let admins = try self.servers.prefix(self.primaries).map {
            try RedisClient(RedisClientConfiguration(port: $0.port))
        }
        var ids: [String] = []
        for admin in admins { ids.append(try await admin.execute(RawCommand("CLUSTER", "MYID")).text ?? "") }
        try await admins[target].execute(RawCommand("CLUSTER", "SETSLOT", slot, "IMPORTING", ids[source]))
        try await admins[source].execute(RawCommand("CLUSTER", "SETSLOT", slot, "MIGRATING", ids[target]))
        while true {
            let keys = try await admins[source].execute(RawCommand("CLUSTER", "GETKEYSINSLOT", slot, 3))
            guard case .array(let keys) = keys, !keys.isEmpty else { break }
            for key in keys {
                try await admins[source].execute(
                    RawCommand("MIGRATE", "127.0.0.1", self.servers[target].port, key.text ?? "", 0, 1_000))
            }
            try await Task.sleep(for: .milliseconds(2))
        }
        for index in [target, source] + admins.indices.filter({ $0 != target && $0 != source }) {
            try await admins[index].execute(RawCommand("CLUSTER", "SETSLOT", slot, "NODE", ids[target]))
        }
    }

    private static func wait(for client: RedisClient, nodes: Int) async throws {
        while true {
            let info = try await client.execute(RawCommand("CLUSTER", "INFO")).text ?? ""
            if info.contains("cluster_state:ok"), info.contains("cluster_known_nodes:\(nodes)") { return }
            try await Task.sleep(for: .milliseconds(10))
        }
    }
}
