// SPDX-License-Identifier: Apache-2.0

public import RedisDriver

extension RedisAccess {
    /// Something that a user may do and should not, or the other way round.
    public struct Deviation: Sendable, Hashable, CustomStringConvertible {
        /// The server that says so; empty where there is one only.
        public var server: String
        /// What was tried, with its arguments.
        public var command: String
        /// Whether the user may do it.
        public var isAllowed: Bool

        public var description: String {
            "\(self.server.isEmpty ? "" : self.server + ": ")\(self.command) is \(self.isAllowed ? "allowed" : "denied")"
        }
    }

    /// Where the rights of a user are others than these, by `ACL DRYRUN`, which runs nothing: all of these commands on all of these keys
    /// are tried, and such as would harm or tell of others. On a cluster all servers are asked, for each has its own users.
    ///
    /// - Parameters:
    ///   - user: The name of the user.
    ///   - client: A client whose own user may use `ACL`.
    /// - Throws: `RedisError`, also for a user that there is not.
    public func deviations(of user: String, on client: RedisClient) async throws(RedisError) -> [Deviation] {
        var deviations: [Deviation] = []
        let trials = self.trials
        for server in try await client.serverIDs() {
            let batch = try await client.send(to: server) { encoder in
                for trial in trials { encoder.command("ACL", ["DRYRUN", user] + trial.command) }
            }
            for (index, trial) in trials.enumerated() {
                // What is denied is no error, but a reply that tells why; what cannot be tried is one.
                let isAllowed = try batch.replies[index].value().text == "OK"
                guard isAllowed != trial.isAllowed else { continue }
                deviations.append(
                    Deviation(
                        server: server.address.map { "\($0)" } ?? "", command: trial.command.joined(separator: " "),
                        isAllowed: isAllowed))
            }
        }
        return deviations
    }

    private struct Trial {
        var command: [String]
        var isAllowed: Bool
    }

    private var trials: [Trial] {
        var trials: [Trial] = []
        func expect(_ isAllowed: Bool, _ command: String...) {
            trials.append(Trial(command: command, isAllowed: isAllowed))
        }
        for key in self.keyPatterns.map(Self.sample) {
            for command in [
                ["GET", key], ["SET", key, "v"], ["EXISTS", key], ["UNLINK", key], ["GETRANGE", key, "0", "1"],
                ["EVALSHA", String(repeating: "0", count: 40), "1", key], ["EVAL", "return 1", "1", key],
                ["HSET", key, "f", "v"], ["HMGET", key, "f"], ["ZRANGE", key, "0", "1"], ["PEXPIRE", key, "1"],
            ] { trials.append(Trial(command: command, isAllowed: true)) }
        }
        for command in [["PING"], ["TIME"], ["INFO", "replication"], ["CLIENT", "TRACKING", "ON"]] {
            trials.append(Trial(command: command, isAllowed: true))
        }
        for channel in self.channelPatterns.map(Self.sample) {
            expect(true, "PUBLISH", channel, "m")
            expect(true, "SUBSCRIBE", channel)
        }
        for key in ["somebody:else", "{somebody}:inv"] + self.closedKeys {
            expect(false, "GET", key)
            expect(false, "SET", key, "v")
            expect(false, "EVAL", "return 1", "1", key)
        }
        expect(false, "PUBLISH", "somebody:else", "m")
        expect(self.commands.contains("scan"), "SCAN", "0")
        for command in [
            ["KEYS", "*"], ["RANDOMKEY"], ["DBSIZE"], ["FLUSHALL"], ["FLUSHDB"], ["CONFIG", "GET", "*"],
            ["ACL", "LIST"],
            ["MONITOR"], ["CLIENT", "LIST"], ["CLIENT", "KILL", "ID", "1"], ["SHUTDOWN"], ["DEBUG", "SLEEP", "0"],
            ["REPLICAOF", "NO", "ONE"], ["SCRIPT", "FLUSH"], ["SAVE"], ["SLOWLOG", "GET"],
        ] { trials.append(Trial(command: command, isAllowed: false)) }
        return trials
    }

    /// Keys beside those that are open: what is no entry, where none of the patterns is for that.
    private var closedKeys: [String] {
        ["session", "remembered", "limit", "lock", "persist"].map { "\(self.namespace):+\($0):x" }.filter { key in
            !self.keyPatterns.contains { $0.hasPrefix(String(key.dropLast())) }
        }
    }

    /// A key or a channel that a pattern is for.
    private static func sample(_ pattern: String) -> String {
        pattern.replacing("[^+@]", with: "x").replacing("[^+]", with: "x").replacing("*", with: "x")
    }
}
