// SPDX-License-Identifier: Apache-2.0

import Larder
public import Testing

/// A cache of its own for each test, on a clock that stands still.
///
/// ```swift
/// @Suite(.cache) struct PriceTests {
///     @Test func aPriceEndsAfterAMinute() async throws {
///         let test = CacheUnderTest.current
///         let service = PriceService(cache: test.cache)
///         _ = try await service.price(of: 42)
///         await test.cache.settle()
///         test.clock.advance(by: .seconds(60))
///         …
///     }
/// }
/// ```
///
/// When a test has ended, loads that it began have ended too, or it fails.
public struct CacheTrait: TestTrait, SuiteTrait, TestScoping {
    let isEnabled: Bool

    public var isRecursive: Bool { true }

    public func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable @concurrent () async throws -> Void
    ) async throws {
        // A suite as a whole has none: its tests share nothing.
        guard testCase != nil else { return try await function() }
        let current = CacheUnderTest(isEnabled: self.isEnabled)
        try await CacheUnderTest.$local.withValue(current) { try await function() }
        if await !current.settles(within: .seconds(5)) {
            Issue.record("a load that the test began has not ended", sourceLocation: test.sourceLocation)
        }
    }
}

extension Trait where Self == CacheTrait {
    /// A cache of its own for each test; see ``CacheUnderTest/current``.
    public static var cache: CacheTrait { CacheTrait(isEnabled: true) }

    /// A cache that keeps nothing, for what a service does without one.
    public static var disabledCache: CacheTrait { CacheTrait(isEnabled: false) }
}
