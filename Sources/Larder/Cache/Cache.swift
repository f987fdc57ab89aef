// SPDX-License-Identifier: Apache-2.0

import CoreMetrics
public import Logging
import NIOConcurrencyHelpers

/// A cache with a name: cached functions and regions on one store, invalidated together.
///
/// ```swift
/// let cache = Cache("shop", store: .embedded)
///
/// let product = cache.function("product", .ttl(.seconds(300))) { (id: Int) in
///     try await database.product(id: id)
/// }.tagged { product, id in ["product:\(id)", "category:\(product.category)"] }
///
/// let tea = try await product(42)
/// await product.invalidate(42)
/// ```
///
/// Caches of the same name on one store, in whatever process, share entries and invalidations. Within a process make one
/// of a name: callers share loads, and see invalidations that could not reach the store, through the same value.
public final class Cache: Sendable {
    /// The namespace of the cache's keys and of its invalidation log.
    public let name: String
    let store: GuardedStore
    let configuration: CacheConfiguration
    let access: AccessGuard?
    package let clock: any CacheClock
    package let logger: Logger
    private let metrics: CacheMetrics
    let mirror: LogMirror
    let random: RandomSource
    let flights = Flights()
    let watch = RequestWatch()
    /// The entries whose lives are being prolonged.
    let slides = NIOLockedValueBox<Set<CacheKey>>([])
    let proving = NIOLockedValueBox(Proving())
    /// The leases of this process.
    let leases = NIOLockedValueBox<Set<LeaseToken>>([])
    let regions = NIOLockedValueBox<[String: RegionState]>([:])

    /// Makes a cache.
    ///
    /// - Parameters:
    ///   - name: The namespace.
    ///   - store: Where entries are kept.
    ///   - configuration: Leases, waits and sizes.
    ///   - clock: The time for waits and leases; the store keeps its own for lifetimes.
    ///   - logger: Told, at level info or lower, what a caller is not: a store that fails, a value that is not stored.
    public convenience init(
        _ name: String,
        store: some CacheStore,
        configuration: CacheConfiguration = CacheConfiguration(),
        clock: any CacheClock = SystemClock(),
        logger: Logger = Logger(label: "larder", factory: { _ in SwiftLogNoOpLogHandler() })
    ) {
        self.init(name, store: store, configuration: configuration, clock: clock, random: .system, logger: logger)
    }

    /// Makes a cache whose random numbers can be repeated.
    package init(
        _ name: String, store: some CacheStore, configuration: CacheConfiguration, clock: any CacheClock,
        random: RandomSource, logger: Logger
    ) {
        self.name = name
        self.store = GuardedStore(
            store, configuration.outage, clock: clock, random: random, logger: logger, onEvent: configuration.onEvent
        ) {
            [regions] key in
            regions.withLockedValue { regions in
                if let region = regions[key.region] { return region.invalidationMethod }
                // Whose it is cannot be told.
                return key.region.isEmpty
                    ? regions.values.reduce(.remove) { $0.stronger($1.invalidationMethod) } : .remove
            }
        }
        self.configuration = configuration
        self.access = configuration.access.map { AccessGuard($0, namespace: name) }
        self.clock = clock
        self.random = random
        self.logger = logger
        self.metrics = CacheMetrics(name, configuration.metricsFactory ?? MetricsSystem.factory)
        self.mirror = LogMirror(namespace: name, capacity: configuration.maximumTags)
        self.store.onLogChange(of: name) { [weak self] in self?.prove(nil) }
    }

    // MARK: Regions and functions

    /// A part of the cache for values of one type.
    ///
    /// - Parameters:
    ///   - name: The region's name in keys and statistics. Regions of the same name share entries.
    ///   - type: The type of its values. An optional keeps absences too.
    ///   - policy: How long entries live.
    ///   - codec: How values are written.
    public func region<Value: Codable & Sendable>(
        _ name: String, of type: Value.Type, _ policy: CachePolicy, codec: any CacheCodec = .json
    ) -> CacheRegion<Value> {
        let state = self.state(of: name, invalidatedBy: policy.invalidationMethod)
        return CacheRegion(
            RegionCore(
                self,
                LoadRules(
                    name, policy, state, access: self.access, isPrincipalBound: Value.self is any PrincipalBound.Type),
                ValueCoding(
                    codec: codec, schema: SchemaFingerprint.of(Value.self),
                    transform: PayloadTransform(maximumSize: self.configuration.maximumValueSize))))
    }

    /// A function whose results are cached by its arguments.
    ///
    /// - Parameters:
    ///   - name: The name of its region. Functions of the same name share entries.
    ///   - policy: How long entries live.
    ///   - codec: How values are written.
    ///   - load: The function. Its value must come from its arguments alone; one that is nil is cached as an absence.
    public func function<Value: Codable & Sendable, each Argument: CacheKeyComponent & Sendable>(
        _ name: String,
        _ policy: CachePolicy,
        codec: any CacheCodec = .json,
        load: @escaping @Sendable @concurrent (repeat each Argument) async throws -> Value
    ) -> CacheFunction<Value, repeat each Argument> {
        let region = self.region(name, of: Value.self, policy, codec: codec)
        return CacheFunction(
            region: region, key: { (argument: repeat each Argument) in region.key(repeat each argument) }, load: load)
    }

    /// A function whose results are cached by what is made of its arguments, which may be anything: for those that are no part of
    /// what the value depends on.
    ///
    /// ```swift
    /// let product = cache.function("product", .ttl(.seconds(300)), key: { id, _ in id }) { (id: Int, logger: Logger) in
    ///     try await catalogue.product(id, logger: logger)
    /// }
    /// ```
    ///
    /// - Parameters:
    ///   - name: The region's name in keys and statistics. Regions of the same name share entries.
    ///   - policy: How long entries live.
    ///   - codec: How values are written.
    ///   - key: What the value depends on.
    ///   - load: The function. One that is nil is cached as an absence.
    public func function<Value: Codable & Sendable, each Argument: Sendable, Part: CacheKeyComponent & Sendable>(
        _ name: String,
        _ policy: CachePolicy,
        codec: any CacheCodec = .json,
        key: @escaping @Sendable (repeat each Argument) -> Part,
        load: @escaping @Sendable @concurrent (repeat each Argument) async throws -> Value
    ) -> CacheFunction<Value, repeat each Argument> {
        let region = self.region(name, of: Value.self, policy, codec: codec)
        return CacheFunction(
            region: region,
            key: { (argument: repeat each Argument) in region.key(key(repeat each argument)) }, load: load)
    }

    /// A function whose results are cached by several parts that are made of its arguments: `key: { id, locale, _ in (id, locale) }`.
    ///
    /// - Parameters:
    ///   - name: The region's name in keys and statistics. Regions of the same name share entries.
    ///   - policy: How long entries live.
    ///   - codec: How values are written.
    ///   - key: What the value depends on.
    ///   - load: The function. One that is nil is cached as an absence.
    public func function<Value: Codable & Sendable, each Argument: Sendable, each Part: CacheKeyComponent & Sendable>(
        _ name: String,
        _ policy: CachePolicy,
        codec: any CacheCodec = .json,
        key: @escaping @Sendable (repeat each Argument) -> (repeat each Part),
        load: @escaping @Sendable @concurrent (repeat each Argument) async throws -> Value
    ) -> CacheFunction<Value, repeat each Argument> {
        let region = self.region(name, of: Value.self, policy, codec: codec)
        return CacheFunction(
            region: region,
            key: { (argument: repeat each Argument) in
                let part = key(repeat each argument)
                return region.key(repeat each part)
            }, load: load)
    }

    // MARK: Invalidation

    /// Ends every entry that carries one of `tags` and was loaded before now, whatever its region.
    ///
    /// Call it after the change is committed. Takes the same time for one entry and for a million.
    ///
    /// - Parameter tags: At most 1,000 tags of 1 to 512 bytes.
    /// - Throws: ``CacheError`` with the code ``CacheError/Code/invalidTag``; then nothing was invalidated.
    @discardableResult
    public func invalidate(tags: [String]) async throws -> InvalidationOutcome {
        try CacheTag.check(tags)
        guard !tags.isEmpty else { return .applied }
        guard self.isAllowed({ try $0.checkEverything(.invalidate) }) else { return .denied }
        return await self.store.invalidate(tags: tags, in: self.name)
    }

    /// Ends one entry, and every load of it that has begun.
    ///
    /// Call it after the change is committed. How the entry ends is said by the policy of its region, which this cache must
    /// have been told by then if that holds off or keeps invalidated values.
    @discardableResult
    public func invalidate(_ key: CacheKey) async -> InvalidationOutcome {
        guard self.isAllowed({ try $0.check(.invalidate, key) }) else { return .denied }
        return await self.end(key)
    }

    /// Ends one entry, whoever asks.
    @discardableResult
    package func end(_ key: CacheKey) async -> InvalidationOutcome {
        let region = self.regionState(of: key)
        region?.counters.invalidations.increment()
        defer { self.flights.detach(key) }
        return await self.store.invalidate(key, by: region?.invalidationMethod ?? .remove)
    }

    /// Ends the entries whose keys match a pattern, and every load of them that has begun.
    ///
    /// Goes through all keys of the store, where tags take one step: for what nobody thought of tagging. Other
    /// commands are served meanwhile. When the store cannot be reached, or not to the end, it begins again later.
    ///
    /// ```swift
    /// let old = await cache.invalidate(matching: "product:*") { print("\($0) so far") }
    /// ```
    ///
    /// - Parameters:
    ///   - pattern: Which keys, without the name of the cache.
    ///   - onProgress: Told now and then how many entries were ended so far.
    /// - Returns: How many entries were ended, and whether all were.
    @discardableResult
    public func invalidate(
        matching pattern: KeyPattern, onProgress: (@Sendable (Int) -> Void)? = nil
    ) async -> (count: Int, outcome: InvalidationOutcome) {
        guard self.isAllowed({ try $0.checkEverything(.invalidate) }) else { return (0, .denied) }
        let count = NIOLockedValueBox(0)
        let outcome = await self.store.invalidate(matching: pattern, in: self.name) { ended in
            let sum = count.withLockedValue { count in
                count += ended
                return count
            }
            onProgress?(sum)
        }
        return (count.withLockedValue { $0 }, outcome)
    }

    /// Ends every entry of this cache that was loaded before now.
    @discardableResult
    public func clear() async -> InvalidationOutcome {
        guard self.isAllowed({ try $0.checkEverything(.invalidate) }) else { return .denied }
        return await self.store.clear(self.name)
    }

    /// Delivers invalidations that are queued, now rather than later: for a service that stops.
    ///
    /// - Parameter duration: How long it may take.
    /// - Returns: How many are queued still; other processes serve what they would have ended up to its lifetime.
    @discardableResult
    public func flush(within duration: Duration) async -> Int {
        await self.store.flush(within: duration)
    }

    // MARK: Looking in

    /// What each region has done since the cache was made, by name.
    public var statistics: [String: RegionStatistics] {
        self.regions.withLockedValue { $0.mapValues { $0.counters.statistics } }
    }

    /// Passes on to the metrics backend what has been counted since the last time.
    ///
    /// The route of `LarderHummingbird` that Prometheus asks does it by itself. For a backend that is sent its metrics call it every few
    /// seconds.
    public func reportMetrics() {
        self.metrics.tell({ self.statistics }, self.store)
    }

    /// Asks the store for a sign of life.
    public func health() async -> StoreHealth {
        let start = self.clock.now
        var state = StoreHealth.State.up
        do {
            try await self.store.ping()
        } catch {
            state = .down
        }
        return StoreHealth(
            kind: self.store.kind, state: state, latency: start.duration(to: self.clock.now),
            queuedInvalidations: self.store.pendingInvalidations, outages: self.store.outages)
    }

    /// Returns when nothing is being loaded or prolonged, so that what was loaded is stored, or when the caller's task is cancelled:
    /// for tests, which are to see what is stored.
    public func settle() async {
        while !Task.isCancelled, !self.flights.isEmpty || self.slides.withLockedValue({ !$0.isEmpty }) {
            await Task.yield()
        }
    }

    /// What the store holds under a key, and what a call for it would make of that.
    public func explain(_ key: CacheKey) async -> CacheExplanation {
        guard key.namespace == self.name else {
            return CacheExplanation(key: key, verdict: .absent, reason: "it is a key of another cache")
        }
        guard self.isAllowed({ try $0.check(.read, key) }) else {
            return CacheExplanation(key: key, verdict: .denied, reason: "whoever asks may not read it")
        }
        if self.store.isPending(key) {
            return CacheExplanation(
                key: key, verdict: .invalidated, reason: "an invalidation is on its way to the store")
        }
        do {
            return self.mirror.explanation(
                of: try await self.reading(of: key), for: key, heldHere: self.leases.withLockedValue { $0 })
        } catch {
            return CacheExplanation(key: key, verdict: .storeUnavailable, reason: "\(error)")
        }
    }

    /// How many callers wait for a load.
    package var waiting: Int { self.flights.waiting }

    /// What the policy says of something that throws nothing.
    private func isAllowed(_ check: (AccessGuard) throws -> Void) -> Bool {
        guard let access else { return true }
        do {
            try check(access)
            return true
        } catch {
            self.logger.notice("somebody was refused", metadata: ["larder.error": "\(error)"])
            return false
        }
    }

    private func state(of region: String, invalidatedBy method: InvalidationMethod) -> RegionState {
        self.regions.withLockedValue { regions in
            let state =
                regions[region]
                ?? RegionState(
                    invalidatedBy: method,
                    counters: RegionCounters(
                        region: region, metrics: self.metrics, onEvent: self.configuration.onEvent))
            state.mustEnd(by: method)
            regions[region] = state
            return state
        }
    }

    /// The region of a key, if this cache has been told of it.
    func regionState(of key: CacheKey) -> RegionState? {
        self.regions.withLockedValue { $0[key.region] }
    }
}
