// SPDX-License-Identifier: Apache-2.0

import LarderRedis
import Testing

@Suite struct DiagnosisTests {
    /// A server that keeps a cache, as it should be.
    private static var good: ServerFacts {
        ServerFacts(
            info: [
                "redis_version": "7.2.4", "role": "master", "total_system_memory": "\(8 << 30)",
                "used_memory": "\(4 << 30)", "connected_clients": "20", "rejected_connections": "0",
                "keyspace_hits": "90000", "keyspace_misses": "10000", "evicted_keys": "5000",
                "mem_fragmentation_ratio": "1.10", "mem_fragmentation_bytes": "\(400 << 20)",
                "latest_fork_usec": "900", "tracking_total_keys": "1000", "rdb_last_bgsave_status": "ok",
                "aof_last_write_status": "ok", "db0": "keys=2,expires=1,avg_ttl=1000",
                "cmdstat_get": "calls=5,usec=20,usec_per_call=4.00",
            ],
            settings: [
                "maxmemory": "\(6 << 30)", "maxmemory-policy": "allkeys-lru", "save": "", "appendonly": "no",
                "appendfsync": "everysec", "maxclients": "10000", "tracking-table-max-keys": "1000000",
                "client-output-buffer-limit": "normal 268435456 134217728 60 slave 0 0 0 pubsub 33554432 8388608 60",
                "timeout": "0", "notify-keyspace-events": "", "slowlog-log-slower-than": "10000",
                "slowlog-max-len": "128", "protected-mode": "yes", "stop-writes-on-bgsave-error": "yes",
            ],
            census: KeyCensus(
                total: 2,
                samples: [
                    .init(key: "shop:product:i.1", type: "string", size: 500, caches: ["shop"]),
                    .init(key: "{shop}:inv", type: "zset", size: 200, caches: ["shop"]),
                ]),
            users: [
                "default": .init(commands: "+@all"), "shop": .init(commands: "-@all +get", connections: 3),
            ])
    }

    /// One that keeps sessions.
    private static var sessions: ServerFacts {
        var facts = Self.good
        facts.settings["maxmemory-policy"] = "noeviction"
        facts.settings["appendonly"] = "yes"
        facts.census.samples = [.init(key: "shop:+session:x", type: "hash", size: 300, caches: ["shop"])]
        return facts
    }

    @Test func nothingIsSaidOfAGoodServer() {
        #expect(Diagnosis.findings(of: Self.good) == [])
        #expect(Diagnosis.findings(of: Self.sessions) == [])
    }

    /// What is not known is not guessed.
    @Test func nothingIsSaidOfAServerThatSaysNothing() {
        #expect(Diagnosis.findings(of: ServerFacts(unanswered: ["INFO", "CONFIG GET"])) == [])
    }

    /// A mistake, and the name under which it is found.
    struct Plant: Sendable, CustomTestStringConvertible {
        var name: String
        var isOfSessions = false
        var change: @Sendable (inout ServerFacts) -> Void

        init(_ name: String, ofSessions: Bool = false, _ change: @escaping @Sendable (inout ServerFacts) -> Void) {
            self.name = name
            self.isOfSessions = ofSessions
            self.change = change
        }

        var testDescription: String { self.name }
    }

    static let plants: [Plant] = [
        Plant("version") { $0.info["redis_version"] = "6.2.14" },
        Plant("replica") { $0.info["role"] = "slave" },
        Plant("hit-ratio") { $0.info["keyspace_misses"] = "90000" },
        Plant("keys") { $0.info["cmdstat_keys"] = "calls=3,usec=900,usec_per_call=300.00" },
        Plant("keyspace-events") { $0.settings["notify-keyspace-events"] = "AKE" },
        Plant("slowlog") { $0.settings["slowlog-log-slower-than"] = "-1" },
        Plant("slowlog") { $0.settings["slowlog-max-len"] = "0" },
        Plant("maxmemory") { $0.settings["maxmemory"] = "0" },
        Plant("maxmemory-large") { $0.settings["maxmemory"] = "\(8 << 30)" },
        Plant("noeviction") { $0.settings["maxmemory-policy"] = "noeviction" },
        Plant("sessions", ofSessions: true) { $0.settings["maxmemory-policy"] = "allkeys-lru" },
        Plant("mixed", ofSessions: true) {
            $0.census.samples.append(.init(key: "shop:product:i.1", type: "string", size: 500, caches: ["shop"]))
        },
        Plant("queue") { $0.census.samples.append(.init(key: "celery", type: "list", size: 500, caches: ["shop"])) },
        Plant("queue", ofSessions: true) {
            $0.census.samples.append(.init(key: "jobs", type: "stream", size: 500, caches: ["shop"]))
        },
        Plant("random-eviction") { $0.settings["maxmemory-policy"] = "allkeys-random" },
        Plant("full", ofSessions: true) { $0.info["used_memory"] = "\(6 << 30)" },
        Plant("fragmentation") { $0.info["mem_fragmentation_ratio"] = "1.80" },
        Plant("large") {
            $0.census.samples.append(.init(key: "shop:page:s.home", type: "string", size: 2 << 20, caches: ["shop"]))
        },
        Plant("fsync", ofSessions: true) { $0.settings["appendfsync"] = "always" },
        Plant("snapshot", ofSessions: true) {
            $0.settings["save"] = "3600 1"
            $0.info["rdb_last_bgsave_status"] = "err"
        },
        Plant("append", ofSessions: true) { $0.info["aof_last_write_status"] = "err" },
        Plant("save") { $0.settings["save"] = "3600 1 300 100" },
        Plant("volatile-sessions", ofSessions: true) { $0.settings["appendonly"] = "no" },
        Plant("fork") { $0.info["latest_fork_usec"] = "350000" },
        Plant("maxclients") { $0.settings["maxclients"] = "24" },
        Plant("rejected") { $0.info["rejected_connections"] = "7" },
        Plant("tracking") { $0.info["tracking_total_keys"] = "950000" },
        Plant("output-unlimited") { $0.settings["client-output-buffer-limit"] = "normal 0 0 0 slave 0 0 0" },
        Plant("output-limit") { $0.settings["client-output-buffer-limit"] = "normal 268435456 1048576 1" },
        Plant("output-limit") { $0.settings["client-output-buffer-limit"] = "slave 0 0 0 normal 1048576 0 0" },
        Plant("timeout") { $0.settings["timeout"] = "30" },
        Plant("open") {
            $0.users["default"]?.needsPassword = false
            $0.settings["protected-mode"] = "no"
        },
        Plant("rights") { $0.users["shop"]?.commands = "+@all" },
        Plant("plain") { $0.isReadableOnTheWay = true },
    ]

    /// Each is found, and nothing else is.
    @Test(arguments: Self.plants) func eachMistakeIsNamed(_ plant: Plant) {
        var facts = plant.isOfSessions ? Self.sessions : Self.good
        plant.change(&facts)
        let findings = Diagnosis.findings(of: facts)
        #expect(findings.map(\.name) == [plant.name])
        #expect(findings.allSatisfy { !$0.text.isEmpty && !$0.remedy.isEmpty })
    }

    @Test func aReplicaThatLostItsPrimaryIsNamedToo() {
        var facts = Self.good
        facts.info["role"] = "slave"
        facts.info["master_link_status"] = "down"
        #expect(Diagnosis.findings(of: facts).map(\.name) == ["replica", "replication"])
    }

    /// What is not known to be caches alone may be something that has to be kept.
    @Test func aRemedyThatLosesDataSaysWhereItMay() {
        var facts = Self.good
        facts.settings["maxmemory-policy"] = "noeviction"
        #expect(Diagnosis.findings(of: facts).first?.remedy == "CONFIG SET maxmemory-policy allkeys-lru")
        for change in [
            { $0.census.total = 5_000 },
            { $0.info["db1"] = "keys=3,expires=0,avg_ttl=0" },
            { $0.census.samples.append(.init(key: "user:1", type: "string", size: 50, caches: ["shop"])) },
        ] as [@Sendable (inout ServerFacts) -> Void] {
            var facts = facts
            change(&facts)
            #expect(
                Diagnosis.findings(of: facts).first?.remedy.hasPrefix("Where nothing on the server has to be kept")
                    == true)
        }
    }

    @Test func noNumberIsGivenThatTheMachineDoesNotSay() {
        var facts = Self.good
        facts.settings["maxmemory"] = "0"
        #expect(Diagnosis.findings(of: facts).first?.remedy.hasPrefix("CONFIG SET maxmemory 6144mb, or less") == true)
        facts.info["used_memory"] = "\(7 << 30)"
        #expect(Diagnosis.findings(of: facts).first?.remedy.contains("three quarters") == true)
        facts.info["total_system_memory"] = nil
        #expect(Diagnosis.findings(of: facts).first?.remedy.contains("three quarters") == true)
    }

    @Test func whoMayNotDoEverythingIsNotSaidTo() {
        var facts = Self.good
        facts.users["shop"] = .init(commands: "+@all -@dangerous", connections: 3)
        #expect(Diagnosis.findings(of: facts) == [])
        facts.users["shop"] = .init(commands: "+@all", keys: "~shop:*", connections: 3)
        #expect(Diagnosis.findings(of: facts) == [])
    }

    /// A near-cache answers most before the server is asked.
    @Test func aNearCacheLeavesTheServerTheMisses() {
        var facts = Self.good
        facts.info["keyspace_misses"] = "90000"
        facts.info["tracking_clients"] = "4"
        #expect(Diagnosis.findings(of: facts) == [])
    }

    @Test func sessionsMayEndBeforeTheirTimeWhereNothingElseCan() {
        var facts = Self.sessions
        facts.settings["maxmemory-policy"] = "volatile-ttl"
        #expect(Diagnosis.findings(of: facts) == [])
    }

    @Test func problemsComeFirst() {
        var facts = Self.good
        for plant in Self.plants { plant.change(&facts) }
        let weights = Diagnosis.findings(of: facts).map(\.weight)
        #expect(weights.contains(.advice))
        #expect(weights.firstIndex(of: .advice) == weights.count { $0 == .problem })
    }

    @Test func keysAreToldApart() {
        func kind(_ key: String, _ type: String) -> KeyCensus.Kind {
            KeyCensus.Sample(key: key, type: type, size: nil, caches: ["shop"]).kind
        }
        #expect(kind("shop:product:i.42", "string") == .entry)
        #expect(kind("{shop}:inv", "zset") == .log)
        #expect(kind("shop:+session:x", "hash") == .session)
        #expect(kind("shop:+remembered:x", "hash") == .session)
        #expect(kind("shop:+limit:x", "string") == .aid)
        #expect(kind("celery", "list") == .queue)
        // Others write keys with colons too.
        #expect(kind("user:1", "string") == .other)
        #expect(kind("{a}:inv", "string") == .other)
        #expect(kind("visits", "string") == .other)
    }

    @Test func aCensusIsTakenFromASample() {
        let census = KeyCensus(
            total: 1_000,
            samples: (0..<10).map { index in
                .init(
                    key: index < 7 ? "shop:a:i.\(index)" : "shop:+limit:\(index)", type: "string", size: index,
                    caches: ["shop"])
            })
        #expect(census.count(of: .entry) == 700)
        #expect(census.count(of: .aid) == 300)
        #expect(census.count(of: .queue) == 0)
        #expect(census.largest(2).map(\.size) == [9, 8])
    }

    @Test func activityIsWhatCameBetweenTwoLooks() {
        var before = Self.good
        before.info["run_id"] = "a"
        var after = before
        after.info["keyspace_hits"] = "90300"
        after.info["keyspace_misses"] = "10100"
        after.info["cmdstat_get"] = "calls=405,usec=4020,usec_per_call=9.93"
        let activity = ServerActivity(from: before, to: after, over: .seconds(2))
        #expect(activity.hitsPerSecond == 150)
        #expect(activity.hitRatio == 0.75)
        let get = activity.commands.first
        #expect(activity.commands.count == 1 && get?.name == "get" && get?.callsPerSecond == 200)
        #expect(get?.meanDuration == .microseconds(10) && get?.share == 0.002)
        // One that has started anew counts from zero.
        after.info["run_id"] = "b"
        #expect(ServerActivity(from: before, to: after, over: .seconds(1)).hitsPerSecond == 90_300)
        let nothing = ServerActivity(from: before, to: before, over: .zero)
        #expect(nothing.hitRatio == nil && nothing.commands.isEmpty)
    }
}
