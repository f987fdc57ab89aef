// SPDX-License-Identifier: Apache-2.0

/// Where it is remembered how much was used of limits.
public protocol RateLimitStore: Sendable {
    /// Uses up so much of a limit, or nothing when that is too much, in one step.
    ///
    /// - Parameters:
    ///   - cost: How much; zero only looks.
    ///   - limit: The limit.
    ///   - key: Whose.
    func use(_ cost: Int, of limit: RateLimit, for key: CacheKey) async throws -> RateDecision

    /// Forgets what was used of a limit.
    func reset(_ key: CacheKey) async throws
}
