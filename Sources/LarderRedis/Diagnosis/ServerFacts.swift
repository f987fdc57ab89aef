// SPDX-License-Identifier: Apache-2.0

/// What is known of a server, as it says itself; what it does not say is not in it.
package struct ServerFacts: Sendable {
    /// A user of the server, and how many connections it has.
    package struct User: Sendable, Equatable {
        /// The rules of its commands: `+@all`, `-@all +get`.
        package var commands: String
        package var isOn: Bool
        package var needsPassword: Bool
        package var connections: Int

        package init(commands: String, isOn: Bool = true, needsPassword: Bool = true, connections: Int = 0) {
            self.commands = commands
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
