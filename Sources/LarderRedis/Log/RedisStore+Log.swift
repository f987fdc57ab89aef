// SPDX-License-Identifier: Apache-2.0

public import Larder
import NIOConcurrencyHelpers
import RedisDriver

extension RedisStore {
    public func log(of namespace: String, since position: LogPosition?) async throws -> LogAnswer {
        let lanes =
            self.client.connectionIndices.map { Lane.number($0) } + (self.nearCache == nil ? [] : [.tracked])
        guard self.client.isCluster else {
            // Over each connection: none may lead to a server that was started again with an old log.
            let answers = await self.all(lanes) { try await self.recover(namespace, since: position, over: $0) }
            // One that cannot be made need not keep the others from being used.
            guard let answer = answers.first(where: { (try? $0.get()) != nil }) ?? answers.first else { return .lost }
            return try answer.get()
        }
        return try await self.recoverCluster(namespace, since: position, over: lanes)
    }

    /// Asks the log's server whether its log is its own, and has it made anew if not.
    private func recover(
        _ namespace: String, since position: LogPosition?, over lane: Lane
    ) async throws -> LogAnswer {
        let server = self.client.server(of: Self.logKey(namespace))
        let generation = self.generations(of: namespace, [server])[server] ?? 0
        let (answer, replication, connection) = try await self.recover(namespace, since: position, [], over: lane)
        self.verify(connection, of: replication, namespace, server, asked: generation)
        return answer
    }

    /// Asks all servers who they are, and the log whether it knows them all: entries of one that it does not know, since it was
    /// promoted or started again, may have been ended elsewhere.
    private func recoverCluster(
        _ namespace: String, since position: LogPosition?, over lanes: [Lane]
    ) async throws -> LogAnswer {
        let servers = try await self.serverIDs()
        let generations = self.generations(of: namespace, servers)
        let identities = await self.all(servers.flatMap { server in lanes.map { (server, $0) } }) { server, lane in
            (server: server, identity: try await self.identity(of: server, over: lane))
        }.compactMap { try? $0.get() }
        let (answer, _, _) = try await self.recover(
            namespace, since: position, Array(Set(identities.map(\.identity.name))), over: .any)
        for (server, identity) in identities {
            self.verify(
                identity.connection, of: identity.replication, namespace, server, asked: generations[server] ?? 0)
        }
        return answer
    }

    private func serverIDs() async throws -> [RedisServerID] {
        do {
            return try await self.client.serverIDs(timeout: self.configuration.timeout)
        } catch {
            throw error.asStoreError
        }
    }

    /// How a log names the server that a connection leads to.
    private func identity(
        of server: RedisServerID, over lane: Lane
    ) async throws -> (name: String, replication: String, connection: UInt64) {
        let batch = try await self.client.send(to: server, timeout: self.configuration.timeout, over: lane) { encoder in
            encoder.command("INFO", "server")
            encoder.command("INFO", "replication")
        }
        guard let run = try batch.response(of: INFO.self, at: 0)["run_id"] else { throw Self.malformed("INFO") }
        let replication = try Self.replication(batch, at: 1)
        return ("r:\(run).\(replication)", replication, batch.connection)
    }

    /// - Parameter names: Of the other servers that have entries.
    private func recover(
        _ namespace: String, since position: LogPosition?, _ names: [String], over lane: Lane
    ) async throws -> (answer: LogAnswer, replication: String, connection: UInt64) {
        let sent = self.clock.now
        let logKey = Self.logKey(namespace)
        let batch = try await self.send(
            LogScripts.recover, logKey,
            [Self.newEpoch, position?.epochText ?? "", position?.head.rawValue ?? 0, LogReply.maximumTags] + names,
            over: lane)
        let fields = try batch.array(at: 0)
        guard
            fields.count == 4, let time = fields[0].integer.flatMap({ UInt64(exactly: $0) }),
            let replication = fields[2].text, let reply = LogReply(fields[3])
        else { throw Self.malformed("the log") }
        self.learn(StoreTime(milliseconds: time), of: self.client.server(of: logKey), sent: sent)
        return (fields[1].integer == 1 ? reply.whole : reply.answer(since: position), replication, batch.connection)
    }

    /// How often trust in the connections to each of the servers has ended. From now on the namespace hears of their histories, and of no
    /// others'.
    private func generations(of namespace: String, _ servers: [RedisServerID]) -> [RedisServerID: UInt64] {
        self.namespaces.withLockedValue { namespaces in
            var known = namespaces[namespace] ?? Namespace(namespace)
            let verified = known.question.verified
            known.question.verified = Dictionary(
                servers.map { ($0, verified[$0] ?? VerifiedConnections()) }, uniquingKeysWith: { first, _ in first })
            namespaces[namespace] = known
            return known.question.verified.mapValues(\.generation)
        }
    }

    private func verify(
        _ connection: UInt64, of replication: String, _ namespace: String, _ server: RedisServerID,
        asked generation: UInt64
    ) {
        self.namespaces.withLockedValue { namespaces in
            var known = namespaces[namespace] ?? Namespace(namespace)
            known.question.verified[server, default: VerifiedConnections()].add(
                connection, of: replication, asked: generation,
                keeping: max(Self.rememberedConnections, 2 * self.client.connectionIndices.count))
            namespaces[namespace] = known
        }
    }

    private static let rememberedConnections = 64

    private func all<Item: Sendable, Answer: Sendable>(
        _ items: [Item], _ body: @escaping @Sendable (Item) async throws -> Answer
    ) async -> [Result<Answer, any Error>] {
        await withTaskGroup(of: Result<Answer, any Error>.self) { group in
            for item in items {
                group.addTask {
                    do { return .success(try await body(item)) } catch { return .failure(error) }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
    }

    public func ping() async throws {
        let batch = try await self.send { encoder in
            encoder.command("PING")
            encoder.command("INFO", "replication")
        }
        _ = try batch.value(at: 0)
        // With a cluster any of the servers has answered.
        guard !self.client.isCluster else { return }
        try self.checkReplication(batch, at: 1, of: self.client.server(of: ""))
    }

    // MARK: The server's part in replication

    /// Takes in what a server tells of its part in replication.
    ///
    /// - Throws: When the server is no master.
    /// - Returns: The history of which it is master.
    @discardableResult
    func checkReplication(_ batch: RedisClient.Batch, at index: Int, of server: RedisServerID) throws -> String {
        let replication: String
        do {
            replication = try Self.replication(batch, at: index)
        } catch let error as NoMaster {
            self.distrustAll()
            throw error
        }
        self.changeVerified { known in
            // With a cluster another may have answered than was asked: a key moves.
            if known.value.contains(batch.connection) || known.key == server && !self.client.isCluster {
                known.value.heard(of: replication)
            }
        }
        return replication
    }

    /// The history of which a server says that it is master.
    private static func replication(_ batch: RedisClient.Batch, at index: Int) throws -> String {
        let info = try batch.response(of: INFO.self, at: index)
        guard let role = info["role"], let replication = info["master_replid"] else { throw Self.malformed("INFO") }
        guard role == "master" else { throw NoMaster(role: role) }
        return replication
    }

    /// The server takes no writes: what it knows may be old.
    private struct NoMaster: Error {
        let role: String
    }

    func changeVerified(_ change: (inout (key: RedisServerID, value: VerifiedConnections)) -> Void) {
        self.namespaces.withLockedValue { namespaces in
            for name in namespaces.keys {
                for var known in namespaces[name]?.question.verified ?? [:] {
                    change(&known)
                    namespaces[name]?.question.verified[known.key] = known.value
                }
            }
        }
    }

    // MARK: Questions

    /// The question for what happened in a log from a position on. Quiet logs are asked the same again and again.
    func question(for namespace: String, since position: LogPosition?) -> Question {
        self.namespaces.withLockedValue { namespaces in
            if let known = namespaces[namespace], known.question.position == position { return known.question }
            var known = namespaces[namespace] ?? Namespace(namespace)
            known.ask(since: position)
            namespaces[namespace] = known
            return known.question
        }
    }

    /// Whether what came with a reply is of a server that the log knows. Over a connection that is new it may be one that was started
    /// again with an old snapshot: it is not known until ``log(of:since:)`` has looked.
    func isVerified(_ batch: RedisClient.Batch, for question: Question, in namespace: String) -> Bool {
        guard let (server, verified) = question.verified.first(where: { $0.value.contains(batch.connection) }) else {
            return false
        }
        // Trust may have ended since the question was asked.
        return verified.generation
            == self.namespaces.withLockedValue { $0[namespace]?.question.verified[server]?.generation }
    }

    /// What a reply says of the log.
    func answer(_ batch: RedisClient.Batch, at index: Int, to question: Question) -> LogAnswer {
        if let position = question.position, batch.replies.indices.contains(index),
            batch.replies[index].isQuiet(since: position)
        {
            return .quiet
        }
        // An answer that is none, or of something that is no log, is found out by whoever asks for the whole.
        return (try? batch.value(at: index)).flatMap { LogReply($0) }?.answer(since: question.position) ?? .lost
    }

    func append(_ script: RedisScript, _ namespace: String, _ arguments: [any RedisArgument]) async throws {
        _ = try await self.send(script, Self.logKey(namespace), [Self.newEpoch] + arguments).value(at: 0)
    }

    /// Where the log of a namespace is. Keys of entries hold no braces.
    package static func logKey(_ namespace: String) -> String { "{\(CacheKey.escaped(namespace))\(Self.logKeyEnding)" }
    static let logKeyEnding = "}:inv"

    private static var newEpoch: String { String(UInt64.random(in: 1 ... .max), radix: 16) }
}
