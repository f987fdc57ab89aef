// SPDX-License-Identifier: Apache-2.0

/// What is to be said of a server that keeps a cache, or sessions. What is not known of it is not said.
package enum Diagnosis {
    package typealias Rule = @Sendable (ServerFacts) -> ServerFinding?

    /// The problems first.
    package static func findings(of facts: ServerFacts) -> [ServerFinding] {
        let all = (Self.server + Self.memory + Self.durability + Self.clients + Self.access).compactMap { $0(facts) }
        return all.filter { $0.weight == .problem } + all.filter { $0.weight == .advice }
    }

    /// What it is, and how it is used.
    private static let server: [Rule] = [
        { facts in
            guard let version = facts.info["redis_version"], let major = Int(version.prefix { $0 != "." }), major < 7
            else { return nil }
            return ServerFinding(
                "version", .problem,
                "The server is \(facts.version); the scripts and ACL rules of Larder need Redis 7 or any Valkey.",
                remedy: "Upgrade the server.")
        },
        { facts in
            guard facts.info["role"] == "slave" else { return nil }
            return ServerFinding(
                "replica", .problem, "The server is a replica: it refuses what a cache writes.",
                remedy:
                    "Ask its primary (\(facts.info["master_host"] ?? "?"):\(facts.info["master_port"] ?? "?")), by sentinels so that it is found after a failover."
            )
        },
        { facts in
            guard facts.info["role"] == "slave", facts.info["master_link_status"] == "down" else { return nil }
            return ServerFinding(
                "replication", .problem, "The replica has lost its primary, and gets older.",
                remedy: "See why in the server's log; check masterauth and masteruser.")
        },
        { facts in
            // What a near-cache answers does not get to the server.
            guard let ratio = facts.hitRatio, ratio < 0.8, facts.lookups >= 10_000,
                facts.number("tracking_clients") ?? 0 == 0
            else { return nil }
            return ServerFinding(
                "hit-ratio", .advice,
                "\(Self.percent(ratio)) of \(facts.lookups) lookups since the server's counts began found something; under 80 % a cache helps little. \(facts.number("evicted_keys") ?? 0) keys were evicted.",
                remedy:
                    "With evictions raise maxmemory; without, lifetimes are short for how often values are asked for, or keys hold what differs for each caller."
            )
        },
        { facts in
            guard let calls = facts.calls("keys"), calls > 0 else { return nil }
            return ServerFinding(
                "keys", .advice, "KEYS was called \(calls) times: it holds up everybody until it has seen all keys.",
                remedy: "Use SCAN, and ACL SETUSER <user> -keys.")
        },
        { facts in
            guard facts.settings["notify-keyspace-events"]?.isEmpty == false else { return nil }
            return ServerFinding(
                "keyspace-events", .advice, "Each change of a key is published, which Larder has no use for.",
                remedy: "CONFIG SET notify-keyspace-events '', unless something else listens.")
        },
        { facts in
            guard let slow = facts.setting("slowlog-log-slower-than"), let length = facts.setting("slowlog-max-len"),
                slow < 0 || length == 0
            else { return nil }
            return ServerFinding(
                "slowlog", .advice, "Slow commands are not recorded.",
                remedy: "CONFIG SET slowlog-log-slower-than 10000, and slowlog-max-len 128.")
        },
    ]

    static func percent(_ share: Double) -> String { "\(Int((share * 100).rounded())) %" }

    /// As settings take it: `768mb`.
    static func size(_ bytes: Int) -> String { bytes >= 10 << 30 ? "\(bytes >> 30)gb" : "\(max(bytes >> 20, 1))mb" }
}

extension ServerFacts {
    var lookups: Int { (self.number("keyspace_hits") ?? 0) + (self.number("keyspace_misses") ?? 0) }

    /// How often a command was called.
    func calls(_ command: String) -> Int? {
        self.info["cmdstat_\(command)"]?.split(separator: ",").first { $0.hasPrefix("calls=") }
            .flatMap { Int($0.dropFirst(6)) }
    }
}
