// SPDX-License-Identifier: Apache-2.0

import Logging

/// What a fetch gave: an entry as its caller reads it, or a loaded value.
enum Fetched<Output> {
    case hit(Output)
    case loaded(LoadedValue)
}

extension Cache {
    /// How often a caller may find that the entry changed under him before he loads for himself.
    private static let maximumRounds = 8

    /// How often a read is repeated because the log moved on to another epoch meanwhile.
    private static let maximumReads = 3

    /// The one way from a key to a value: reads, and has it loaded and filled when there is nothing to serve.
    ///
    /// - Parameters:
    ///   - key: The entry's name.
    ///   - source: What to do on a miss.
    ///   - decode: Reads what the caller needs from an entry; what it cannot read is loaded anew.
    func fetch<Output>(
        _ key: CacheKey, from source: LoadSource, decode: (Entry) throws -> Output
    ) async throws -> Fetched<Output> {
        source.counters.requests.increment()
        var miss: (arrival: Flights.Moment, waitUntil: MonotonicInstant)?
        var round = 0
        while true {
            round += 1
            let reading = await self.read(key)
            if let reading, let output = self.serve(reading, decode) {
                source.counters.hits.increment()
                return .hit(output)
            }
            let (arrival, waitUntil) =
                miss ?? (self.flights.arrive(), self.clock.now.advanced(by: self.configuration.maximumWait))
            miss = (arrival, waitUntil)
            let loading = Flight.keysLoading
            let answer: Flights.Answer
            do {
                answer = try await self.flights.wait(for: key, arrival: arrival, loading: loading) { id in
                    let flight = Flight(id: id, cache: self, key: key, source: source, waitUntil: waitUntil)
                    // Whoever was turned away too often goes without a lease, which cannot be taken from him.
                    let basis = round <= Self.maximumRounds ? reading : nil
                    Task { await flight.run(basis) }
                }
            } catch {
                source.counters.misses.increment()
                throw error
            }
            switch answer {
            case .loaded(let value):
                source.counters.misses.increment()
                return .loaded(value)
            case .alone:
                source.counters.misses.increment()
                return .loaded(try await source.load())
            case .again:
                continue
            }
        }
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

    private func serve<Output>(_ reading: StoreReading, _ decode: (Entry) throws -> Output) -> Output? {
        guard let entry = self.mirror.freshEntry(in: reading) else { return nil }
        do {
            return try decode(entry)
        } catch {
            self.logger.debug("an entry could not be decoded", metadata: ["larder.error": "\(error)"])
            return nil
        }
    }
}
