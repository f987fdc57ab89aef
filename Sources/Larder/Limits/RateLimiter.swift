// SPDX-License-Identifier: Apache-2.0

/// Holds somebody or something to a limit, in all processes that share a store.
///
/// ```swift
/// let attempts = RateLimiter("login", .rate(5, per: .seconds(60)), in: "shop", store: .redis(redis))
///
/// let decision = try await attempts.check("user1")
/// guard decision.outcome == .allowed else { throw TooManyAttempts(retryAfter: decision.retryAfter) }
/// ```
///
/// Time is that of the store. What is denied is not counted, so that who asks too often is served at the rate that is allowed, and is
/// not shut out.
public struct RateLimiter: Sendable {
    /// What is done when the store cannot be asked.
    public enum Failure: Sendable {
        /// Everything passes: the limit is for fairness.
        case open
        /// Nothing passes: the limit is for safety, such as that of attempts to log in.
        case closed
    }

    /// The name of the limit, as it stands in keys and in header fields.
    public let name: String
    /// The limit.
    public let limit: RateLimit
    /// What is done when the store cannot be asked.
    public let failure: Failure
    private let namespace: String
    private let store: any RateLimitStore

    /// Makes a limiter.
    ///
    /// - Parameters:
    ///   - name: The name of the limit; another for each.
    ///   - limit: The limit.
    ///   - namespace: The name of the service, with which the names of its keys begin.
    ///   - store: Where it is remembered how much was used.
    ///   - failure: What is done when the store cannot be asked.
    public init(
        _ name: String, _ limit: RateLimit, in namespace: String, store: any RateLimitStore,
        whenUnavailable failure: Failure = .open
    ) {
        self.name = name
        self.limit = limit
        self.namespace = namespace
        self.store = store
        self.failure = failure
    }

    /// Uses up a part of somebody's limit, if there is so much of it left.
    ///
    /// - Parameters:
    ///   - key: Whose limit: an address, an account, a ``Principal``.
    ///   - cost: How much; zero only looks.
    /// - Returns: What came of it. The outcome is `unknown` when the store cannot be asked; see ``isPassing(_:)``.
    /// - Throws: `CancellationError`, and nothing else.
    public func check<each Component: CacheKeyComponent>(
        _ key: repeat each Component, cost: Int = 1
    ) async throws -> RateDecision {
        let key = self.key(repeat each key)
        do {
            return try await self.store.use(cost, of: self.limit, for: key)
        } catch let error as CancellationError {
            throw error
        } catch {
            return RateDecision(outcome: .unknown, remaining: 0, retryAfter: .seconds(1), resetAfter: .zero)
        }
    }

    /// Gives somebody their whole limit back, such as the account that somebody has logged in to after some attempts. What cannot be given
    /// back now comes back by itself.
    ///
    /// Only for a key that names what was proved. An address that is given its limit back for a login can try others without end.
    ///
    /// - Throws: `CancellationError`, and nothing else.
    public func reset<each Component: CacheKeyComponent>(_ key: repeat each Component) async throws {
        do {
            try await self.store.reset(self.key(repeat each key))
        } catch let error as CancellationError {
            throw error
        } catch {}
    }

    private func key<each Component: CacheKeyComponent>(_ key: repeat each Component) -> CacheKey {
        CacheKey(namespace: self.namespace, reserved: "limit", self.name, repeat each key)
    }

    /// Whether a decision lets pass, also when the store could not be asked.
    public func isPassing(_ decision: RateDecision) -> Bool {
        switch decision.outcome {
        case .allowed: true
        case .denied: false
        case .unknown: self.failure == .open
        }
    }
}

extension RateLimitStore where Self == EmbeddedRateLimitStore {
    /// Limits that hold within the process. Each call makes another store.
    public static var embedded: EmbeddedRateLimitStore { EmbeddedRateLimitStore() }
}
