// SPDX-License-Identifier: Apache-2.0

import Logging
import NIOConcurrencyHelpers

extension Cache {
    /// How often a caller may find that the entry changed under it before it loads for itself.
    private static let maximumRounds = 8

    /// How often a read is repeated because the log moved on to another epoch meanwhile.
    static let maximumReads = 3

    /// What a caller can do with what it read.
    private struct Found {
        var entry: Entry
        var use: EntryUse
        var now: StoreTime
    }

    /// The one way from a key to a value: reads, and has it loaded and filled when there is nothing to serve.
    ///
    /// - Parameters:
    ///   - key: The entry's name.
    ///   - rules: How its region is loaded.
    ///   - consistency: How new the answer has to be; nil for what the policy says.
    ///   - isAnew: Whether to load though there may be something to serve, and to share no load that has begun.
    ///   - given: What is at hand when it is fetched along with others.
    ///   - source: What to do on a miss; not asked for on a hit.
    ///   - decode: Reads what the caller needs from an entry; what it cannot read is loaded anew.
    ///   - take: Takes what the caller needs from a loaded value; nil when the load was of another type, by a region
    ///     of the same name.
    func fetch<Output>(
        _ key: CacheKey,
        by rules: LoadRules,
        _ consistency: ReadConsistency? = nil,
        isAnew: Bool = false,
        given: Given? = nil,
        from source: () -> LoadSource,
        decode: (Entry) throws -> Output,
        take: (LoadedValue) throws -> Output?
    ) async throws -> CacheResult<Output> {
        // What was read for it was allowed.
        if given == nil { try rules.checkRead(key) }
        // One that cannot be served after all comes again.
        let isTrial = given?.isServable == true
        let begun = given == nil ? self.watch.begin(self.clock) : given?.begun
        if !isTrial { rules.counters.requested() }
        var outcome = CacheSource.miss
        var hasLed = false
        defer {
            if !isTrial || outcome != .miss {
                rules.counters.answered(from: outcome)
                if let begun { self.watch.end(begun, key, in: rules.region, from: outcome, self.clock) }
            }
            // Others need not wait for a load that nobody began.
            if !hasLed { given?.seat?.leave() }
        }
        var arrival: (moment: Flights.Moment, time: MonotonicInstant)?
        var round = 0
        while key.namespace == self.name, rules.accept(key) {
            round += 1
            // Whoever comes again, or loads anew, wants to know what stands in the store.
            let bound = round == 1 && !isAnew ? (consistency ?? rules.policy.consistency).bound : .zero
            let reading =
                if round == 1, let given {
                    given.reading
                } else if let now = self.readingNow(of: key, within: bound) {
                    now
                } else {
                    try await self.reading(of: key, by: rules, isKept: bound > .zero)
                }
            let found = isAnew ? nil : reading.flatMap { self.find(in: $0, rules) }
            let spare = found.flatMap { self.decoded($0, rules, decode) }
            if let found, let spare, let served = self.serve(found, for: key, by: rules, from: source, reading) {
                if isTrial { rules.counters.requested() }
                outcome = served
                return CacheResult(value: spare, source: served)
            }
            if isTrial { throw NotServed() }
            let (moment, time) = arrival ?? (self.flights.arrive(), self.clock.now)
            arrival = (moment, time)
            if isAnew {
                if self.flights.isCircular(key) { break }
                self.flights.detach(key, begunBefore: moment)
            }
            let answer: Flights.Answer
            do {
                var isLed = false
                answer = try await self.flights.wait(
                    for: key, arrival: moment, until: rules.policy.deadline(from: time, hasSpare: spare != nil),
                    on: self.clock, limit: rules.limit, follow: { given?.seat?.leave() }
                ) { id in
                    isLed = true
                    hasLed = true
                    let flight = Flight(
                        id: id, cache: self, key: key, source: source(),
                        waitUntil: time.advanced(by: self.configuration.maximumWait), isAnew: isAnew)
                    // Whoever was turned away too often goes without a lease, which cannot be taken from it.
                    let basis = round <= Self.maximumRounds ? reading : nil
                    Task { await flight.run(basis) }
                }
                if !isLed { rules.counters.waits.increment() }
                if case .timedOut = answer {
                    rules.counters.loadTimeouts.increment()
                    throw CacheError(.loadTimeout, "a load in the region \(rules.region) takes too long")
                }
            } catch let error as BatchLoad.NotGiven {
                // Who asked for one alone asks for itself: its own load may know more.
                guard given?.seat == nil else { throw error }
                break
            } catch {
                // Judged by the caller's own reading, so as good as its policy promises.
                guard let spare, !Task.isCancelled else { throw error }
                self.logger.debug(
                    "an old value is served",
                    metadata: ["larder.region": "\(rules.region)", "larder.error": "\(error)"])
                outcome = .stale
                return CacheResult(value: spare, source: .stale)
            }
            if case .again = answer { continue }
            if case .loaded(let value) = answer, let output = try take(value) {
                return CacheResult(value: output, source: .miss)
            }
            break
        }
        // Alone: the load to share would wait for this one, or gave something else, the key is another cache's, or says not whose.
        let (value, _) = try await source().load(on: self.clock)
        rules.counters.fillRefused()
        guard let output = try take(value) else {
            throw Undecodable(reason: "a region cannot take what it has loaded")
        }
        return CacheResult(value: output, source: .miss)
    }

    /// What is served for a key without a load; nil for nothing.
    func cached<Output>(
        _ key: CacheKey, by rules: LoadRules, _ consistency: ReadConsistency? = nil, decode: (Entry) throws -> Output
    ) async -> Output? {
        let begun = self.watch.begin(self.clock)
        rules.counters.requested()
        var outcome = CacheSource.miss
        defer {
            rules.counters.answered(from: outcome)
            // Whoever finds nothing here waits for nothing.
            if let begun, outcome != .miss {
                self.watch.end(begun, key, in: rules.region, from: outcome, self.clock)
            }
        }
        let bound = (consistency ?? rules.policy.consistency).bound
        guard
            (try? rules.checkRead(key)) != nil, key.namespace == self.name, rules.accept(key),
            let reading = await self.read(key, within: bound),
            let found = self.find(in: reading, rules),
            self.mirror.serves(found.entry, as: found.use, at: found.now),
            let output = self.decoded(found, rules, decode)
        else { return nil }
        outcome = found.use == .fresh ? reading.isNear ? .nearHit : .hit : .stale
        return output
    }

    // MARK: Reading

    /// Reads an entry with what happened in the log; nil when the store cannot tell both.
    func read(_ key: CacheKey, within bound: Duration = .zero) async -> StoreReading? {
        if let now = self.readingNow(of: key, within: bound) { return now }
        do {
            return try await self.reading(of: key, isKept: bound > .zero)
        } catch {
            self.logger.debug("a read failed", metadata: ["larder.error": "\(error)"])
            return nil
        }
    }

    /// What is known in the process; nil when a store has to be asked, or something else first.
    func readingNow(of key: CacheKey, within bound: Duration) -> StoreReading? {
        if self.store.hasNear, bound > .zero, let near = self.readingNear(of: key, within: bound) { return near }
        guard let asked = self.mirror.position, let reading = self.store.readNow(key, since: asked),
            self.mirror.apply(reading.log, asked: asked)
        else { return nil }
        return reading
    }

    /// Reads an entry; nil when the store cannot tell, and the policy lets that pass.
    func reading(of key: CacheKey, by rules: LoadRules, isKept: Bool) async throws -> StoreReading? {
        do {
            return try await self.reading(of: key, isKept: isKept)
        } catch {
            rules.counters.storeFailures.increment()
            self.logger.debug("a read failed", metadata: ["larder.error": "\(error)"])
            try Task.checkCancellation()
            guard rules.policy.onStoreFailure == .throw else { return nil }
            throw CacheError.storeUnavailable(error)
        }
    }

    /// - Parameter isKept: Whether a near-cache is to keep what is found.
    func reading(of key: CacheKey, isKept: Bool = false) async throws -> StoreReading {
        for _ in 0..<Self.maximumReads {
            let asked = self.mirror.position
            if asked != nil {
                let sent = self.clock.now
                let reading = try await self.store.read(key, since: asked, isKept: isKept)
                let proof = reading.isProof ? sent : nil
                if self.mirror.apply(reading.log, asked: asked, proof: proof) { return reading }
            }
            try await self.mirror.pull(from: self.store)
        }
        throw StoreRefusal("the log cannot be followed")
    }

    // MARK: Serving

    private func find(in reading: StoreReading, _ rules: LoadRules) -> Found? {
        if case .unreadable = reading.record { rules.counters.foundUnreadable() }
        return self.mirror.use(of: reading).map { Found(entry: $0.entry, use: $0.use, now: reading.now) }
    }

    private func decoded<Output>(_ found: Found, _ rules: LoadRules, _ decode: (Entry) throws -> Output) -> Output? {
        do {
            return try decode(found.entry)
        } catch {
            rules.counters.foundUnreadable()
            self.logger.debug(
                "an entry could not be decoded",
                metadata: ["larder.region": "\(rules.region)", "larder.error": "\(error)"])
            return nil
        }
    }

    /// Whether what was found is served as it is, and as what; has it prolonged or loaded anew as its policy says.
    private func serve(
        _ found: Found, for key: CacheKey, by rules: LoadRules, from source: () -> LoadSource,
        _ reading: StoreReading?
    ) -> CacheSource? {
        let (entry, now) = (found.entry, found.now)
        switch found.use {
        case .fresh:
            if let (lifetime, end) = entry.slide(at: now) {
                self.slide(key, entry, to: lifetime, until: end)
            }
            if let eagerness = rules.policy.earlyRefresh, !entry.isLeased(at: now),
                entry.isDueEarly(at: now, eagerness: eagerness, draw: self.random.exponential)
            {
                self.refresh(key, from: source, reading)
            }
            return reading?.isNear == true ? .nearHit : .hit
        case .whileRevalidating:
            if !entry.isLeased(at: now) { self.refresh(key, from: source, reading) }
            return .stale
        case .onError:
            return self.mirror.isPaused(entry, at: now) ? .stale : nil
        case .nothing:
            return nil
        }
    }

    /// Loads anew what is served meanwhile, unless that is being done.
    private func refresh(_ key: CacheKey, from source: () -> LoadSource, _ reading: StoreReading?) {
        guard let id = self.flights.begin(key) else { return }
        let source = source()
        source.rules.counters.refreshes.increment()
        let flight = Flight(
            id: id, cache: self, key: key, source: source, waitUntil: self.clock.now, isRefresh: true)
        Task { await flight.run(reading) }
    }

    /// Prolongs the life of an entry, unless that is being done.
    private func slide(_ key: CacheKey, _ entry: Entry, to lifetime: EntryLifetime, until end: StoreTime) {
        guard self.slides.withLockedValue({ $0.insert(key).inserted }) else { return }
        Task {
            defer { self.slides.withLockedValue { _ = $0.remove(key) } }
            do {
                try await self.store.slide(key, stamp: entry.stamp, lifetime: lifetime, until: end)
            } catch {
                self.logger.debug("a life was not prolonged", metadata: ["larder.error": "\(error)"])
            }
        }
    }
}

extension CachePolicy {
    /// When a caller has waited long enough for a load.
    ///
    /// - Parameters:
    ///   - start: When it began to wait.
    ///   - hasSpare: Whether it has an old value to serve instead.
    fileprivate func deadline(from start: MonotonicInstant, hasSpare: Bool) -> MonotonicInstant? {
        let timeout = hasSpare ? self.softLoadTimeout ?? self.hardLoadTimeout : self.hardLoadTimeout
        return timeout.map { start.advanced(by: $0) }
    }
}
