// SPDX-License-Identifier: Apache-2.0

/// Where a missing value comes from, and what becomes of it.
struct LoadSource: Sendable {
    let rules: LoadRules
    /// Its place in a load of many; nil for one that loads by itself.
    let seat: BatchLoad.Seat?
    private let body: @Sendable @concurrent (Entry?) async throws -> LoadedValue

    init(_ rules: LoadRules, load: @escaping @Sendable @concurrent (Entry?) async throws -> LoadedValue) {
        self.rules = rules
        self.seat = nil
        self.body = load
    }

    /// What a load of many gives for one of them.
    init(_ rules: LoadRules, from seat: BatchLoad.Seat) {
        self.rules = rules
        self.seat = seat
        self.body = { _ in try await seat.load() }
    }

    /// Loads the value, and counts.
    ///
    /// - Parameters:
    ///   - clock: Measures it.
    ///   - previous: What is replaced, if that is known and nothing was invalidated since.
    func load(
        on clock: any CacheClock, previous: Entry? = nil
    ) async throws -> (value: LoadedValue, duration: Duration) {
        let start = clock.now
        // One that is a part of many is counted with them.
        guard self.seat == nil else { return (try await self.body(previous), start.duration(to: clock.now)) }
        return try await self.rules.load(on: clock) { try await self.body(previous) }
    }
}
