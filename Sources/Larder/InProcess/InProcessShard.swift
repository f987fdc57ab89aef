// SPDX-License-Identifier: Apache-2.0

/// A part of an ``InProcessCache``: the entries whose keys fall to it, and what decides which of them stay.
///
/// New entries pass through a window of 15 % of the weight, first in, first out. An entry that was used there goes over
/// to the main area; another has to be asked for more often, by the sketch, than the entry it would displace. The main
/// area is a clock with two-bit counters: a hand goes round, takes one off each counter and stops at zero. The window
/// is what S3-FIFO (Yang et al., SOSP 2023) does against keys that are used once or in short bursts; the contest is
/// that of TinyLFU, and resists loops and scans. A use writes to the entry's counter and the sketch, and nothing once
/// the counter is full.
///
/// Entries stand densely in one array, around which the hand goes; the entry in the last place moves into each hole.
/// Dead entries, from before the last change of generation, come first.
///
/// What an operation does is bounded, but for growing, which moves all entries now and then.
@usableFromInline
struct InProcessShard<Key: Hashable & Sendable, Value: Sendable>: ~Copyable {
    @usableFromInline
    struct Entry {
        @usableFromInline let hash: UInt32
        @usableFromInline var weight: UInt32
        @usableFromInline var windowPosition: UInt32 = 0
        @usableFromInline var isInWindow = true
        /// How often it was used since the hand last came by, at most three times.
        @usableFromInline var uses: UInt8 = 0
        @usableFromInline var deadline: MonotonicInstant
        @usableFromInline let key: Key
        @usableFromInline var value: Value

        @inlinable
        init(hash: UInt32, weight: UInt32, deadline: MonotonicInstant, key: Key, value: Value) {
            self.hash = hash
            self.weight = weight
            self.deadline = deadline
            self.key = key
            self.value = value
        }
    }

    // What a hit touches comes first: with the lock it fills one cache line.
    @usableFromInline var hits = 0
    @usableFromInline var misses = 0
    @usableFromInline var generation: UInt64 = 0
    @usableFromInline var index: HashIndex
    /// The first ``count`` of ``capacity`` are there, and of these the first ``dead`` are not to be found.
    @usableFromInline var entries: UnsafeMutablePointer<Entry>
    @usableFromInline var dead = 0
    @usableFromInline var count = 0
    @usableFromInline var capacity: Int
    @usableFromInline var sketch: FrequencySketch
    @usableFromInline var window = AdmissionWindow()

    @usableFromInline let maximumWeight: Int
    @usableFromInline let maximumWindowWeight: Int
    @usableFromInline let maximumCount: Int

    /// Of all entries, of the dead ones, of those in the window.
    @usableFromInline var weight = 0
    @usableFromInline var deadWeight = 0
    @usableFromInline var windowWeight = 0
    /// How many entries have a deadline.
    @usableFromInline var timed = 0
    /// Where the hand of the clock stands, and where the search for expired entries.
    @usableFromInline var hand = 0
    @usableFromInline var sweep = 0
    @usableFromInline var random: UInt64 = .random(in: 1 ... .max)
    @usableFromInline var removals = RemovalCounts()

    /// Makes an empty shard.
    ///
    /// - Parameter maximumWeight: The most its entries may weigh together; each weighs at least 1.
    @inlinable
    init(maximumWeight: Int) {
        self.maximumWeight = maximumWeight
        self.maximumWindowWeight = max(maximumWeight / 100 * 15 + maximumWeight % 100 * 15 / 100, 1)
        self.maximumCount = min(maximumWeight, HashIndex.maximumCount - 1)
        self.capacity = min(self.maximumCount + 1, 16)
        self.entries = .allocate(capacity: self.capacity)
        self.index = HashIndex(capacity: self.capacity)
        self.sketch = FrequencySketch(capacity: self.capacity)
    }

    @inlinable
    deinit {
        self.entries.deinitialize(count: self.count)
        self.entries.deallocate()
    }

    @inlinable var liveCount: Int { self.count - self.dead }
    @inlinable var liveWeight: Int { self.weight - self.deadWeight }

    // MARK: What the cache asks for

    /// The value of a key and its deadline, whether that has passed or not.
    @inlinable @inline(__always)
    mutating func use(_ key: Key, _ hash: UInt32) -> (value: Value, deadline: MonotonicInstant)? {
        guard let place = self.place(of: key, hash) else {
            self.misses += 1
            return nil
        }
        self.hits += 1
        self.countUse(place)
        return (self.entries[place].value, self.entries[place].deadline)
    }

    /// Removes the entry of a key that was found to have expired, unless it has been replaced.
    @inlinable
    mutating func expire(
        _ key: Key, _ hash: UInt32, now: MonotonicInstant, into removals: inout RemovalBatch<Key, Value>
    ) {
        self.hits -= 1
        self.misses += 1
        if let place = self.place(of: key, hash), self.entries[place].deadline <= now {
            self.remove(place, .expired, into: &removals)
        }
    }

    @inlinable
    mutating func remove(
        _ key: Key, _ hash: UInt32, now: MonotonicInstant, into removals: inout RemovalBatch<Key, Value>
    ) {
        if let place = self.place(of: key, hash) {
            self.remove(place, self.entries[place].deadline <= now ? .expired : .invalidated, into: &removals)
        }
    }

    /// Keeps an entry; returns whether it was worth it, or nil when ``settle(_:_:now:into:)`` has to tell.
    @inlinable
    mutating func insert(_ entry: consuming Entry, now: MonotonicInstant, into removals: inout RemovalBatch<Key, Value>)
        -> Bool?
    {
        let (key, hash) = (entry.key, entry.hash)
        // Nothing that fits the window makes the newest in it go.
        var isSafe = entry.weight <= self.maximumWindowWeight
        self.reclaim(now, into: &removals)
        if let place = self.place(of: key, hash) {
            isSafe = false
            self.replace(place, with: entry, now: now, into: &removals)
        } else {
            self.sketch.increment(hash)
            self.append(entry)
        }
        guard self.keepLimit(now, into: &removals) else { return nil }
        return isSafe || self.place(of: key, hash) != nil
    }

    /// Goes on making room for an entry; returns whether it is kept, or nil while there is more to do.
    @inlinable
    mutating func settle(
        _ key: Key, _ hash: UInt32, now: MonotonicInstant, into removals: inout RemovalBatch<Key, Value>
    ) -> Bool? {
        self.keepLimit(now, into: &removals) ? self.place(of: key, hash) != nil : nil
    }

    /// Makes everything dead when the cache has changed its generation. Who comes late with an old one changes nothing.
    @inlinable @inline(__always)
    mutating func follow(_ generation: UInt64) {
        if self.generation < generation { self.killAll(generation) }
    }

    @usableFromInline
    mutating func killAll(_ generation: UInt64) {
        self.generation = generation
        self.dead = self.count
        self.deadWeight = self.weight
        self.windowWeight = 0
        self.window.removeAll()
    }

    var liveKeys: [Key] {
        (self.dead..<self.count).map { self.entries[$0].key }
    }

    /// As many old ones as new ones.
    func some(_ count: Int) -> [(key: Key, value: Value, weight: Int)] {
        let count = min(count, self.liveCount)
        return (0..<count).map { index in
            let place = self.dead + index * self.liveCount / count
            return (self.entries[place].key, self.entries[place].value, Int(self.entries[place].weight))
        }
    }

    // MARK: Places

    @inlinable @inline(__always)
    func place(of key: Key, _ hash: UInt32) -> Int? {
        self.index.find(hash) { place in
            place >= self.dead && self.entries[place].hash == hash && self.entries[place].key == key
        }?.place
    }

    @inlinable @inline(__always)
    mutating func countUse(_ place: Int) {
        guard self.entries[place].uses < 3 else { return }
        self.entries[place].uses += 1
        self.sketch.increment(self.entries[place].hash)
    }

    @inlinable
    mutating func append(_ entry: consuming Entry) {
        if self.count == self.capacity { self.grow() }
        let place = self.count
        self.index.add(entry.hash, place: place)
        self.weight += Int(entry.weight)
        self.windowWeight += Int(entry.weight)
        if entry.deadline != .distantFuture { self.timed += 1 }
        if self.window.isSparse {
            let entries = self.entries
            self.window.compact { place, position in entries[place].windowPosition = position }
        }
        entry.windowPosition = self.window.append(place)
        (self.entries + place).initialize(to: entry)
        self.count += 1
    }

    @inlinable
    mutating func replace(
        _ place: Int, with entry: consuming Entry, now: MonotonicInstant, into removals: inout RemovalBatch<Key, Value>
    ) {
        let old = self.entries[place]
        self.weight += Int(entry.weight) - Int(old.weight)
        if old.isInWindow { self.windowWeight += Int(entry.weight) - Int(old.weight) }
        if old.deadline != .distantFuture { self.timed -= 1 }
        if entry.deadline != .distantFuture { self.timed += 1 }
        self.entries[place].weight = entry.weight
        self.entries[place].deadline = entry.deadline
        self.entries[place].value = entry.value
        self.countUse(place)
        let cause: RemovalCause = old.deadline <= now ? .expired : .replaced
        self.removals[cause] += 1
        removals.append(InProcessRemoval(key: old.key, value: old.value, cause: cause))
    }

    /// Takes an entry out and fills its place.
    @inlinable
    mutating func remove(_ place: Int, _ cause: RemovalCause, into removals: inout RemovalBatch<Key, Value>) {
        let entries = self.entries
        self.index.remove(entries[place].hash, place: place) { entries[$0].hash }
        let entry = (entries + place).move()
        self.weight -= Int(entry.weight)
        if entry.deadline != .distantFuture { self.timed -= 1 }
        if place < self.dead {
            // The last of the dead: what moves in here is alive.
            self.deadWeight -= Int(entry.weight)
            self.dead -= 1
        } else if entry.isInWindow {
            self.windowWeight -= Int(entry.weight)
            self.window.remove(at: entry.windowPosition)
        }
        self.count -= 1
        self.move(self.count, to: place)
        self.removals[cause] += 1
        removals.append(InProcessRemoval(key: entry.key, value: entry.value, cause: cause))
    }

    @inlinable
    mutating func move(_ place: Int, to hole: Int) {
        guard place != hole else { return }
        (self.entries + hole).moveInitialize(from: self.entries + place, count: 1)
        self.index.move(self.entries[hole].hash, from: place, to: hole)
        if self.entries[hole].isInWindow {
            self.window.move(self.entries[hole].windowPosition, to: hole)
        }
    }

    /// Doubles the room, up to one more than the limit: the entry that makes others go.
    @inlinable
    mutating func grow() {
        self.capacity = min(2 * self.capacity, self.maximumCount + 1)
        let entries = UnsafeMutablePointer<Entry>.allocate(capacity: self.capacity)
        entries.moveInitialize(from: self.entries, count: self.count)
        self.entries.deallocate()
        self.entries = entries
        self.index = HashIndex(capacity: self.capacity)
        for place in 0..<self.count { self.index.add(entries[place].hash, place: place) }
        self.sketch.grow(capacity: self.capacity)
    }

    // MARK: What goes

    /// Gives back some of what can no longer be found, so that it goes faster than new entries come.
    @inlinable
    mutating func reclaim(_ now: MonotonicInstant, into removals: inout RemovalBatch<Key, Value>) {
        for _ in 0..<4 {
            if self.dead > 0 {
                self.remove(self.dead - 1, .invalidated, into: &removals)
            } else if self.timed > 0 {
                if self.sweep >= self.count { self.sweep = 0 }
                if self.entries[self.sweep].deadline <= now {
                    self.remove(self.sweep, .expired, into: &removals)
                } else {
                    self.sweep += 1
                }
            }
        }
    }

    /// Removes what the limit has no room for, but only so much in one go; returns whether that was all.
    @inlinable
    mutating func keepLimit(_ now: MonotonicInstant, into removals: inout RemovalBatch<Key, Value>) -> Bool {
        for _ in 0..<256 {
            if self.weight > self.maximumWeight || self.count > self.maximumCount {
                let place = self.dead > 0 ? self.dead - 1 : self.victim(now)
                let cause: RemovalCause =
                    place < self.dead ? .invalidated : self.entries[place].deadline <= now ? .expired : .size
                self.remove(place, cause, into: &removals)
            } else if self.windowWeight > self.maximumWindowWeight, self.liveCount > 1,
                let place = self.window.oldest()
            {
                self.promote(place)
            } else {
                return true
            }
        }
        return false
    }

    /// The entry that is to go.
    @inlinable
    mutating func victim(_ now: MonotonicInstant) -> Int {
        guard let candidate = self.window.oldest() else { return self.advanceHand(now) ?? 0 }
        guard self.windowWeight > self.maximumWindowWeight else { return self.advanceHand(now) ?? candidate }
        guard self.entries[candidate].deadline > now, let victim = self.advanceHand(now) else { return candidate }
        return self.entries[victim].deadline <= now || self.isBetter(candidate, than: victim) ? victim : candidate
    }

    /// Turns the hand to the next entry of the main area that was not used since it last came by, or has expired. Of
    /// 256 entries the least used is good enough; nil if none of them is in the main area.
    @inlinable
    mutating func advanceHand(_ now: MonotonicInstant) -> Int? {
        var leastUsed: Int?
        var leastUses = UInt8.max
        for _ in 0..<256 {
            if self.hand >= self.count { self.hand = 0 }
            let place = self.hand
            let uses = self.entries[place].uses
            if self.entries[place].deadline <= now { return place }
            if !self.entries[place].isInWindow {
                if uses == 0 { return place }
                self.entries[place].uses -= 1
                if uses < leastUses { (leastUsed, leastUses) = (place, uses) }
            }
            self.hand += 1
        }
        return leastUsed
    }

    /// Whether the oldest entry of the window is worth more than the one it would displace.
    @inlinable
    mutating func isBetter(_ candidate: Int, than victim: Int) -> Bool {
        if self.entries[candidate].uses > 0 { return true }
        let frequency = self.sketch.frequency(of: self.entries[candidate].hash)
        if frequency > self.sketch.frequency(of: self.entries[victim].hash) { return true }
        // Whoever knows which keys meet in the sketch could keep a victim there for ever; chance does not let him.
        guard frequency >= 6 else { return false }
        self.random ^= self.random << 13
        self.random ^= self.random >> 7
        self.random ^= self.random << 17
        return self.random & 127 == 0
    }

    @inlinable
    mutating func promote(_ place: Int) {
        self.window.remove(at: self.entries[place].windowPosition)
        self.windowWeight -= Int(self.entries[place].weight)
        self.entries[place].isInWindow = false
        self.entries[place].uses = 0
    }
}
