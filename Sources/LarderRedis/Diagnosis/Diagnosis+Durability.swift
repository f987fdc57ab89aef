// SPDX-License-Identifier: Apache-2.0

extension Diagnosis {
    /// What it writes to disk.
    static let durability: [Rule] = [
        { facts in
            guard facts.appends == true, facts.settings["appendfsync"] == "always" else { return nil }
            return ServerFinding(
                "fsync", .problem, "Each write waits for the disk (appendfsync always).",
                remedy: "CONFIG SET appendfsync everysec")
        },
        { facts in
            let hasFailed = facts.info["rdb_last_bgsave_status"] == "err"
            guard hasFailed, facts.snapshots == true, facts.settings["stop-writes-on-bgsave-error"] == "yes" else {
                return nil
            }
            return ServerFinding(
                "snapshot", .problem, "The last snapshot failed, and the server refuses writes until one succeeds.",
                remedy:
                    "Make room on the disk, or allow the copy by vm.overcommit_memory = 1; for a cache alone CONFIG SET save ''."
            )
        },
        { facts in
            guard facts.appends == true, facts.info["aof_last_write_status"] == "err" else { return nil }
            return ServerFinding(
                "append", .problem, "The last write to the append-only file failed: the server refuses writes.",
                remedy: "Make room on the disk.")
        },
        { facts in
            guard facts.snapshots == true, facts.census.has(.entry), !facts.census.has(.session) else { return nil }
            return ServerFinding(
                "save", .advice,
                "Snapshots are written of what is a cache: each is a copy of the process, and keeps what is old for a restart.",
                remedy: (facts.holdsCachesAlone ? "" : "Where nothing on the server has to be kept: ")
                    + "CONFIG SET save ''")
        },
        { facts in
            guard facts.snapshots == false, facts.appends == false, facts.census.has(.session) else { return nil }
            return ServerFinding(
                "volatile-sessions", .advice, "Nothing is written to disk: a restart logs everybody out.",
                remedy: "CONFIG SET appendonly yes")
        },
        { facts in
            guard let time = facts.number("latest_fork_usec"), time > 200_000 else { return nil }
            return ServerFinding(
                "fork", .advice, "The last fork held everybody up for \(time / 1_000) ms.",
                remedy: "Turn transparent huge pages off, snapshot at a replica, or divide the data over more servers.")
        },
    ]
}

extension ServerFacts {
    var snapshots: Bool? { self.settings["save"].map { !$0.isEmpty } }
    var appends: Bool? { self.settings["appendonly"].map { $0 == "yes" } }
}
