// SPDX-License-Identifier: Apache-2.0

extension Diagnosis {
    /// How much memory it takes, and what goes when there is no more.
    static let memory: [Rule] = [
        { facts in
            guard facts.maximumMemory == 0 else { return nil }
            return ServerFinding(
                "maxmemory", .problem,
                "maxmemory is not set: the server takes memory until the machine has none, and is killed or swaps.",
                remedy: "CONFIG SET maxmemory \(facts.room); and the same in its file.")
        },
        { facts in
            guard let maximum = facts.maximumMemory, maximum > 0, let all = facts.number("total_system_memory"),
                all > 0, Double(maximum) > 0.9 * Double(all)
            else { return nil }
            return ServerFinding(
                "maxmemory-large", .problem,
                "maxmemory is \(Self.size(maximum)) of the machine's \(Self.size(all)): buffers, and the copy for a snapshot, have no room.",
                remedy: "CONFIG SET maxmemory \(facts.room).")
        },
        { facts in
            guard facts.evicts == false, facts.census.has(.entry), !facts.census.has(.session) else { return nil }
            return ServerFinding(
                "noeviction", .problem,
                "maxmemory-policy is noeviction: once the memory is full, nothing new gets into the cache.",
                remedy: facts.holdsCachesAlone
                    ? "CONFIG SET maxmemory-policy allkeys-lru"
                    : "Where nothing on the server has to be kept: CONFIG SET maxmemory-policy allkeys-lru. Else give the cache a server of its own."
            )
        },
        { facts in
            guard facts.evicts == true, facts.census.has(.session), facts.maximumMemory != 0,
                // Where all that has a time is sessions, those go that would soon end.
                facts.policy != "volatile-ttl" || facts.census.has(.entry)
            else { return nil }
            return ServerFinding(
                "sessions", .problem,
                "Sessions are on a server that evicts (\(facts.policy ?? "")): users are logged out when memory runs short.",
                remedy: facts.census.has(.entry)
                    ? "Give sessions a server of their own, with maxmemory-policy noeviction."
                    : "CONFIG SET maxmemory-policy noeviction")
        },
        { facts in
            guard facts.evicts == false, facts.census.has(.session), facts.census.has(.entry) else { return nil }
            return ServerFinding(
                "mixed", .advice,
                "Sessions and entries are on one server that does not evict: when entries have filled it, nobody can log in.",
                remedy: "Give sessions a server of their own, and this one maxmemory-policy allkeys-lru.")
        },
        { facts in
            guard facts.census.has(.queue), facts.census.has(.entry) || facts.census.has(.session) else { return nil }
            let isLossy = facts.policy?.hasPrefix("allkeys-") == true
            return ServerFinding(
                "queue", isLossy ? .problem : .advice,
                "Lists or streams are in a database of Larder: "
                    + (isLossy
                        ? "what waits there is evicted like a cached value."
                        : "they take each other's memory."),
                remedy: "Give the queue a server of its own.")
        },
        { facts in
            guard let policy = facts.policy, policy.hasSuffix("-random"), facts.maximumMemory != 0 else { return nil }
            return ServerFinding(
                "random-eviction", .advice, "What is evicted is left to chance: values in use go as soon as others.",
                remedy: "CONFIG SET maxmemory-policy \(policy.prefix { $0 != "-" })-lru")
        },
        { facts in
            guard let maximum = facts.maximumMemory, maximum > 0, facts.evicts == false,
                let used = facts.number("used_memory"), Double(used) > 0.9 * Double(maximum)
            else { return nil }
            return ServerFinding(
                "full", .problem,
                "\(Self.size(used)) of \(Self.size(maximum)) are used, and nothing is evicted: writes are about to fail.",
                remedy: "CONFIG SET maxmemory to more, or see with `larder stats` what takes it.")
        },
        { facts in
            guard let ratio = facts.info["mem_fragmentation_ratio"].flatMap({ Double($0) }), ratio > 1.5,
                let lost = facts.number("mem_fragmentation_bytes"), lost > 256 << 20
            else { return nil }
            return ServerFinding(
                "fragmentation", .advice, "\(Self.size(lost)) of memory are lost between what is used.",
                remedy: "CONFIG SET activedefrag yes, where the server was built with jemalloc.")
        },
        { facts in
            let transferred = facts.census.samples.filter { [.entry, .session].contains($0.kind) }
            guard let large = KeyCensus(samples: transferred).largest(1).first, let size = large.size, size > 1 << 20
            else { return nil }
            return ServerFinding(
                "large", .advice,
                "\(large.key) takes \(Self.size(size)): each transfer holds up what waits behind it on its connection.",
                remedy: "Compress it, or cache parts of it.")
        },
    ]
}

extension ServerFacts {
    /// In bytes; 0 for no limit.
    var maximumMemory: Int? { self.setting("maxmemory") ?? self.number("maxmemory") }

    /// What to give it, as a setting; in words where the machine does not say, or what is used already takes more.
    fileprivate var room: String {
        let room = (self.number("total_system_memory") ?? 0) / 4 * 3
        return room > max(self.number("used_memory") ?? 0, 1 << 20)
            ? "\(Diagnosis.size(room)), or less where a container or others on the machine leave less"
            : "to three quarters of what the machine, or its container, may use"
    }

    var policy: String? { self.settings["maxmemory-policy"] ?? self.info["maxmemory_policy"] }

    var evicts: Bool? { self.policy.map { $0 != "noeviction" } }
}
