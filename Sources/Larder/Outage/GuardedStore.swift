// SPDX-License-Identifier: Apache-2.0

import Logging
import NIOConcurrencyHelpers

/// A store that may fail, as a cache deals with it: not asked while it does not answer, and with every invalidation that
/// it has not got held against what it gives.
///
/// One task at a time watches a store that is out: it probes, and delivers what is pending.
final class GuardedStore: Sendable {
    /// The store is not asked.
    struct NotAsked: Error, CustomStringConvertible {
        let description: String

        static let out = NotAsked(description: "the store does not answer")
    }

    private struct State: Sendable {
        var breaker: CircuitBreaker
        var pending: PendingInvalidations
        /// How often tags or a clear that were pending were delivered: what was read meanwhile may be from before. Who asks
        /// for a key that is pending is told at once, so keys need no count.
        var deliveries: UInt64 = 0
        /// When the last invalidation of this process reached the log.
        var loggedAt: MonotonicInstant?
        var isRecovering = false
        var outages = 0

        /// Why an entry is not asked for; nil when it is.
        func refusal(for key: CacheKey) -> NotAsked? {
            if self.breaker.isOpen { return .out }
            return self.pending.ends(key) ? NotAsked(description: "an invalidation of the entry is pending") : nil
        }

        /// These have reached the store.
        mutating func deliver(
            _ targets: [PendingInvalidations.Target], at now: MonotonicInstant,
            _ change: (inout PendingInvalidations) -> Void
        ) {
            let isLogged = targets.contains { if case .key = $0 { false } else { true } }
            if isLogged { self.loggedAt = now }
            guard !self.pending.isEmpty else { return }
            let before = self.pending.count
            change(&self.pending)
            if isLogged, self.pending.count < before { self.deliveries += 1 }
        }
    }

    private let base: any CacheStore
    private let nearBase: (any NearStore)?
    private let configuration: OutageConfiguration
    private let clock: any CacheClock
    private let random: RandomSource
    private let logger: Logger
    private let onEvent: (@Sendable (CacheEvent) -> Void)?
    /// How an entry is ended that is found by a pattern.
    private let method: @Sendable (CacheKey) -> InvalidationMethod
    private let state: NIOLockedValueBox<State>

    init(
        _ base: any CacheStore, _ configuration: OutageConfiguration, clock: any CacheClock, random: RandomSource,
        logger: Logger, onEvent: (@Sendable (CacheEvent) -> Void)?,
        method: @escaping @Sendable (CacheKey) -> InvalidationMethod
    ) {
        self.base = base
        self.nearBase = base as? any NearStore
        self.configuration = configuration
        self.clock = clock
        self.random = random
        self.logger = logger
        self.onEvent = onEvent
        self.method = method
        self.state = NIOLockedValueBox(
            State(
                breaker: CircuitBreaker(threshold: configuration.maximumFailures),
                pending: PendingInvalidations(capacity: configuration.maximumPendingInvalidations)))
    }

    var kind: String { self.base.kind }

    /// What the store keeps in the process.
    var localContents: LocalContents? { (self.base as? any LocalStore)?.localContents }

    /// How many invalidations have not reached the store.
    var pendingInvalidations: Int { self.state.withLockedValue { $0.pending.count } }

    /// Whether an invalidation of the key has not reached the store.
    func isPending(_ key: CacheKey) -> Bool { self.state.withLockedValue { $0.pending.ends(key) } }

    /// Whether an invalidation that has not reached the store ends an entry.
    func ends(_ entry: Entry, under key: CacheKey) -> Bool {
        self.state.withLockedValue { $0.pending.ends(entry.metadata, under: key) }
    }

    /// Some of the entries. Whether that works says nothing of the store: it takes longer than what else is asked.
    func sample(of namespace: String, matching pattern: KeyPattern, count: Int) async throws -> EntrySample {
        guard let base = self.base as? any SampledStore else {
            throw StoreRefusal("the store cannot be looked through")
        }
        guard !self.isOut else { throw NotAsked.out }
        return try await base.sample(of: namespace, matching: pattern, count: count)
    }

    /// How often the store went out.
    var outages: Int { self.state.withLockedValue { $0.outages } }

    /// Whether the store is not asked because it does not answer.
    var isOut: Bool { self.state.withLockedValue { $0.breaker.isOpen } }

    // MARK: Entries

    /// How often a read is repeated because an invalidation was delivered meanwhile.
    private static let maximumReads = 3

    func readNow(_ key: CacheKey, since position: LogPosition?) -> StoreReading? {
        let (deliveries, isAsked) = self.state.withLockedValue { ($0.deliveries, $0.refusal(for: key) == nil) }
        guard isAsked, let reading = self.base.readNow(key, since: position) else { return nil }
        return self.judged(reading, under: key, since: deliveries)
    }

    /// Whether there is a near-cache.
    var hasNear: Bool { self.nearBase != nil }

    /// What a near-cache holds of a key; nil when it may be older than `bound`, or than an invalidation of this process.
    ///
    /// - Parameter proof: When the question was sent that proves what is known of the log.
    func near(_ key: CacheKey, within bound: Duration, log proof: MonotonicInstant) -> NearReading? {
        guard let near = self.nearBase?.near(key, within: bound) else { return nil }
        // Asked afterwards, so that nothing is missed that was delivered meanwhile: by key it is taken out of what is near, the
        // rest is in the log by then.
        let isServed = self.state.withLockedValue { state in
            state.refusal(for: key) == nil && state.loggedAt.map { $0 < proof } ?? true
                && (state.pending.isEmpty || !state.pending.ends(near.entry.metadata, under: key))
        }
        return isServed ? near : nil
    }

    /// Has a near-cache prove what it holds anew.
    func prove(_ key: CacheKey?, in namespace: String, since position: LogPosition?) async throws -> LogAnswer {
        guard let base = self.nearBase, !self.isOut else { return .lost }
        // Whether it answers says little about the store: it is asked over a connection of its own.
        return try await base.prove(key, in: namespace, since: position)
    }

    func onLogChange(of namespace: String, _ handler: @escaping @Sendable () -> Void) {
        self.nearBase?.onLogChange(of: namespace, handler)
    }

    /// - Parameter isKept: Whether a near-cache is to keep what is found.
    func read(_ key: CacheKey, since position: LogPosition?, isKept: Bool = false) async throws -> StoreReading {
        for _ in 0..<Self.maximumReads {
            let (deliveries, refusal) = self.state.withLockedValue { ($0.deliveries, $0.refusal(for: key)) }
            if let refusal { throw refusal }
            let reading: StoreReading
            do {
                reading =
                    if isKept, let near = self.nearBase {
                        try await near.readKeeping(key, since: position)
                    } else {
                        try await self.base.read(key, since: position)
                    }
                self.state.withLockedValue { $0.breaker.succeeded() }
            } catch {
                throw self.noted(error)
            }
            if let reading = self.judged(reading, under: key, since: deliveries) { return reading }
        }
        throw NotAsked(description: "invalidations are being delivered")
    }

    /// Reads entries together; nil for those that are not asked for.
    ///
    /// - Parameter isKept: Whether a near-cache is to keep what is found.
    func read(_ keys: [CacheKey], since position: LogPosition?, isKept: Bool) async throws -> [StoreReading?] {
        let (deliveries, refusals) = self.state.withLockedValue { state in
            (state.deliveries, keys.map { state.refusal(for: $0) })
        }
        let asked = keys.indices.filter { refusals[$0] == nil }
        guard !asked.isEmpty else { throw refusals.first.flatMap { $0 } ?? .out }
        let found = try await self.asking {
            let keys = asked.map { keys[$0] }
            return if isKept, let near = self.nearBase {
                try await near.readKeeping(keys, since: position)
            } else {
                try await self.base.read(keys, since: position)
            }
        }
        var readings = [StoreReading?](repeating: nil, count: keys.count)
        for (index, reading) in zip(asked, found) {
            readings[index] = self.judged(reading, under: keys[index], since: deliveries)
        }
        return readings
    }

    /// A reading with what is pending held against it; nil if some of that was delivered meanwhile.
    private func judged(_ reading: StoreReading, under key: CacheKey, since deliveries: UInt64) -> StoreReading? {
        self.state.withLockedValue { state in
            guard state.deliveries == deliveries else { return nil }
            guard !state.pending.isEmpty, case .entry(let entry) = reading.record else { return reading }
            var reading = reading
            reading.isOverruled = state.pending.ends(entry.metadata, under: key)
            return reading
        }
    }

    func acquire(
        _ key: CacheKey, seen: EntryImage?, token: LeaseToken, for lease: Duration
    ) async throws -> LeaseAnswer {
        try await self.asking { try await self.base.acquire(key, seen: seen, token: token, for: lease) }
    }

    /// Stores an entry; the log's answer is lost if something pending ends the entry.
    func fill(
        _ key: CacheKey, with entry: Entry, lifetime: EntryLifetime, token: LeaseToken, since position: LogPosition?
    ) async throws -> FillAnswer {
        let deliveries = self.state.withLockedValue { $0.deliveries }
        var answer = try await self.asking {
            try await self.base.fill(key, with: entry, lifetime: lifetime, token: token, since: position)
        }
        let isOverruled = self.state.withLockedValue { state in
            state.deliveries != deliveries || state.pending.ends(key) || state.pending.ends(entry.metadata, under: key)
        }
        if isOverruled { answer.log = .lost }
        return answer
    }

    func renew(_ key: CacheKey, token: LeaseToken, for lease: Duration) async throws -> Bool {
        try await self.asking { try await self.base.renew(key, token: token, for: lease) }
    }

    func awaitChange(of key: CacheKey, from image: EntryImage?, within duration: Duration) async -> Bool {
        guard !self.isOut else { return false }
        return (try? await self.base.awaitChange(of: key, from: image, within: duration)) ?? false
    }

    /// Gives a lease back, also while the store is not asked otherwise: it may get what was sent to it before, and then
    /// this, later.
    func release(_ key: CacheKey, token: LeaseToken, _ reason: LeaseRelease) async throws {
        try await self.base.release(key, token: token, reason)
    }

    func slide(_ key: CacheKey, stamp: LogSequence, lifetime: EntryLifetime, until end: StoreTime) async throws {
        try await self.asking { try await self.base.slide(key, stamp: stamp, lifetime: lifetime, until: end) }
    }

    func log(of namespace: String, since position: LogPosition?) async throws -> LogAnswer {
        try await self.asking { try await self.base.log(of: namespace, since: position) }
    }

    /// Asks for a sign of life, whatever the breaker says.
    func ping() async throws {
        try await self.base.ping()
    }

    // MARK: Invalidations

    func invalidate(_ key: CacheKey, by method: InvalidationMethod) async -> InvalidationOutcome {
        await self.invalidate([.key(key)], by: method) {
            try await $0.invalidate(key, by: method)
            return true
        }
    }

    /// Stores an entry over a lower version; an entry that cannot be reached is to be ended by `method`.
    func write(
        _ key: CacheKey, _ entry: Entry, lifetime: EntryLifetime, else method: InvalidationMethod
    ) async -> InvalidationOutcome {
        // One that was stored has ended nothing: what is pending may be for a later version.
        await self.invalidate([.key(key)], by: method) { try await !$0.write(key, entry, lifetime: lifetime) }
    }

    func invalidate(tags: [String], in namespace: String) async -> InvalidationOutcome {
        await self.invalidate(tags.map { .tag($0, in: namespace) }) {
            try await $0.invalidate(tags: tags, in: namespace)
            return true
        }
    }

    func invalidate(
        matching pattern: KeyPattern, in namespace: String, progress: @escaping @Sendable (Int) -> Void
    ) async -> InvalidationOutcome {
        await self.invalidate([.pattern(pattern, in: namespace)]) { [method] in
            try await $0.invalidate(matching: pattern, in: namespace, by: method, progress: progress)
            return true
        }
    }

    func clear(_ namespace: String) async -> InvalidationOutcome {
        await self.invalidate([.namespace(namespace)]) {
            try await $0.clear(namespace)
            return true
        }
    }

    /// - Parameter send: Asks the store; whether the targets are ended by it.
    private func invalidate(
        _ targets: [PendingInvalidations.Target], by method: InvalidationMethod = .remove,
        _ send: @escaping @Sendable @concurrent (any CacheStore) async throws -> Bool
    ) async -> InvalidationOutcome {
        let start = self.state.withLockedValue { $0.pending.now }
        // The change is committed: whoever gives up waiting must not take the invalidation with them.
        let attempt = Task { try await self.asking { try await send(self.base) } }
        switch await attempt.result {
        case .success(let isEnded):
            guard isEnded else { return .applied }
            let now = self.clock.now
            self.state.withLockedValue { state in
                state.deliver(targets, at: now) { pending in
                    for target in targets { pending.delivered(target, by: method, upTo: start) }
                }
            }
            return .applied
        case .failure(let error):
            self.state.withLockedValue { state in
                for target in targets { state.pending.add(target, by: method) }
            }
            self.onEvent?(.queued(error))
            self.logger.info("an invalidation is queued", metadata: ["larder.error": "\(error)"])
            self.recover()
            return .queued
        }
    }

    // MARK: Breaker

    private func asking<Answer>(_ call: () async throws -> Answer) async throws -> Answer {
        guard !self.isOut else { throw NotAsked.out }
        do {
            let answer = try await call()
            self.state.withLockedValue { $0.breaker.succeeded() }
            return answer
        } catch {
            throw self.noted(error)
        }
    }

    /// The error of a call, once the breaker knows of it.
    private func noted(_ error: any Error) -> any Error {
        switch error {
        case is StoreRefusal:
            self.state.withLockedValue { $0.breaker.succeeded() }
        case is CancellationError:
            break
        default:
            let isOutNow = self.state.withLockedValue { state in
                guard state.breaker.failed() else { return false }
                state.outages += 1
                return true
            }
            if isOutNow {
                self.onEvent?(.storeIsOut(error))
                self.logger.info("the store is out", metadata: ["larder.error": "\(error)"])
                self.recover()
            }
        }
        return error
    }

    // MARK: Recovery

    /// Sees to it that somebody probes and delivers.
    private func recover() {
        let isNeeded = self.state.withLockedValue { state in
            defer { state.isRecovering = true }
            return !state.isRecovering
        }
        guard isNeeded else { return }
        let shortest = max(self.configuration.recoveryPause, .milliseconds(1))
        let longest = max(self.configuration.maximumRecoveryPause, shortest)
        Task { [weak self, clock, random] in
            var pause = shortest
            while true {
                // What is pending is delivered even if nobody uses the cache any more; a mere probe is not worth that.
                let keeper = self.flatMap { $0.pendingInvalidations > 0 ? $0 : nil }
                try await clock.sleep(for: random.jittered(pause))
                guard let self else { return }
                switch await self.recoverOnce(whenDone: { $0.isRecovering = false }) {
                case .done: return
                case .progress: pause = shortest
                case .none: pause = min(pause * 2, longest)
                }
                withExtendedLifetime(keeper) {}
            }
        }
    }

    private enum Progress {
        case none, progress, done
    }

    /// Probes, and delivers what is pending.
    ///
    /// - Parameter body: Called when nothing is left to do, before anything can be added.
    private func recoverOnce(whenDone body: (inout State) -> Void = { _ in }) async -> Progress {
        let before = self.pendingInvalidations
        var isClosed = false
        do {
            if self.isOut {
                try await self.base.ping()
                self.state.withLockedValue { $0.breaker.close() }
                self.onEvent?(.storeIsBack)
                self.logger.info("the store answers again")
            }
            try await self.deliver(self.state.withLockedValue { $0.pending.items })
        } catch {
            isClosed = error is StoreClosed
            self.logger.debug("the store is still out", metadata: ["larder.error": "\(error)"])
        }
        return self.state.withLockedValue { state in
            if isClosed || !state.breaker.isOpen && state.pending.isEmpty {
                body(&state)
                return .done
            }
            return state.pending.count < before ? .progress : .none
        }
    }

    /// Delivers what is pending now, instead of when the time has come.
    ///
    /// - Returns: How many invalidations are pending still.
    func flush(within duration: Duration) async -> Int {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                while self.pendingInvalidations > 0, await self.recoverOnce() != .done {
                    do { try await self.clock.sleep(for: .milliseconds(20)) } catch { return }
                }
            }
            group.addTask { try? await self.clock.sleep(for: duration) }
            await group.next()
            group.cancelAll()
        }
        return self.pendingInvalidations
    }

    /// How many keys are delivered at once, and how many tags together.
    private static let batch = (keys: 64, tags: CacheTag.maximumCount)

    /// Delivers each on its own: one that the store refuses keeps none of the others back.
    private func deliver(_ items: [PendingInvalidations.Item]) async throws {
        var failure: (any Error)?
        func attempt(_ items: some Sequence<PendingInvalidations.Item>, _ call: () async throws -> Void) async {
            do {
                try await self.asking(call)
                self.delivered(items)
            } catch {
                failure = failure ?? error
            }
        }
        var keys: [PendingInvalidations.Item] = []
        var tags: [String: [PendingInvalidations.Item]] = [:]
        var patterns: [(PendingInvalidations.Item, KeyPattern, String)] = []
        for item in items {
            switch item.target {
            case .key: keys.append(item)
            case .tag(_, in: let namespace): tags[namespace, default: []].append(item)
            case .pattern(let pattern, in: let namespace): patterns.append((item, pattern, namespace))
            case .namespace(let namespace): await attempt([item]) { try await self.base.clear(namespace) }
            }
        }
        for (namespace, items) in tags {
            for part in items.batches(of: Self.batch.tags) {
                let names = part.compactMap { item in
                    if case .tag(let name, in: _) = item.target { name } else { nil }
                }
                await attempt(part) { try await self.base.invalidate(tags: names, in: namespace) }
            }
        }
        for part in keys.batches(of: Self.batch.keys) {
            try Task.checkCancellation()
            // A store that has gone out again is not asked for each of many.
            if self.isOut { throw failure ?? NotAsked.out }
            let results = await withTaskGroup(of: (any Error)?.self) { group in
                for item in part {
                    guard case .key(let key) = item.target else { continue }
                    group.addTask {
                        do {
                            try await self.asking { try await self.base.invalidate(key, by: item.method) }
                            self.delivered([item])
                            return nil
                        } catch {
                            return error
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            failure = failure ?? results.lazy.compactMap { $0 }.first
        }
        // Last, since each goes through all keys.
        for (item, pattern, namespace) in patterns {
            try Task.checkCancellation()
            await attempt([item]) {
                try await self.base.invalidate(matching: pattern, in: namespace, by: self.method, progress: { _ in })
            }
        }
        if let failure { throw failure }
    }

    private func delivered(_ items: some Sequence<PendingInvalidations.Item>) {
        let now = self.clock.now
        self.state.withLockedValue { state in
            state.deliver(items.map(\.target), at: now) { pending in
                for item in items { pending.delivered(item) }
            }
        }
    }
}
