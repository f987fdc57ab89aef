// SPDX-License-Identifier: Apache-2.0

#if CLI
import Larder
import LarderRedis

/// What is told of a server; memory in bytes, times in seconds.
struct ServerReport: Encodable {
    struct Key: Encodable {
        var key: String
        var bytes: Int
    }

    var server: String
    var version: String
    var role: String?
    var uptime: Int?
    var memory: Int?
    var maximumMemory: Int?
    var policy: String?
    var clients: Int?
    var commandsPerSecond: Int?
    var hitRatio: Double?
    var evicted: Int?
    var expired: Int?
    /// Keys that the server watches for near-caches.
    var tracked: Int?
    var keys: Int?
    /// About how many of them there are of each kind, by a sample.
    var kinds: [String: Int]
    /// The largest of the sample.
    var largest: [Key]
    /// What the server was asked and did not tell.
    var unanswered: [String]

    init(_ facts: ServerFacts) {
        self.server = facts.name
        self.version = facts.version
        self.role = facts.info["role"]
        self.uptime = facts.number("uptime_in_seconds")
        self.memory = facts.number("used_memory")
        self.maximumMemory = facts.number("maxmemory")
        self.policy = facts.info["maxmemory_policy"]
        self.clients = facts.number("connected_clients")
        self.commandsPerSecond = facts.number("instantaneous_ops_per_sec")
        self.hitRatio = facts.hitRatio
        self.evicted = facts.number("evicted_keys")
        self.expired = facts.number("expired_keys")
        self.tracked = facts.number("tracking_total_keys")
        self.keys = facts.unanswered.contains("DBSIZE") ? nil : facts.census.total
        self.unanswered = facts.unanswered
        self.kinds = [:]
        for kind in KeyCensus.Kind.allCases where facts.census.has(kind) {
            self.kinds[kind.rawValue] = facts.census.count(of: kind)
        }
        self.largest = facts.census.largest(5).compactMap { sample in
            sample.size.map { Key(key: sample.key, bytes: $0) }
        }
    }

    var lines: [String] {
        var rows: [[String]] = []
        func row(_ name: String, _ value: String?) { if let value { rows.append([name, value]) } }
        row("server", [self.server, self.version, self.role ?? ""].filter { !$0.isEmpty }.joined(separator: ", "))
        row("up for", self.uptime.map { Quantity.time(.seconds($0)) })
        row(
            "memory",
            self.memory.map { used in
                let maximum =
                    self.maximumMemory.map { $0 > 0 ? " of " + Quantity.bytes($0) : ", without limit" } ?? ""
                return Quantity.bytes(used) + maximum + (self.policy.map { ", \($0)" } ?? "")
            })
        row("clients", self.clients.map { "\($0)" })
        row("commands", self.commandsPerSecond.map { "\($0)/s" })
        row("hit ratio", self.hitRatio.map(Quantity.percent))
        row("evicted", self.evicted.map { "\($0)" })
        row("expired", self.expired.map { "\($0)" })
        row("tracked", self.tracked.map { "\($0)" })
        row("keys", self.keys.map { "\($0)" })
        for (kind, count) in self.kinds.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
            row("  " + kind, "\(count)")
        }
        for (index, key) in self.largest.enumerated() {
            row(index == 0 ? "largest" : "", "\(Quantity.bytes(key.bytes))  \(key.key.printable)")
        }
        row("not told", self.unanswered.isEmpty ? nil : self.unanswered.joined(separator: ", "))
        return TextTable(head: ["", ""], numbers: 0..<0, rows: rows).lines.dropFirst().map { $0 }
    }
}
#endif
