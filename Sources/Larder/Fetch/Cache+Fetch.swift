// SPDX-License-Identifier: Apache-2.0

import Logging

extension Cache {
    /// How often a caller may find that the entry changed under it before it loads for itself.
    private static let maximumRounds = 8

    /// How often a read is repeated because the log moved on to another epoch meanwhile.
    private static let maximumReads = 3

    /// The one way from a key to a value: reads, and has it loaded and filled when there is nothing to serve.
    ///
    /// - Parameters:
    ///   - key: The entry's name.
    ///   - source: What to do on a miss.
    ///   - decode: Reads what the caller needs from an entry; what it cannot read is loaded anew.
    ///   - take: Takes what the caller needs from a loaded value; nil when the load was of another type, by a region
    ///     of the same name.
    func fetch<Output>(
        _ key: CacheKey,
        from source: LoadSource,
        decode: (Entry) throws -> Output,
        take: (LoadedValue) throws -> Output?
    ) async throws -> CacheResult<Output> {
        source.counters.requests.increment()
        var isHit = false
        defer {
            if isHit {
                source.counters.hits.increment()
            } else {
                source.counters.misses.increment()
            }
        }
        var arrival: (moment: Flights.Moment, waitUntil: MonotonicInstant)?
        var round = 0
        while key.namespace == self.name {
            round += 1
            let reading = await self.read(key)
            if let reading, let output = self.serve(reading, source, decode) {
                isHit = true
                return CacheResult(value: output, source: .hit)
            }
            let (moment, waitUntil) =
                arrival ?? (self.flights.arrive(), self.clock.now.advanced(by: self.configuration.maximumWait))
            arrival = (moment, waitUntil)
            let answer = try await self.flights.wait(for: key, arrival: moment) { id in
                let flight = Flight(id: id, cache: self, key: key, source: source, waitUntil: waitUntil)
                // Whoever was turned away too often goes without a lease, which cannot be taken from it.
                let basis = round <= Self.maximumRounds ? reading : nil
                Task { await flight.run(basis) }
            }
            if case .again = answer { continue }
            if case .loaded(let value) = answer, let output = try take(value) {
                return CacheResult(value: output, source: .miss)
            }
            break
        }
        // Alone: the load to share would wait for this one, or gave something else, or the key is another cache's.
        let value = try await source.load()
        source.counters.refusedFills.increment()
        guard let output = try take(value) else {
            throw Undecodable(reason: "a region cannot take what it has loaded")
        }
        return CacheResult(value: output, source: .miss)
    }

    /// Reads an entry with what happened in the log; nil when the store cannot tell both.
    func read(_ key: CacheKey) async -> StoreReading? {
        do {
            for _ in 0..<Self.maximumReads {
                let asked = self.mirror.position
                if asked != nil {
                    let reading = try await self.store.read(key, since: asked)
                    if self.mirror.apply(reading.log, asked: asked) { return reading }
                }
                try await self.mirror.pull(from: self.store)
            }
        } catch {
            self.logger.debug("a read failed", metadata: ["larder.error": "\(error)"])
        }
        return nil
    }

    private func serve<Output>(
        _ reading: StoreReading, _ source: LoadSource, _ decode: (Entry) throws -> Output
    ) -> Output? {
        if case .unreadable = reading.record { source.counters.unreadable.increment() }
        guard let entry = self.mirror.freshEntry(in: reading) else { return nil }
        do {
            return try decode(entry)
        } catch {
            source.counters.unreadable.increment()
            self.logger.debug(
                "an entry could not be decoded",
                metadata: ["larder.region": "\(source.region)", "larder.error": "\(error)"])
            return nil
        }
    }
}
