// SPDX-License-Identifier: Apache-2.0

public import Larder
import NIOConcurrencyHelpers
import RedisDriver

extension RedisStore {
    public func read(_ key: CacheKey, since position: LogPosition?) async throws -> StoreReading {
        try await self.read(key, since: position, isKept: false)
    }

    public func read(_ keys: [CacheKey], since position: LogPosition?) async throws -> [StoreReading] {
        try await self.read(keys, since: position, isKept: false)
    }

    func read(_ key: CacheKey, since position: LogPosition?, isKept: Bool) async throws -> StoreReading {
        let readings = try await self.read([key], since: position, isKept: isKept)
        guard let reading = readings.first else { throw Self.malformed("GET") }
        return reading
    }

    /// Reads entries of one namespace, and asks its log: all that one server has in one round trip, of several servers at the same
    /// time.
    ///
    /// - Parameter isKept: Whether what is found is kept near, where servers tell of changes.
    /// - Returns: As many readings as keys.
    func read(_ keys: [CacheKey], since position: LogPosition?, isKept: Bool) async throws -> [StoreReading] {
        guard let first = keys.first else { return [] }
        let question = self.question(for: first.namespace, since: position)
        let groups = self.groups(of: keys)
        if groups.count == 1, self.hasLog(of: first) {
            let found = try await self.find(keys, question, asksLog: true, in: first.namespace, isKept: isKept)
            return found.records.map { found.reading(of: $0, log: found.log, isProof: found.isProof) }
        }
        let withLog = groups.firstIndex { $0.first.map { self.hasLog(of: keys[$0]) } ?? false }
        async let log = withLog == nil ? self.findLog(question, of: first.namespace, isKept: isKept) : nil
        let parts = try await withThrowingTaskGroup(of: (group: Int, found: Finding).self) { tasks in
            for (group, indices) in groups.enumerated() {
                tasks.addTask {
                    let found = try await self.find(
                        indices.map { keys[$0] }, question, asksLog: group == withLog, in: first.namespace,
                        isKept: isKept)
                    return (group, found)
                }
            }
            return try await tasks.reduce(into: []) { $0.append($1) }
        }
        guard let answer = try await log ?? parts.first(where: { $0.group == withLog })?.found else { return [] }
        var readings = [StoreReading?](repeating: nil, count: keys.count)
        for (group, found) in parts {
            for (index, record) in zip(groups[group], found.records) {
                readings[index] = found.reading(
                    of: record, log: found.isVerified ? answer.log : .lost, isProof: answer.isProof)
            }
        }
        return readings.compactMap { $0 }
    }

    /// Asks the log alone: over the connection by which its server tells of changes, if that is wanted and there is one.
    private func findLog(_ question: Question, of namespace: String, isKept: Bool) async throws -> Finding? {
        let isTold = isKept && self.keeper(near: Self.logKey(namespace), in: namespace) != nil
        return try await self.find(question: question, in: namespace, over: isTold ? .tracked : .any)
    }

    /// What one server said.
    struct Finding: Sendable {
        var records: [StoredRecord] = []
        /// What it said of the log, if it was asked.
        var log = LogAnswer.lost
        /// The server's time.
        var now = StoreTime.zero
        /// Whether the log knows of the server as what it is.
        var isVerified = false
        /// Whether it was seen to take writes.
        var isProof = false

        func reading(of record: StoredRecord, log: LogAnswer, isProof: Bool) -> StoreReading {
            var reading = StoreReading(record: record, log: log, now: self.now)
            reading.isProof = isProof
            return reading
        }
    }

    /// Asks the server that has some keys: over the connection by which it tells of changes, if what is found is to be kept, and there is
    /// one that works.
    private func find(
        _ keys: [CacheKey], _ question: Question, asksLog: Bool, in namespace: String, isKept: Bool
    ) async throws -> Finding {
        if isKept, let first = keys.first, let nearCache = self.keeper(near: first.text, in: namespace) {
            do {
                return try await self.find(keys, question, asksLog: asksLog, in: namespace, keptBy: nearCache)
            } catch let error as RedisError {
                self.lose(first.text)
                guard error.code == .connectionFailed else { throw error }
            }
        }
        return try await self.find(keys, question, asksLog: asksLog, in: namespace, keptBy: nil)
    }

    /// Asks the server that has some keys.
    ///
    /// - Parameters:
    ///   - keys: The keys, at least one.
    ///   - question: What to ask the log; what its server has to be known to.
    ///   - asksLog: Whether that server has the log.
    private func find(
        _ keys: [CacheKey], _ question: Question, asksLog: Bool, in namespace: String, keptBy nearCache: NearCache?
    ) async throws -> Finding {
        let first = keys[0]
        let server = self.client.server(of: first.text)
        let sent = self.clock.now
        let asksTime = self.mustAskTime(of: server, at: sent)
        let check =
            nearCache == nil
            ? self.checks.check(server, self.index(of: first), at: sent) : self.nearChecks.check(server, nil, at: sent)
        let (logIndex, timeIndex) = (keys.count, keys.count + (asksLog ? 1 : 0))
        let replicationIndex = timeIndex + (asksTime ? 1 : 0)
        let readings = keys.map { nearCache?.begin($0) }
        let kept = NIOLockedValueBox<[StoredRecord]>([])
        var observe: (@Sendable (RedisClient.Batch) -> Void)?
        if let nearCache {
            observe = { batch in
                // A key may have moved.
                let server = self.client.server(of: first.text)
                guard self.isVerified(batch, for: question, in: namespace),
                    let now = self.time(on: server, at: self.clock.now)
                else { return }
                var records: [StoredRecord] = []
                for (index, reading) in readings.enumerated() {
                    guard let record = try? batch.record(at: index), let reading else { return }
                    records.append(nearCache.keep(record, reading, from: batch.connection, of: server, at: now))
                }
                kept.withLockedValue { $0 = records }
            }
        }
        let batch = try await self.send(
            check, behind: replicationIndex, for: first.text, over: nearCache == nil ? Self.lane(of: first) : .tracked,
            observe: observe
        ) { encoder in
            for key in keys {
                encoder.beginCommand("GET", argumentCount: 1)
                encoder.write(key.text)
            }
            if asksLog { encoder.write(question.commands) }
            if asksTime { encoder.command("TIME") }
        }
        var finding = Finding()
        finding.isProof = check.isDue
        let answering = self.client.server(of: first.text)
        if asksTime, let time = try? batch.serverTime(at: timeIndex) { self.learn(time, of: answering, sent: sent) }
        guard let now = self.time(on: answering, at: self.clock.now) else { throw Self.malformed("TIME") }
        finding.now = now
        finding.isVerified = self.isVerified(batch, for: question, in: namespace)
        if let nearCache, !nearCache.isTold(over: batch.connection) { self.track(for: first.text, in: namespace) }

        finding.records = kept.withLockedValue { $0 }
        if finding.records.count != keys.count {
            finding.records = []
            for (index, key) in keys.enumerated() {
                // One of several may have moved to another server.
                if keys.count > 1, batch.replies.indices.contains(index), batch.replies[index].isRedirection {
                    let moved = try await self.find([key], question, asksLog: false, in: namespace, keptBy: nil)
                    finding.records += moved.records
                    finding.isVerified = finding.isVerified && moved.isVerified
                } else {
                    finding.records.append(try batch.record(at: index))
                }
            }
        }
        guard asksLog, finding.isVerified else { return finding }
        if batch.replies.indices.contains(logIndex), batch.replies[logIndex].isRedirection {
            // The entry moves, or the log does.
            finding.log = try await self.find(question: question, in: namespace, over: .any).log
            finding.isProof = false
        } else {
            finding.log = self.answer(batch, at: logIndex, to: question)
        }
        return finding
    }

    /// Asks the server that has the log of a namespace.
    ///
    /// - Parameter lane: Over which connection; over the tracked one the server is asked for its part in replication each time.
    func find(question: Question, in namespace: String, over lane: Lane) async throws -> Finding {
        let logKey = Self.logKey(namespace)
        let server = self.client.server(of: logKey)
        // Whichever connection it is, if it is not the tracked one.
        let check =
            lane.isTracked ? self.checks.always(server) : self.checks.check(server, -1, at: self.clock.now)
        let batch = try await self.send(check, behind: 1, for: logKey, over: lane) { $0.write(question.commands) }
        var finding = Finding()
        finding.isProof = lane.isTracked
        finding.isVerified = self.isVerified(batch, for: question, in: namespace)
        if finding.isVerified { finding.log = self.answer(batch, at: 0, to: question) }
        if lane.isTracked, let nearCache, !nearCache.isTold(over: batch.connection) {
            self.track(for: logKey, in: namespace)
        }
        return finding
    }

    /// Sends commands, and behind them the question for the server's part in replication if that is due. What it says is taken in where
    /// replies arrive, in order with what is told of changes and before any later reply is looked at; over the tracked connection it
    /// proves what was told.
    ///
    /// - Parameters:
    ///   - check: Whether to ask.
    ///   - count: How many replies come before that one.
    ///   - key: What the first command is about.
    ///   - lane: Over which connection.
    ///   - observe: Is given the replies next.
    /// - Throws: Also when the server is no master.
    func send(
        _ check: ReplicationCheck, behind count: Int, for key: String, over lane: Lane,
        observe: (@Sendable (RedisClient.Batch) -> Void)? = nil, _ encode: (inout RedisCommandEncoder) -> Void
    ) async throws -> RedisClient.Batch {
        guard check.isDue else { return try await self.send(for: key, over: lane, observe: observe, encode) }
        let sent = self.clock.now
        let replication = NIOLockedValueBox<Result<String, any Error>?>(nil)
        return try await check.noting {
            let batch = try await self.send(for: key, over: lane) { batch in
                let said = Result { try self.checkReplication(batch, at: count, of: check.connection.server) }
                if lane.isTracked, case .success(let history) = said {
                    self.prove(batch.connection, of: history, sent: sent)
                }
                replication.withLockedValue { $0 = said }
                observe?(batch)
            } _: { encoder in
                encode(&encoder)
                encoder.command("INFO", "replication")
            }
            _ = try replication.withLockedValue { $0 }?.get()
            return batch
        }
    }

    /// Whether one server has a key and the log of its namespace.
    func hasLog(of key: CacheKey) -> Bool {
        !self.client.isCluster
            || self.client.server(of: key.text) == self.client.server(of: Self.logKey(key.namespace))
    }

    /// Which keys go to one server, by their indices.
    private func groups(of keys: [CacheKey]) -> [[Int]] {
        guard self.client.isCluster, keys.count > 1 else { return [Array(keys.indices)] }
        return Array(Dictionary(grouping: keys.indices) { self.client.server(of: keys[$0].text) }.values)
    }

    /// All commands for a key go over one connection, but for what is large, so that the server gets them in the order they are sent: a
    /// release after the acquire that was given up.
    static func lane(of key: CacheKey) -> Lane { .number(key.hashValue) }

    /// Which of the connections to a server that is.
    func index(of key: CacheKey) -> Int {
        Int(UInt(bitPattern: key.hashValue) % UInt(max(self.client.connectionIndices.count, 1)))
    }
}
