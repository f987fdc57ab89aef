// SPDX-License-Identifier: Apache-2.0

import Larder
import NIOConcurrencyHelpers
import RedisDriver

/// What was read over tracked connections, and has not changed since as far as was told.
///
/// Entries are put in where replies arrive, in order with what servers tell of changes. What this process changes itself goes out
/// before the change is sent and after it was answered, and what was being read meanwhile does not come in.
final class NearCache: Sendable {
    private struct Kept: Sendable {
        var entry: Entry
        var generation: TrackedConnections.Generation
        var server: RedisServerID
    }

    /// Counts what was taken out, by parts of the keys.
    private struct Drops: Sendable {
        private var counts = [UInt64](repeating: 0, count: 256)

        subscript(key: CacheKey) -> UInt64 {
            get { self.counts[Self.part(of: key)] }
            set { self.counts[Self.part(of: key)] = newValue }
        }

        mutating func addToAll() {
            for part in self.counts.indices { self.counts[part] += 1 }
        }

        private static func part(of key: CacheKey) -> Int { Int(UInt8(truncatingIfNeeded: key.hashValue)) }
    }

    /// A read that has begun.
    struct Reading: Sendable {
        let key: CacheKey
        fileprivate let drops: UInt64
    }

    let configuration: NearCacheConfiguration
    private let entries: InProcessCache<CacheKey, Kept>
    private let drops = NIOLockedValueBox(Drops())
    private let connections: NIOLockedValueBox<TrackedConnections>
    private let namespaces = NIOLockedValueBox<[String]>([])
    /// Who is told of changes of logs, by their keys.
    private let logs = NIOLockedValueBox<[String: [@Sendable () -> Void]]>([:])

    init(_ configuration: NearCacheConfiguration, clock: any CacheClock) {
        self.configuration = configuration
        self.entries = InProcessCache(
            limit: .weight(configuration.maximumBytes, heaviest: max(configuration.maximumBytes / 16, 1)), clock: clock)
        self.connections = NIOLockedValueBox(TrackedConnections(configuration.tracking))
    }

    /// How many entries there are.
    var count: Int { self.entries.count }

    /// About how many bytes keys and entries take.
    var weight: Int { self.entries.weight }

    /// What is kept.
    var contents: LocalContents { LocalContents(of: self.entries) }

    /// Whether a server tells of changes.
    func isTold(by server: RedisServerID) -> Bool { self.connections.withLockedValue { $0.lead(to: server) } }

    /// An entry, where it is from, and since when no change of it can have been missed.
    func entry(for key: CacheKey) -> (entry: Entry, server: RedisServerID, proof: MonotonicInstant)? {
        // Before the entry is looked up: what a proof covers must have been taken out by then.
        let connections = self.connections.withLockedValue { $0 }
        guard let kept = self.entries.value(for: key), let proof = connections.proof(of: kept.generation) else {
            return nil
        }
        return (kept.entry, kept.server, proof)
    }

    // MARK: Reading

    /// A read of a key begins.
    func begin(_ key: CacheKey) -> Reading {
        self.learn(key.namespace)
        return Reading(key: key, drops: self.drops.withLockedValue { $0[key] })
    }

    /// Takes in what a read has found, on the event loop of its connection.
    ///
    /// - Parameters:
    ///   - record: What it has found.
    ///   - reading: The read.
    ///   - connection: Over which connection it was answered.
    ///   - server: By which server.
    ///   - now: The server's time.
    /// - Returns: The record, or the same with an entry that was kept.
    func keep(
        _ record: StoredRecord, _ reading: Reading, from connection: UInt64, of server: RedisServerID,
        at now: StoreTime
    ) -> StoredRecord {
        guard
            case .entry(let entry) = record, entry.kind == .value || entry.kind == .absence, entry.freshUntil > now,
            let generation = self.connections.withLockedValue({ $0.generation(of: connection) }),
            self.isCurrent(reading)
        else { return record }
        let kept = entry.keptNear
        self.entries.insert(
            Kept(entry: kept, generation: generation, server: server), for: reading.key,
            weight: reading.key.text.utf8.count + kept.size, lifetime: now.duration(to: entry.freshUntil))
        // Whoever takes it out counts first: one of the two sees the other.
        if !self.isCurrent(reading) { self.entries.remove(reading.key) }
        return .entry(kept)
    }

    private func isCurrent(_ reading: Reading) -> Bool {
        self.drops.withLockedValue { $0[reading.key] } == reading.drops
    }

    // MARK: Changes

    /// This process changes what stands under a key.
    func drop(_ key: CacheKey) {
        self.drops.withLockedValue { $0[key] += 1 }
        self.entries.remove(key)
    }

    /// This process changes keys of which it does not know all.
    func dropAll() {
        self.drops.withLockedValue { $0.addToAll() }
        self.entries.removeAll()
    }

    /// Takes in what a server tells, on the event loop of its connection.
    func handle(_ invalidation: KeyInvalidation) {
        guard case .keys(let keys) = invalidation else { return self.entries.removeAll() }
        let namespaces = self.namespaces.withLockedValue { $0 }
        let handlers = self.logs.withLockedValue { logs in keys.flatMap { logs[$0] ?? [] } }
        for handler in handlers { handler() }
        for text in keys {
            for namespace in namespaces {
                guard let key = CacheKey(text: text, in: namespace) else { continue }
                self.entries.remove(key)
                break
            }
        }
    }

    /// What keys begin with whose changes matter: those of entries in the namespaces that were read, and of logs.
    var prefixes: [String] {
        self.namespaces.withLockedValue { $0.map { "\(CacheKey.escaped($0)):" } }
            + self.logs.withLockedValue { Array($0.keys) }
    }

    func onLogChange(_ logKey: String, _ handler: @escaping @Sendable () -> Void) {
        self.logs.withLockedValue { $0[logKey, default: []].append(handler) }
    }

    /// A namespace is read.
    func learn(_ namespace: String) {
        let isNew = self.namespaces.withLockedValue { namespaces in
            if namespaces.contains(namespace) { return false }
            namespaces.append(namespace)
            return true
        }
        // Its changes are told over no connection yet.
        if isNew, self.configuration.tracking == .prefixes {
            self.connections.withLockedValue { $0.extend() }
        }
    }

    // MARK: Connections

    /// What is read over a connection can be kept.
    func isTold(over connection: UInt64) -> Bool {
        self.connections.withLockedValue { $0.generation(of: connection) != nil }
    }

    /// Changes the trust in connections.
    func withConnections<Result>(_ change: (inout TrackedConnections) -> Result) -> Result {
        self.connections.withLockedValue { change(&$0) }
    }
}
