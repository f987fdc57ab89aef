// SPDX-License-Identifier: Apache-2.0

import Larder
import NIOCore
package import RedisDriver

extension ServerFacts {
    /// The most keys that are looked at on each server, and pages of them: where many were removed, pages are empty.
    private static let sampleSize = 1_000
    private static let maximumPages = 100
    /// The most users that are asked about.
    private static let maximumUsers = 20
    /// The most names that are tried for a cache.
    private static let maximumCaches = 50
    /// No others: some are passwords.
    private static let settingNames = [
        "maxmemory", "maxmemory-policy", "maxmemory-clients", "save", "appendonly", "appendfsync", "maxclients",
        "tracking-table-max-keys", "client-output-buffer-limit", "timeout", "notify-keyspace-events",
        "slowlog-log-slower-than", "slowlog-max-len", "protected-mode", "stop-writes-on-bgsave-error",
    ]

    /// Asks each server of a client about itself. Takes no longer than some commands that each take a moment.
    ///
    /// - Throws: When a server cannot be asked at all; what it refuses to tell is in ``unanswered``.
    package static func asking(_ client: RedisClient) async throws(RedisError) -> [ServerFacts] {
        var all: [ServerFacts] = []
        for server in try await client.serverIDs() {
            all.append(try await ServerFacts(of: server, on: client))
        }
        return all
    }

    /// Asks each server of a client only how much it has done, and how many keys it has.
    package static func counts(_ client: RedisClient) async throws(RedisError) -> [ServerFacts] {
        var all: [ServerFacts] = []
        for server in try await client.serverIDs() {
            var facts = ServerFacts(name: server.address.map { "\($0)" } ?? "")
            let batch = try await client.send(to: server) { encoder in
                encoder.command("INFO", "everything")
                encoder.command("DBSIZE")
            }
            facts.info = facts.answer(batch, 0, "INFO") { try? INFO.response(from: $0) } ?? [:]
            facts.census.total = facts.answer(batch, 1, "DBSIZE") { $0.integer.map(Int.init) } ?? 0
            all.append(facts)
        }
        return all
    }

    private init(of server: RedisServerID, on client: RedisClient) async throws(RedisError) {
        self.init(name: server.address.map { "\($0)" } ?? "")
        let batch = try await client.send(to: server) { encoder in
            encoder.command("INFO", "everything")
            encoder.command("CONFIG", ["GET"] + Self.settingNames)
            encoder.command("DBSIZE")
            encoder.command("CLIENT", "ID")
            encoder.command("CLIENT", "LIST")
        }
        self.info = self.answer(batch, 0, "INFO") { try? INFO.response(from: $0) } ?? [:]
        self.settings = self.answer(batch, 1, "CONFIG GET") { [String: String](redisValue: $0) } ?? [:]
        let total = self.answer(batch, 2, "DBSIZE") { $0.integer } ?? 0
        let own = self.answer(batch, 3, "CLIENT ID") { $0.integer }
        let clients = Connection.all(in: self.answer(batch, 4, "CLIENT LIST") { $0.text } ?? "")
        self.census = KeyCensus(total: Int(total), samples: try await self.sample(server, on: client))
        var connections = ["default": 0]
        for connection in clients where connection.id != own && !connection.isOfAServer {
            connections[connection.user, default: 0] += 1
        }
        try await self.askAboutUsers(connections, server, on: client)
        self.isReadableOnTheWay =
            !client.isEncrypted && clients.contains { $0.id == own && !$0.isFromTheSameMachine }
    }

    /// What a reply says; notes that there is none.
    private mutating func answer<Answer>(
        _ batch: RedisClient.Batch, _ index: Int, _ question: String, _ read: (RedisValue) -> Answer?
    ) -> Answer? {
        guard let value = try? batch.replies[index].value(), let answer = read(value) else {
            if !self.unanswered.contains(question) { self.unanswered.append(question) }
            return nil
        }
        return answer
    }

    /// A line of `CLIENT LIST`.
    private struct Connection {
        var id: Int64
        var user: String
        var address: Substring
        /// A replica or a primary.
        var isOfAServer: Bool

        var isFromTheSameMachine: Bool {
            // A path is that of a Unix domain socket.
            ["127.", "[::1]", "/"].contains { self.address.hasPrefix($0) }
        }

        static func all(in list: String) -> [Connection] {
            list.split(whereSeparator: \.isNewline).compactMap { line in
                var fields: [Substring: Substring] = [:]
                for field in line.split(separator: " ") {
                    let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                    if parts.count == 2 { fields[parts[0]] = parts[1] }
                }
                guard let id = fields["id"].flatMap({ Int64($0) }) else { return nil }
                return Connection(
                    id: id, user: String(fields["user"] ?? "default"), address: fields["addr"] ?? "",
                    isOfAServer: fields["flags"].map { $0.contains("S") || $0.contains("M") } ?? false)
            }
        }
    }

    private mutating func askAboutUsers(
        _ connections: [String: Int], _ server: RedisServerID, on client: RedisClient
    ) async throws(RedisError) {
        // A replica's own has a name that is none.
        let names = connections.keys.filter { $0 != "(superuser)" }.sorted().prefix(Self.maximumUsers)
        let batch = try await client.send(to: server) { encoder in
            for name in names { encoder.command("ACL", "GETUSER", name) }
        }
        for (index, name) in names.enumerated() {
            self.users[name] = self.answer(batch, index, "ACL GETUSER") { User($0, connections[name] ?? 0) }
        }
    }

    /// Pages of keys, with what each is and takes: those of a hash table come in no order of theirs.
    private mutating func sample(
        _ server: RedisServerID, on client: RedisClient
    ) async throws(RedisError) -> [KeyCensus.Sample] {
        var keys: [RedisKey] = []
        var cursor = "0"
        for _ in 0..<Self.maximumPages {
            let batch = try await client.send(to: server) { $0.command("SCAN", cursor, "COUNT", 250) }
            guard let page = self.answer(batch, 0, "SCAN", { try? SCAN.response(from: $0) }) else { return [] }
            keys += page.elements
            cursor = page.cursor
            if cursor == "0" || keys.count >= Self.sampleSize { break }
        }
        let found = keys.prefix(Self.sampleSize)
        guard !found.isEmpty else { return [] }
        let batch = try await client.send(to: server) { encoder in
            for key in found {
                encoder.command("TYPE", key)
                encoder.command("MEMORY", "USAGE", key)
            }
        }
        let caches = try await Self.caches(among: found.map { String(buffer: $0.bytes) }, on: client)
        var samples: [KeyCensus.Sample] = []
        for (index, key) in found.enumerated() {
            guard let type = self.answer(batch, 2 * index, "TYPE", { $0.text }), type != "none" else { continue }
            let size = (try? batch.replies[2 * index + 1].value())?.integer
            samples.append(
                KeyCensus.Sample(
                    key: String(buffer: key.bytes), type: type, size: size.map(Int.init), caches: caches))
        }
        return samples
    }

    /// The names that keys begin with and that a cache has, by its log.
    private static func caches(
        among keys: [String], on client: RedisClient
    ) async throws(RedisError) -> Set<String> {
        var caches: Set<String> = []
        for name in Set(keys.compactMap(KeyCensus.namespace)).sorted().prefix(Self.maximumCaches) {
            let log = RedisKey("{\(name)\(RedisStore.logKeyEnding)")
            if ((try? await client.execute(EXISTS(log))) ?? 0) > 0 { caches.insert(name) }
        }
        return caches
    }
}

extension ServerFacts.User {
    /// As `ACL GETUSER` answers.
    fileprivate init?(_ value: RedisValue, _ connections: Int) {
        guard case .map(let pairs) = value else { return nil }
        func field(_ name: String) -> RedisValue? { pairs.first { $0.key.text == name }?.value }
        let flags = field("flags").flatMap { [String](redisValue: $0) } ?? []
        self.init(
            commands: field("commands")?.text ?? "", keys: field("keys")?.text ?? "", isOn: flags.contains("on"),
            needsPassword: !flags.contains("nopass"), connections: connections)
    }
}
