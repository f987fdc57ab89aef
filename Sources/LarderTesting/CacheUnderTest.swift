// SPDX-License-Identifier: Apache-2.0

public import Larder

/// The cache of a test with the trait `.cache`.
public struct CacheUnderTest: Sendable {
    /// The cache.
    public let cache: Cache
    /// What it lives by; it stands still until it is told to go on.
    public let clock = ManualClock()

    init(isEnabled: Bool) {
        self.cache =
            isEnabled ? .inMemory(clock: self.clock) : Cache("test", store: .disabled, clock: self.clock)
    }

    /// The cache of the running test.
    ///
    /// - Precondition: The test, or its suite, has the trait `.cache` or `.disabledCache`.
    public static var current: CacheUnderTest {
        guard let current = self.local else { preconditionFailure("the test has no trait .cache") }
        return current
    }

    /// Whether nothing is being loaded any more, or soon.
    func settles(within duration: Duration) async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                await self.cache.settle()
                return !Task.isCancelled
            }
            group.addTask {
                try? await Task.sleep(for: duration)
                return false
            }
            defer { group.cancelAll() }
            return await group.next() ?? true
        }
    }

    @TaskLocal static var local: CacheUnderTest?
}
