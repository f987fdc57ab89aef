// SPDX-License-Identifier: Apache-2.0

import Larder
public import RedisDriver

extension RedisAccess {
    /// Something that a user may do and should not, or the other way round.
    public struct Deviation: Sendable, Hashable, CustomStringConvertible {
        /// The server that says so; empty where there is one only.
        public var server: String
        /// A rule that the user has beyond these, such as `+@admin`, or what was tried, with its arguments.
        public var subject: String
        /// Whether the user may do it.
        public var isAllowed: Bool

        public var description: String {
            "\(self.server.isEmpty ? "" : self.server + ": ")\(self.subject) is \(self.isAllowed ? "allowed" : "denied")"
        }
    }

    /// Where the rights of a user are others than these.
    ///
    /// By `ACL GETUSER` it is told of every rule that is not one of these; by `ACL DRYRUN`, which runs nothing, of every command and kind of
    /// key that is refused, and of keys of others and harmful commands that are not. On a cluster all servers that take writes are
    /// asked, for each has its own users; have their replicas configured alike.
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
                encoder.command("ACL", "GETUSER", user)
                for trial in trials { encoder.command("ACL", ["DRYRUN", user] + trial.command) }
            }
            let name = server.address.map { "\($0)" } ?? ""
            guard case .map(let pairs) = try batch.replies[0].value() else {
                throw RedisError(
                    .invalidConfiguration, "there is no user \(user)" + (name.isEmpty ? "" : " on \(name)"))
            }
            for rule in Self.rules(in: pairs) where !self.isOne(rule) {
                deviations.append(Deviation(server: name, subject: rule, isAllowed: true))
            }
            for (index, trial) in trials.enumerated() {
                // What is denied is told by a text; what the server does not know by an error.
                let isAllowed = (try? batch.replies[index + 1].value().text) == "OK"
                guard isAllowed != trial.isAllowed else { continue }
                deviations.append(
                    Deviation(server: name, subject: trial.command.joined(separator: " "), isAllowed: isAllowed))
            }
        }
        return deviations
    }

    /// What `ACL GETUSER` answers, as rules.
    private static func rules(in pairs: [RedisValue.Pair]) -> [String] {
        pairs.flatMap { pair -> [String] in
            switch pair.key.text {
            case "commands", "keys", "channels":
                return pair.value.text?.split(separator: " ").map(String.init) ?? []
            case "selectors":
                guard case .array(let selectors) = pair.value else { return [] }
                return selectors.map { _ in "another set of rights (a selector)" }
            default: return []
            }
        }
    }

    private func isOne(_ rule: String) -> Bool {
        switch rule.first {
        case "+": self.commands.contains(String(rule.dropFirst()))
        case "~": self.keyPatterns.contains(String(rule.dropFirst()))
        case "&": self.channelPatterns.contains(String(rule.dropFirst()))
        case "-": true
        default: false
        }
    }

    private struct Trial {
        var command: [String]
        var isAllowed: Bool
    }

    private var trials: [Trial] {
        var trials = self.commands.compactMap { command in
            Self.arguments[command].flatMap { arguments in
                arguments.contains("KEY")
                    ? nil : Trial(command: command.split(separator: "|").map(String.init) + arguments, isAllowed: true)
            }
        }
        for key in self.keyPatterns.map(Self.sample) {
            for command in self.commands {
                guard let arguments = Self.arguments[command], arguments.contains("KEY") else { continue }
                let words = command.split(separator: "|").map(String.init)
                trials.append(Trial(command: words + arguments.map { $0 == "KEY" ? key : $0 }, isAllowed: true))
            }
        }
        for channel in self.channelPatterns.map(Self.sample) {
            trials.append(Trial(command: ["publish", channel, "m"], isAllowed: true))
            trials.append(Trial(command: ["subscribe", channel], isAllowed: true))
        }
        for key in self.closedKeys { trials.append(Trial(command: ["get", key], isAllowed: false)) }
        for key in self.closedKeys { trials.append(Trial(command: ["set", key, "v"], isAllowed: false)) }
        trials.append(Trial(command: ["publish", "somebody:else", "m"], isAllowed: false))
        for command in [
            ["scan", "0"], ["keys", "*"], ["randomkey"], ["dbsize"], ["flushall"], ["flushdb"], ["config", "get", "*"],
            ["acl", "list"],
            ["monitor"], ["client", "list"], ["client", "kill", "id", "1"], ["shutdown"], ["debug", "sleep", "0"],
            ["replicaof", "no", "one"], ["script", "flush"], ["save"], ["slowlog", "get"],
        ] where !self.commands.contains(command[0]) { trials.append(Trial(command: command, isAllowed: false)) }
        return trials
    }

    /// Keys that are for none of the patterns: another's in the same namespace among them.
    private var closedKeys: [String] {
        ([
            ":x", ":+session:x", ":+remembered:x", ":+limit:x", ":+lock:x", ":+persist:x", ":@x-tenant@x-user:x",
            ":@!@x-user:x",
        ]
        .map { self.namespace + $0 } + ["{\(self.namespace)}:inv", "somebody:else", "{somebody}:inv"])
        .filter { key in !self.keyPatterns.contains { KeyPattern($0).matches(Array(key.utf8)) } }
    }

    /// A key or a channel that a pattern is for.
    private static func sample(_ pattern: String) -> String {
        pattern.replacing("[^+@]", with: "x").replacing("[^+]", with: "x").replacing("*", with: "x")
    }

    /// What commands are tried with, `KEY` for a key; those that are not here are tried as they are or stand for others.
    private static let arguments: [String: [String]] = [
        "ping": [], "time": [], "info": [], "dbsize": [], "memory|usage": ["KEY"], "scan": ["0"], "asking": [],
        "readonly": [],
        "cluster|slots": [],
        "eval": ["return 1", "1", "KEY"],
        "evalsha": [String(repeating: "0", count: 40), "1", "KEY"], "get": ["KEY"], "getrange": ["KEY", "0", "1"],
        "set": ["KEY", "v"], "setrange": ["KEY", "0", "v"], "exists": ["KEY"], "type": ["KEY"], "pttl": ["KEY"],
        "pexpire": ["KEY", "1"], "del": ["KEY"], "unlink": ["KEY"], "hget": ["KEY", "f"], "hmget": ["KEY", "f"],
        "hset": ["KEY", "f", "v"], "hdel": ["KEY", "f"], "hkeys": ["KEY"], "zadd": ["KEY", "1", "m"],
        "zcount": ["KEY", "0", "1"], "zrange": ["KEY", "0", "1"], "zremrangebyscore": ["KEY", "0", "1"],
        "zscore": ["KEY", "m"],
    ]
}
