// SPDX-License-Identifier: Apache-2.0

import Logging
import Synchronization

extension Cache {
    /// What is at hand for a key that is fetched along with others.
    struct Given: Sendable {
        /// What was read for it; nil when the store could not be asked.
        var reading: StoreReading?
        /// When it was asked for, if requests are watched.
        var begun: MonotonicInstant?
        /// Its place in the load of all that are missing.
        var seat: BatchLoad.Seat?
        /// Whether it seems that it can be served: if it cannot, it is missing like others, which have not been asked for yet.
        var isServable = false
    }

    /// What was read cannot be served.
    struct NotServed: Error {}

    /// The way from many keys to their values: reads them together, and has each that is missing loaded and filled as one alone would
    /// be.
    ///
    /// - Parameters:
    ///   - keys: The entries' names.
    ///   - rules: How their region is loaded.
    ///   - consistency: How new the answers have to be; nil for what the policy says.
    ///   - isAnew: Whether to load though there may be something to serve.
    ///   - concurrency: How many of those that are missing are fetched at a time; nil for all.
    ///   - batch: Loads those that are missing together; nil where each is loaded by itself.
    ///   - source: What to do for a key that is missing.
    ///   - decode: Reads what the caller needs from an entry.
    ///   - take: Takes what the caller needs from a loaded value.
    /// - Returns: The values in the order of their keys; nil for those that a load of many did not give.
    func fetchAll<Output: Sendable>(
        _ keys: [CacheKey],
        by rules: LoadRules,
        _ consistency: ReadConsistency?,
        isAnew: Bool = false,
        atATime concurrency: Int? = nil,
        in batch: BatchLoad? = nil,
        from source: @escaping @Sendable (Int) -> LoadSource,
        decode: @escaping @Sendable (Entry, CacheKey) throws -> Output,
        take: @escaping @Sendable (LoadedValue) throws -> Output?
    ) async throws -> [Output?] {
        @Sendable func fetch(_ index: Int, _ given: Given) async throws -> Output? {
            do {
                return try await self.fetch(
                    keys[index], by: rules, consistency, isAnew: isAnew, given: given, from: { source(index) },
                    decode: { try decode($0, keys[index]) }, take: take
                ).value
            } catch is BatchLoad.NotGiven {
                return nil
            }
        }
        for key in keys { try rules.checkRead(key) }
        let bound = isAnew ? .zero : (consistency ?? rules.policy.consistency).bound
        let begun = self.watch.begin(self.clock)
        let readings = try await self.readings(of: keys, by: rules, within: bound)
        var outputs = [Output?](repeating: nil, count: keys.count)
        var missing: [Int] = []
        defer { batch?.close() }
        for index in keys.indices {
            let reading = readings[index]
            if !isAnew, let reading, self.mirror.servedEntry(in: reading) != nil {
                do {
                    // Where it is loaded anew behind it that takes a seat too.
                    outputs[index] = try await fetch(index, Given(reading: reading, begun: begun, isServable: true))
                    continue
                } catch is NotServed {}
            }
            missing.append(index)
        }
        let seats = missing.map { batch?.seat($0) }
        batch?.close()
        guard !missing.isEmpty else { return outputs }
        try await withThrowingTaskGroup(of: (index: Int, output: Output?).self) { group in
            for (count, index) in missing.enumerated() {
                if let concurrency, count >= concurrency, let next = try await group.next() {
                    outputs[next.index] = next.output
                }
                let given = Given(reading: readings[index], begun: begun, seat: seats[count])
                group.addTask { (index, try await fetch(index, given)) }
            }
            for try await next in group { outputs[next.index] = next.output }
        }
        return outputs
    }

    /// Reads entries together; nil for those for which the store could not be asked.
    func readings(
        of keys: [CacheKey], by rules: LoadRules, within bound: Duration
    ) async throws -> [StoreReading?] {
        let accepted = keys.indices.filter { keys[$0].namespace == self.name && rules.accept(keys[$0]) }
        var readings = [StoreReading?](repeating: nil, count: keys.count)
        for index in accepted { readings[index] = self.readingNow(of: keys[index], within: bound) }
        var unknown = accepted.filter { readings[$0] == nil }
        do {
            for _ in 0..<Self.maximumReads where !unknown.isEmpty {
                guard let asked = self.mirror.position else {
                    try await self.mirror.pull(from: self.store)
                    continue
                }
                let sent = self.clock.now
                let found = try await self.store.read(unknown.map { keys[$0] }, since: asked, isKept: bound > .zero)
                var lost: [Int] = []
                for (index, reading) in zip(unknown, found) {
                    if let reading, self.mirror.apply(reading.log, asked: asked, proof: reading.isProof ? sent : nil) {
                        readings[index] = reading
                    } else {
                        lost.append(index)
                    }
                }
                unknown = lost
                if !unknown.isEmpty { try await self.mirror.pull(from: self.store) }
            }
            if !unknown.isEmpty { throw StoreRefusal("the log cannot be followed") }
        } catch {
            rules.counters.storeFailures.wrappingAdd(unknown.count, ordering: .relaxed)
            self.logger.debug("entries could not be read", metadata: ["larder.error": "\(error)"])
            try Task.checkCancellation()
            if rules.policy.onStoreFailure == .throw { throw CacheError.storeUnavailable(error) }
        }
        return readings
    }
}
