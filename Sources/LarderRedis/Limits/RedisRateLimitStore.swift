// SPDX-License-Identifier: Apache-2.0

public import Larder
public import RedisDriver

/// Limits that hold in all processes that use the same Redis or Valkey. Time is the server's; one round trip for each decision, and
/// nothing is written when it is a denial.
///
/// A key is there as long as something of its limit is used up, and no longer.
public struct RedisRateLimitStore: RateLimitStore {
    private let client: RedisClient
    private let timeout: Duration

    /// Makes a store.
    ///
    /// - Parameters:
    ///   - client: The client, which may be shared with caches.
    ///   - timeout: How long a decision may take.
    public init(_ client: RedisClient, timeout: Duration = .milliseconds(100)) {
        self.client = client
        self.timeout = timeout
    }

    public func use(_ cost: Int, of limit: RateLimit, for key: CacheKey) async throws -> RateDecision {
        let (script, arguments): (RedisScript, [any RedisArgument]) =
            switch limit.algorithm {
            case .cellRate: (RateLimitScripts.cellRate, [limit.emission, limit.tolerance, max(cost, 0)])
            case .slidingWindow:
                (RateLimitScripts.slidingWindow, [limit.periodMicroseconds, limit.count, max(cost, 0)])
            }
        let reply: RedisValue
        do {
            reply = try await self.client.evaluate(
                script, keys: [key.text], arguments: arguments, timeout: self.timeout)
        } catch let error {
            throw error.asStoreError
        }
        guard case .array(let parts) = reply, parts.count == 4, let allowed = parts[0].integer,
            let remaining = parts[1].integer, let retryAfter = parts[2].integer, let resetAfter = parts[3].integer
        else { throw StoreRefusal("the server answers with something else than it was asked for") }
        return RateDecision(
            outcome: allowed == 1 ? .allowed : .denied, remaining: Int(clamping: remaining),
            retryAfter: retryAfter < 0 ? nil : .microseconds(retryAfter), resetAfter: .microseconds(resetAfter))
    }

    public func reset(_ key: CacheKey) async throws {
        do {
            _ = try await self.client.execute(UNLINK(key.text), timeout: self.timeout)
        } catch let error {
            throw error.asStoreError
        }
    }
}

extension RateLimitStore where Self == RedisRateLimitStore {
    /// Limits that hold in all processes that use the servers of a client.
    public static func redis(_ client: RedisClient, timeout: Duration = .milliseconds(100)) -> RedisRateLimitStore {
        RedisRateLimitStore(client, timeout: timeout)
    }
}
