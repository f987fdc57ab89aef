// SPDX-License-Identifier: Apache-2.0

/// Where a missing value comes from, and what becomes of it.
struct LoadSource: Sendable {
    let rules: LoadRules
    private let body: @Sendable @concurrent () async throws -> LoadedValue

    init(_ rules: LoadRules, load: @escaping @Sendable @concurrent () async throws -> LoadedValue) {
        self.rules = rules
        self.body = load
    }

    /// Loads the value, and counts.
    func load(on clock: any CacheClock) async throws -> (value: LoadedValue, duration: Duration) {
        self.rules.counters.loadBegins()
        let start = clock.now
        do {
            let value = try await self.body()
            let duration = start.duration(to: clock.now)
            self.rules.counters.loaded(in: duration)
            return (value, duration)
        } catch {
            self.rules.counters.loadFailed(error)
            throw error
        }
    }
}
