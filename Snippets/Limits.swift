// SPDX-License-Identifier: Apache-2.0

// Rate limits and locks.

import Larder
import LarderRedis
import RedisDriver

// snippet.hide
struct TooManyAttempts: Error {
    var retryAfter: Duration?
}
let redis = try RedisClient(url: "redis://localhost:6379")
func isRight(_ name: String, _ password: String) async -> Bool { password == "secret" }
func rebuild(fencingNumber: Int64) async throws {}
// snippet.show

// snippet.limiter
let attempts = RateLimiter(
    "login", .rate(5, per: .seconds(60)), in: "shop", store: .redis(redis), whenUnavailable: .closed)

func login(_ name: String, _ password: String) async throws -> Bool {
    let decision = try await attempts.check(name)
    guard attempts.isPassing(decision) else { throw TooManyAttempts(retryAfter: decision.retryAfter) }
    guard await isRight(name, password) else { return false }
    try await attempts.reset(name)
    return true
}
// snippet.end

// snippet.kinds
/// A hundred a minute, up to twenty at once.
let steady = RateLimit.rate(100, per: .seconds(60), burst: 20)
/// A thousand in any hour.
let hourly = RateLimit.slidingWindow(1_000, per: .seconds(3_600))
// snippet.end

// snippet.lock
let lock = RedisLock("reindex", in: "shop", on: redis)
try await lock.withLock(waitingUpTo: .seconds(10)) { lease in
    try await rebuild(fencingNumber: lease.fencingNumber)
}
// snippet.end
