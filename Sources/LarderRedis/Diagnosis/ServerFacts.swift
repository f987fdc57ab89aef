// SPDX-License-Identifier: Apache-2.0

/// What is known of a server, as it says itself; what it does not say is not in it.
package struct ServerFacts: Sendable {
    /// A user of the server, and how many connections it has.
    package struct User: Sendable, Equatable {
        /// The rules of its commands: `+@all`, `-@all +get`.
        package var commands: String
        /// The patterns of its keys: `~*`.
        package var keys: String
        package var isOn: Bool
        package var needsPassword: Bool
        package var connections: Int

        /// Whether nothing is refused to it.
        var mayDoEverything: Bool { self.isOn && self.commands == "+@all" && self.keys == "~*" }

        package init(
            commands: String, keys: String = "~*", isOn: Bool = true, needsPassword: Bool = true, connections: Int = 0
        ) {
            self.commands = commands
            self.keys = keys
            self.isOn = isOn
            self.needsPassword = needsPassword
            self.connections = connections
        }
    }

    /// Its address within a cluster; empty for the only one.
    package var name: String
    /// What `INFO` tells.
    package var info: [String: String]
    /// What `CONFIG GET` tells.
    package var settings: [String: String]
    /// What stands under its keys.
    package var census: KeyCensus
    /// Its users that have connections besides the one that asks, and `default`.
    package var users: [String: User]
    /// Which questions it did not answer: `CONFIG GET`.
    package var unanswered: [String]
    /// Whether what is sent to it can be read on the way.
    package var isReadableOnTheWay: Bool

    package init(
        name: String = "", info: [String: String] = [:], settings: [String: String] = [:],
        census: KeyCensus = KeyCensus(), users: [String: User] = [:], unanswered: [String] = [],
        isReadableOnTheWay: Bool = false
    ) {
        self.name = name
        self.info = info
        self.settings = settings
        self.census = census
        self.users = users
        self.unanswered = unanswered
        self.isReadableOnTheWay = isReadableOnTheWay
    }

    /// A number that `INFO` tells.
    package func number(_ name: String) -> Int? { self.info[name].flatMap { Int($0) } }

    /// A number among the settings.
    package func setting(_ name: String) -> Int? { self.settings[name].flatMap { Int($0) } }

    /// Whether all that is on the server is of caches, as far as all of it was looked at: the other databases count too.
    var holdsCachesAlone: Bool {
        let databases = self.info.keys.count { $0.hasPrefix("db") && Int($0.dropFirst(2)) != nil }
        return databases <= 1 && self.census.isComplete
            && self.census.samples.allSatisfy { [.entry, .log, .aid].contains($0.kind) }
    }

    /// How many of the lookups found something, from 0 to 1; nil where there were none.
    package var hitRatio: Double? {
        guard let hits = self.number("keyspace_hits"), let misses = self.number("keyspace_misses"), hits + misses > 0
        else { return nil }
        return Double(hits) / Double(hits + misses)
    }

    /// `Valkey 8.1.0`.
    package var version: String {
        if let version = self.info["valkey_version"] { return "Valkey \(version)" }
        return "Redis \(self.info["redis_version"] ?? "?")"
    }
}
