// SPDX-License-Identifier: Apache-2.0

public import Larder

extension Cache {
    /// A cache for a test: in memory, empty, and on a clock that the test may hold.
    ///
    /// ```swift
    /// let clock = ManualClock()
    /// let cache = Cache.inMemory(clock: clock)
    /// ```
    ///
    /// - Parameters:
    ///   - name: The namespace.
    ///   - clock: The time for entries, waits and leases.
    ///   - configuration: Leases, waits and sizes.
    public static func inMemory(
        _ name: String = "test", clock: any CacheClock = SystemClock(),
        configuration: CacheConfiguration = CacheConfiguration()
    ) -> Cache {
        Cache(name, store: EmbeddedStore(clock: clock), configuration: configuration, clock: clock)
    }
}
