// SPDX-License-Identifier: Apache-2.0

/// Where a missing value comes from, and what becomes of it.
struct LoadSource: Sendable {
    let rules: LoadRules
    /// Its place in a load of many; nil for one that loads by itself.
    let seat: BatchLoad.Seat?
    private let body: @Sendable @concurrent () async throws -> LoadedValue

    init(_ rules: LoadRules, load: @escaping @Sendable @concurrent () async throws -> LoadedValue) {
        self.rules = rules
        self.seat = nil
        self.body = load
    }

    /// What a load of many gives for one of them.
    init(_ rules: LoadRules, from seat: BatchLoad.Seat) {
        self.rules = rules
        self.seat = seat
        self.body = { try await seat.load() }
    }

    /// Loads the value, and counts.
    func load(on clock: any CacheClock) async throws -> (value: LoadedValue, duration: Duration) {
        let start = clock.now
        // One that is a part of many is counted with them.
        guard self.seat == nil else { return (try await self.body(), start.duration(to: clock.now)) }
        return try await self.rules.counters.load(on: clock, self.body)
    }
}
