// SPDX-License-Identifier: Apache-2.0

/// What stands under a key, whatever it is good for.
package struct Sighting<Value: Sendable>: Sendable {
    /// The value; nil when there is none that is of use for anything.
    package var value: Value?
    /// Since when it is known: since its lease was asked for.
    package var age: Duration
    /// How long it is fresh; negative for how long it has not been.
    package var remaining: Duration
    /// Whether it is fresh.
    package var isFresh: Bool { self.use == .fresh }
    /// Whether it may be served while it is loaded anew.
    package var isServedWhileRevalidating: Bool { self.use == .whileRevalidating }
    /// Whether it may be served when it cannot be loaded anew.
    package var isServedOnError: Bool { self.use >= .onError }
    /// Whether somebody loads it anew, or failed to do so a moment ago.
    package var isLeased: Bool
    /// Where it is from, if it is served.
    package var source: CacheSource
    fileprivate let use: EntryUse
    fileprivate let reading: StoreReading?

    fileprivate init(reading: StoreReading?) {
        self.value = nil
        self.age = .zero
        self.remaining = .zero
        self.isLeased = false
        self.source = .miss
        self.use = .nothing
        self.reading = reading
    }

    fileprivate init(_ value: Value, in entry: Entry, as use: EntryUse, _ reading: StoreReading) {
        self.value = value
        self.age = entry.metadata.created.map { max(.zero, $0.duration(to: reading.now)) } ?? .zero
        // A duration between points of the store's time is not negative.
        self.remaining = reading.now.duration(to: entry.freshUntil) - entry.freshUntil.duration(to: reading.now)
        self.isLeased = entry.isLeased(at: reading.now)
        self.source = use != .fresh ? .stale : reading.isNear ? .nearHit : .hit
        self.use = use
        self.reading = reading
    }
}

extension CacheRegion {
    /// What stands under each of some keys that was not invalidated, read together.
    ///
    /// Counts nothing: see ``served(_:)``.
    package func look(at keys: [CacheKey], consistency: ReadConsistency? = nil) async throws -> [Sighting<Value>] {
        let (cache, rules) = (self.core.cache, self.core.rules)
        let bound = (consistency ?? rules.policy.consistency).bound
        let known = keys.compactMap { key in
            key.namespace == cache.name
                ? cache.readingNow(of: key, within: bound).map { self.sighting(of: key, in: $0) } : nil
        }
        if known.count == keys.count { return known }
        return try await zip(keys, cache.readings(of: keys, by: rules, within: bound)).map { key, reading in
            reading.map { self.sighting(of: key, in: $0) } ?? Sighting(reading: nil)
        }
    }

    /// Counts a request that was served what was seen.
    package func served(_ sighting: Sighting<Value>) {
        self.core.rules.counters.requested()
        self.core.rules.counters.answered(from: sighting.source)
    }

    /// The value for `key`, loaded if it is not there, by a load that is given what it replaces.
    ///
    /// - Parameters:
    ///   - key: The entry's name.
    ///   - sighting: What was seen of it, which is not read again.
    ///   - isAnew: Whether to load though there may be something to serve.
    ///   - tags: The tags of a loaded value.
    ///   - load: Loads the value from its source, given the one before and its tags if nothing was invalidated since.
    package func result(
        for key: CacheKey, after sighting: Sighting<Value>, isAnew: Bool,
        tags: @escaping @Sendable (Value) -> [String],
        load: @escaping @Sendable @concurrent (_ previous: (value: Value, tags: [String])?) async throws -> Value
    ) async throws -> CacheResult<Value> {
        let core = self.core
        return try await core.cache.fetch(
            key, by: core.rules, isAnew: isAnew, given: Cache.Given(reading: sighting.reading),
            from: {
                LoadSource(core.rules) { previous in
                    let value = previous.flatMap { try? core.coding.value(of: $0, under: key) }
                    return core.loaded(try await load(value.map { ($0, previous?.metadata.tags ?? []) }), tags)
                }
            },
            decode: { try core.coding.value(of: $0, under: key) },
            take: { core.coding.value(of: $0) })
    }

    private func sighting(of key: CacheKey, in reading: StoreReading) -> Sighting<Value> {
        let mirror = self.core.cache.mirror
        let found = mirror.use(of: reading) ?? mirror.validEntry(in: reading).map { ($0, .nothing) }
        guard let (entry, use) = found else { return Sighting(reading: reading) }
        guard let value = try? self.core.coding.value(of: entry, under: key) else {
            self.core.rules.counters.foundUnreadable()
            return Sighting(reading: reading)
        }
        return Sighting(value, in: entry, as: use, reading)
    }
}
