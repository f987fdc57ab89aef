// SPDX-License-Identifier: Apache-2.0

import NIOConcurrencyHelpers
package import NIOCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A store inside the process: for one process, for development and for tests, with no server.
///
/// It means the same as the store on Redis, but for what only a server can give: entries shared by several processes
/// and kept over a restart.
public final class EmbeddedStore: CacheStore, LocalStore, SampledStore {
    private let entries: InProcessCache<CacheKey, EntrySlot.Content>
    private let logs = NIOLockedValueBox<[String: InvalidationLog]>([:])
    /// Held over each change of an entry; reads go without.
    private let changing = NIOLock()
    private let clock: any CacheClock
    private let start: MonotonicInstant
    private let startMilliseconds: UInt64
    private let logCapacity: Int

    /// Makes an empty store.
    ///
    /// - Parameters:
    ///   - maximumBytes: How much keys and entries may take together. Those asked for seldom go first; see ``InProcessCache``.
    ///   - maximumTags: How many invalidated tags a namespace remembers. Past it the oldest are forgotten by
    ///     invalidating everything loaded before them.
    ///   - clock: The time entries live by.
    public init(
        maximumBytes: Int = 64 << 20, maximumTags: Int = 100_000, clock: any CacheClock = SystemClock()
    ) {
        self.entries = InProcessCache(limit: .weight(maximumBytes, heaviest: Self.heaviestEntry), clock: clock)
        self.clock = clock
        self.start = clock.now
        self.startMilliseconds = UInt64(max(clock.wallTime.timeIntervalSince1970, 1) * 1_000)
        self.logCapacity = maximumTags
    }

    public var kind: String { "embedded" }

    /// About how many bytes keys and entries take.
    public var weight: Int { self.entries.weight }

    package var localContents: LocalContents? { LocalContents(of: self.entries) }

    public func read(_ key: CacheKey, since position: LogPosition?) async throws -> StoreReading {
        self.reading(of: key, since: position)
    }

    public func readNow(_ key: CacheKey, since position: LogPosition?) -> StoreReading? {
        self.reading(of: key, since: position)
    }

    private func reading(of key: CacheKey, since position: LogPosition?) -> StoreReading {
        StoreReading(
            record: self.entries.value(for: key)?.record ?? .absent,
            log: self.logs.withLockedValue { $0[key.namespace]?.changes(since: position) } ?? .lost,
            now: self.now
        )
    }

    public func acquire(
        _ key: CacheKey, seen: EntryImage?, token: LeaseToken, for lease: Duration
    ) async throws -> LeaseAnswer {
        self.change(key) { slot, now in slot.acquire(seen: seen, token: token, for: lease, now: now) }.result
    }

    public func fill(
        _ key: CacheKey, with entry: Entry, lifetime: EntryLifetime, token: LeaseToken, since position: LogPosition?
    ) async throws -> FillAnswer {
        let (isFilled, isKept) = self.change(key) { slot, now in
            slot.fill(entry, lifetime: lifetime, token: token, now: now)
        }
        let log = self.logs.withLockedValue { $0[key.namespace]?.changes(since: position) }
        return FillAnswer(isStored: isFilled && isKept, log: log ?? .lost)
    }

    public func renew(_ key: CacheKey, token: LeaseToken, for lease: Duration) async throws -> Bool {
        self.change(key) { slot, now in slot.renew(token: token, for: lease, now: now) }.result
    }

    public func release(_ key: CacheKey, token: LeaseToken, _ reason: LeaseRelease) async throws {
        _ = self.change(key) { slot, now in slot.release(token: token, reason, now: now) }
    }

    public func slide(
        _ key: CacheKey, stamp: LogSequence, lifetime: EntryLifetime, until end: StoreTime
    ) async throws {
        _ = self.change(key) { slot, now in slot.slide(stamp: stamp, lifetime: lifetime, until: end, now: now) }
    }

    public func write(_ key: CacheKey, _ entry: Entry, lifetime: EntryLifetime) async throws -> Bool {
        let (isWritten, isKept) = self.change(key) { slot, now in slot.write(entry, lifetime: lifetime, now: now) }
        return isWritten && isKept
    }

    public func invalidate(_ key: CacheKey, by method: InvalidationMethod) async throws {
        _ = self.change(key) { slot, now in slot.invalidate(by: method, now: now) }
    }

    public func invalidate(
        matching pattern: KeyPattern, in namespace: String,
        by method: @escaping @Sendable (CacheKey) -> InvalidationMethod,
        progress: @escaping @Sendable (Int) -> Void
    ) async throws {
        for part in 0..<self.entries.partCount {
            let keys = self.entries.keys(ofPart: part).filter { $0.namespace == namespace && pattern.matches($0) }
            for key in keys { try await self.invalidate(key, by: method(key)) }
            if !keys.isEmpty { progress(keys.count) }
        }
    }

    package func sample(
        of namespace: String, matching pattern: KeyPattern, count: Int
    ) async throws -> EntrySample {
        var sample = EntrySample()
        sample.keyCount = self.entries.count
        let now = self.now
        // Of a pattern that matches little as many are looked at as can be in a moment.
        let share = (pattern == "*" ? count : Self.maximumSeen) / self.entries.partCount + 1
        for part in 0..<self.entries.partCount {
            for (key, content, weight) in self.entries.some(share, ofPart: part) where sample.items.count < count {
                // No key is counted that is not looked at, so that those that are stand for all.
                sample.keysSeen += 1
                guard key.namespace == namespace, pattern.matches(key), content.until > now else { continue }
                var entry: Entry?
                if case .entry(let found) = content.record { entry = found }
                sample.items.append(EntrySample.Item(key: key, entry: entry, isWhole: true, size: weight, now: now))
            }
        }
        let scale = max(Double(sample.keyCount) / Double(max(sample.keysSeen, 1)), 1)
        for index in sample.items.indices { sample.items[index].share = scale }
        return sample
    }

    public func invalidate(tags: [String], in namespace: String) async throws {
        let now = self.now
        self.logs.withLockedValue { logs in
            // A log made now is above everything loaded before, tagged or not.
            logs[namespace, default: self.newLog(now)].invalidate(tags: tags, now: now)
        }
    }

    public func clear(_ namespace: String) async throws {
        let now = self.now
        self.logs.withLockedValue { logs in
            logs[namespace, default: self.newLog(now)].clear(now: now)
        }
    }

    public func log(of namespace: String, since position: LogPosition?) async throws -> LogAnswer {
        let now = self.now
        return self.logs.withLockedValue { logs in
            if let answer = logs[namespace]?.changes(since: position), answer != .lost { return answer }
            let log = self.newLog(now, above: position)
            logs[namespace] = log
            return log.changes(since: position)
        }
    }

    public func ping() async throws {}

    /// How many entries are looked at for those that match a pattern.
    private static let maximumSeen = 50_000

    /// The largest value that a cache stores by default, with its key.
    private static var heaviestEntry: Int { 17 << 20 }

    private var now: StoreTime {
        StoreTime(milliseconds: self.startMilliseconds)
            .advanced(by: self.start.duration(to: self.clock.now))
    }

    private func newLog(_ now: StoreTime, above known: LogPosition? = nil) -> InvalidationLog {
        InvalidationLog(epoch: .random(in: 1 ... .max), now: now, above: known, capacity: self.logCapacity)
    }

    /// Changes what stands under a key; also says whether there was room for it.
    private func change<Result>(
        _ key: CacheKey, _ body: (inout EntrySlot, StoreTime) -> Result
    ) -> (result: Result, isKept: Bool) {
        self.changing.withLock {
            let now = self.now
            let old = self.entries.value(for: key)
            var slot = EntrySlot(old)
            let result = body(&slot, now)
            var isKept = true
            if let content = slot.content {
                isKept = self.keep(content, for: key, now: now)
            } else if old != nil {
                self.entries.remove(key)
            }
            return (result, isKept)
        }
    }

    private func keep(_ content: EntrySlot.Content, for key: CacheKey, now: StoreTime) -> Bool {
        var weight = key.text.utf8.count
        if case .entry(let entry) = content.record { weight += entry.size }
        return self.entries.insert(
            content,
            for: key,
            weight: weight,
            deadline: self.clock.now.advanced(by: now.duration(to: content.until))
        )
    }
}

extension EmbeddedStore {
    /// Puts bytes under a key as a foreign program would.
    package func plant(_ bytes: ByteBuffer, for key: CacheKey, keptFor duration: Duration) {
        self.changing.withLock {
            let now = self.now
            let record = StoredRecord(decoding: bytes)
            _ = self.keep(EntrySlot.Content(record: record, until: now.advanced(by: duration)), for: key, now: now)
        }
    }

    /// Loses the log of a namespace, as an evicting server does.
    package func loseLog(of namespace: String) {
        self.logs.withLockedValue { $0[namespace] = nil }
    }
}

extension CacheStore where Self == EmbeddedStore {
    /// A new store inside the process, with no server. Caches that are to share entries need one ``EmbeddedStore``.
    public static var embedded: EmbeddedStore { EmbeddedStore() }
}
