// SPDX-License-Identifier: Apache-2.0

/// What stands under a key, whatever it is good for.
package struct Sighting: Sendable {
    /// The entry; nil when there is none that is of use for anything.
    fileprivate let entry: Entry?
    /// Since when it is known: since its lease was asked for.
    package let age: Duration
    /// How long it is fresh; negative for how long it has not been.
    package let remaining: Duration
    /// Whether somebody loads it anew, or failed to do so a moment ago.
    package let isLeased: Bool
    /// Where it is from, if it is served.
    fileprivate let source: CacheSource
    fileprivate let use: EntryUse
    fileprivate let reading: StoreReading?
    /// When the look began, if requests are watched.
    fileprivate var begun: MonotonicInstant?

    /// Whether it is fresh.
    package var isFresh: Bool { self.use == .fresh }
    /// Whether it may be served while it is loaded anew.
    package var isServedWhileRevalidating: Bool { self.use == .whileRevalidating }
    /// Whether it may be served when it cannot be loaded anew.
    package var isServedOnError: Bool { self.use >= .onError }

    /// Nothing.
    fileprivate init(reading: StoreReading?) {
        self.entry = nil
        self.age = .zero
        self.remaining = .zero
        self.isLeased = false
        self.source = .miss
        self.use = .nothing
        self.reading = reading
    }

    fileprivate init(_ entry: Entry, as use: EntryUse, in reading: StoreReading) {
        self.entry = entry
        self.age = entry.metadata.created.map { max(.zero, $0.duration(to: reading.now)) } ?? .zero
        // A duration between points of the store's time is not negative.
        self.remaining = reading.now.duration(to: entry.freshUntil) - entry.freshUntil.duration(to: reading.now)
        self.isLeased = entry.isLeased(at: reading.now)
        self.source = use != .fresh ? .stale : reading.isNear ? .nearHit : .hit
        self.use = use
        self.reading = reading
    }
}

extension Cache {
    // For all types of values at once: a look is made for each request.
    fileprivate func look(
        at key: CacheKey, by rules: LoadRules, _ consistency: ReadConsistency?
    ) async throws -> Sighting {
        try rules.checkRead(key)
        let bound = (consistency ?? rules.policy.consistency).bound
        let begun = self.watch.begin(self.clock)
        guard key.namespace == self.name, rules.accept(key) else { return Sighting(reading: nil) }
        var sighting =
            if let reading = self.readingNow(of: key, within: bound) {
                self.sighting(in: reading)
            } else {
                self.sighting(in: try await self.reading(of: key, by: rules, isKept: bound > .zero))
            }
        sighting.begun = begun
        return sighting
    }

    private func sighting(in reading: StoreReading?) -> Sighting {
        guard let reading else { return Sighting(reading: nil) }
        if let (entry, use) = self.mirror.use(of: reading) { return Sighting(entry, as: use, in: reading) }
        return self.mirror.validEntry(in: reading).map { Sighting($0, as: .nothing, in: reading) }
            ?? Sighting(reading: reading)
    }
}

extension CacheRegion {
    /// What stands under a key and was not invalidated.
    ///
    /// Counts nothing: see ``served(_:)``.
    package func look(at key: CacheKey, consistency: ReadConsistency? = nil) async throws -> Sighting {
        try await self.core.cache.look(at: key, by: self.core.rules, consistency)
    }

    /// The value that was seen; nil for none, and for one that cannot be read, which is as good as none.
    package func value(in sighting: inout Sighting, under key: CacheKey) -> Value? {
        guard let entry = sighting.entry else { return nil }
        if let value = try? self.core.coding.value(of: entry, under: key) { return value }
        self.core.rules.counters.foundUnreadable()
        sighting = Sighting(reading: sighting.reading)
        return nil
    }

    /// Counts a request that was served what was seen under a key.
    package func served(_ sighting: Sighting, under key: CacheKey) {
        let core = self.core
        core.rules.counters.requested()
        core.rules.counters.answered(from: sighting.source)
        guard let begun = sighting.begun else { return }
        core.cache.watch.end(begun, key, in: core.rules.region, from: sighting.source, core.cache.clock)
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
        for key: CacheKey, after sighting: Sighting, isAnew: Bool,
        tags: @escaping @Sendable (Value) -> [String],
        load: @escaping @Sendable @concurrent (_ previous: (value: Value, tags: [String])?) async throws -> Value
    ) async throws -> CacheResult<Value> {
        let core = self.core
        return try await core.cache.fetch(
            key, by: core.rules, isAnew: isAnew, given: Cache.Given(reading: sighting.reading, begun: sighting.begun),
            from: {
                LoadSource(core.rules) { previous in
                    let value = previous.flatMap { try? core.coding.value(of: $0, under: key) }
                    return core.loaded(try await load(value.map { ($0, previous?.metadata.tags ?? []) }), tags)
                }
            },
            decode: { try core.coding.value(of: $0, under: key) },
            take: { core.coding.value(of: $0) })
    }
}
