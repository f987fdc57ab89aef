// SPDX-License-Identifier: Apache-2.0

public import Synchronization

/// A bounded cache inside the process: synchronous, shared freely between tasks and threads.
///
/// Holds values by key until their deadline, or until its limit makes them go: those that are asked for seldom go
/// first, and a loop or scan over more keys than fit does not wash out the others. A hit costs some tens of
/// nanoseconds.
///
/// ```swift
/// let thumbnails = InProcessCache<Int, [UInt8]>(limit: .weight(64 << 20))
/// thumbnails.insert(bytes, for: 42, weight: bytes.count, lifetime: .seconds(600))
/// let bytes = thumbnails.value(for: 42)
/// ```
///
/// Deadlines are checked on the coarse reading of the clock: a value may be returned some milliseconds after its
/// deadline. What has expired gives its memory back when it is asked for, or as others are inserted.
///
/// Of the code of keys and values only `==` and copying run under a lock. What leaves is released, and
/// reported, outside, so a `deinit` may use the cache.
public final class InProcessCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    /// A value that has left.
    public typealias Removal = InProcessRemoval<Key, Value>

    @usableFromInline let shards: LockedCells<InProcessShard<Key, Value>>
    @usableFromInline let hash = KeyHash()
    /// Entries of older generations are dead.
    @usableFromInline let generation = Atomic<UInt64>(0)
    @usableFromInline let limit: InProcessCacheLimit
    @usableFromInline let clock: any CacheClock
    @usableFromInline let onRemoval: (@Sendable ([Removal]) -> Void)?

    /// Makes an empty cache.
    ///
    /// - Parameters:
    ///   - limit: How much it may hold.
    ///   - clock: The clock of its deadlines.
    ///   - onRemoval: Called after each operation that made values leave, with all of them, on the thread of the
    ///     operation and outside any lock.
    @inlinable
    public init(
        limit: InProcessCacheLimit, clock: any CacheClock = SystemClock(),
        onRemoval: (@Sendable ([Removal]) -> Void)? = nil
    ) {
        self.limit = limit
        let count = limit.shardCount
        self.shards = LockedCells(count: count) { index in
            InProcessShard(maximumWeight: limit.maximumWeight / count + (index < limit.maximumWeight % count ? 1 : 0))
        }
        self.clock = clock
        self.onRemoval = onRemoval
    }

    /// The value for `key`, unless there is none or its deadline has passed.
    @inlinable
    public func value(for key: Key) -> Value? {
        let hash = self.hash(key)
        let found = self.withShard(hash) { shard, hash in shard.use(key, hash) }
        guard let found else { return nil }
        guard found.deadline == .distantFuture || found.deadline > self.now else {
            self.expire(key, hash)
            return nil
        }
        return found.value
    }

    /// Keeps a value, in place of any other for the key.
    ///
    /// - Parameters:
    ///   - value: The value.
    ///   - key: Its key.
    ///   - weight: How much of a limit by weight it takes, at least 1; a limit by entries counts 1 whatever is given.
    ///   - deadline: When it ends; nil for never.
    /// - Returns: Whether it is kept. It is not when its deadline has passed, or its weight is negative or more than
    ///   ``InProcessCacheLimit`` allows. Nor is a heavy one that turns out to be worth less than one of those it would
    ///   displace; others may have left by then. There is no value for a key whose value is not kept.
    @inlinable
    @discardableResult
    public func insert(_ value: Value, for key: Key, weight: Int = 1, deadline: MonotonicInstant? = nil) -> Bool {
        let hash = self.hash(key)
        let weight = self.limit.countsEntries || weight == 0 ? 1 : weight
        let deadline = deadline ?? .distantFuture
        let now = self.now
        var removals = RemovalBatch<Key, Value>()
        // The shard may drop its copies: the last ones must not be among them.
        var isKept: Bool? = withExtendedLifetime((key, value)) {
            self.withShard(hash) { shard, hash in
                guard
                    weight > 0, weight <= shard.maximumWeight, let weight = UInt32(exactly: weight), deadline > now
                else {
                    shard.remove(key, hash, now: now, into: &removals)
                    return false
                }
                let entry = InProcessShard<Key, Value>.Entry(
                    hash: hash, weight: weight, deadline: deadline, key: key, value: value)
                return shard.insert(entry, now: now, into: &removals)
            }
        }
        // What one entry displaces may be much, and others need the shard too.
        while isKept == nil {
            isKept = self.withShard(hash) { shard, hash in shard.settle(key, hash, now: now, into: &removals) }
        }
        self.report(removals)
        return isKept ?? false
    }

    /// Keeps a value until so long from now, as ``insert(_:for:weight:deadline:)`` does.
    @inlinable
    @discardableResult
    public func insert(_ value: Value, for key: Key, weight: Int = 1, lifetime: Duration) -> Bool {
        self.insert(value, for: key, weight: weight, deadline: self.now.advanced(by: lifetime))
    }

    /// Removes the value for `key`, and returns it unless its deadline has passed.
    @inlinable
    @discardableResult
    public func remove(_ key: Key) -> Value? {
        let now = self.now
        var removals = RemovalBatch<Key, Value>()
        self.withShard(self.hash(key)) { shard, hash in shard.remove(key, hash, now: now, into: &removals) }
        self.report(removals)
        return removals.first.flatMap { $0.cause == .expired ? nil : $0.value }
    }

    /// Removes everything at once, whatever the number; memory is given back as other values are inserted.
    public func removeAll() {
        self.generation.add(1, ordering: .acquiringAndReleasing)
    }

    /// How many values are held, counting those whose deadline has passed and whose room was not needed yet.
    public var count: Int {
        self.sum { $0.liveCount }
    }

    /// What they weigh together.
    public var weight: Int {
        self.sum { $0.liveWeight }
    }

    /// What it has done since it was made.
    public var statistics: InProcessStatistics {
        var total = InProcessStatistics()
        for index in 0..<self.shards.count {
            self.shards.withLock(index) { shard in
                total.hits += shard.hits
                total.misses += shard.misses
                total.removals += shard.removals
            }
        }
        return total
    }

    /// How many parts there are; see ``keys(ofPart:)``.
    var partCount: Int { self.shards.count }

    /// The keys in one part, which is kept from others meanwhile; with those whose deadline has passed.
    func keys(ofPart part: Int) -> [Key] {
        let generation = self.generation.load(ordering: .acquiring)
        return self.shards.withLock(part) { shard in
            shard.follow(generation)
            return shard.liveKeys
        }
    }

    /// Some of what is in one part, which is not thereby asked for; with what has passed its deadline.
    func some(_ count: Int, ofPart part: Int) -> [(key: Key, value: Value, weight: Int)] {
        let generation = self.generation.load(ordering: .acquiring)
        return self.shards.withLock(part) { shard in
            shard.follow(generation)
            return shard.some(count)
        }
    }

    private func sum(_ part: (borrowing InProcessShard<Key, Value>) -> Int) -> Int {
        let generation = self.generation.load(ordering: .acquiring)
        return (0..<self.shards.count).reduce(0) { sum, index in
            sum
                + self.shards.withLock(index) { shard in
                    shard.follow(generation)
                    return part(shard)
                }
        }
    }

    /// The time that deadlines are compared with; never so late that what has none would have passed it.
    @inlinable @inline(__always)
    var now: MonotonicInstant { min(self.clock.coarseNow, MonotonicInstant(nanoseconds: .max - 1)) }

    @inlinable @inline(__always)
    func withShard<Result>(_ hash: UInt64, _ body: (inout InProcessShard<Key, Value>, UInt32) -> Result) -> Result {
        let generation = self.generation.load(ordering: .acquiring)
        // The upper half of the hash chooses the shard, the lower the rest.
        let index = Int(truncatingIfNeeded: ((hash >> 32) &* UInt64(truncatingIfNeeded: self.shards.count)) >> 32)
        return self.shards.withLock(index) { shard in
            shard.follow(generation)
            return body(&shard, UInt32(truncatingIfNeeded: hash))
        }
    }

    @inlinable
    func expire(_ key: Key, _ hash: UInt64) {
        let now = self.now
        var removals = RemovalBatch<Key, Value>()
        self.withShard(hash) { shard, hash in shard.expire(key, hash, now: now, into: &removals) }
        self.report(removals)
    }

    @inlinable @inline(__always)
    func report(_ removals: RemovalBatch<Key, Value>) {
        guard let onRemoval = self.onRemoval, let first = removals.first else { return }
        onRemoval([first] + removals.others)
    }
}
