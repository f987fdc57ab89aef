// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// How long entries live, and what a caller gets when there is nothing fresh. A policy always has an end.
///
/// ```swift
/// extension CachePolicy {
///     static let catalogue = CachePolicy.ttl(.seconds(300))
///         .absences(for: .seconds(30))
///         .staleWhileRevalidate(for: .seconds(60))
///         .staleIfError(for: .seconds(3_600))
/// }
/// ```
///
/// An entry carries what its policy says of its life, so that a policy can be decided by the loaded value; see
/// ``CacheFunction/policy(_:)``. How it is loaded, from ``refreshedEarly(eagerness:)`` on, is always said by the policy
/// of the region.
///
/// <doc:ChoosingAPolicy> tells which to take.
public struct CachePolicy: Sendable, Hashable {
    enum Life: Sendable, Hashable {
        case lasting(Duration)
        case until(Date)
        case sliding(idle: Duration, atMost: Duration)
    }

    var life: Life
    /// How long the knowledge that there is no value lives; nil for as long as a value.
    var absenceLifetime: Duration?
    /// The share of a lifetime that is cut at random, from 0 to 1.
    var jitter = 0.1
    var staleWhileRevalidate: Duration?
    var staleIfError: Duration?
    /// Whether an invalidated value may be served while its source fails.
    var servesInvalidatedOnError = false
    /// ``retryPause`` as it was asked for.
    private var chosenRetryPause: Duration?
    var earlyRefresh: Double?
    var softLoadTimeout: Duration?
    var hardLoadTimeout: Duration?
    var maximumLoads: Int?
    var holdOff: Duration?
    var onStoreFailure = StoreFailureRule.miss
    var consistency = ReadConsistency.standard
    /// How long past its lifetime a value is kept for a load that can say whether it has changed.
    var validation: Duration?

    // MARK: How long

    /// Values are served for at most `lifetime` after they were loaded.
    ///
    /// - Parameter lifetime: The time to live. Zero or less stores nothing.
    public static func ttl(_ lifetime: Duration) -> CachePolicy {
        CachePolicy(life: .lasting(lifetime))
    }

    /// Values are served until a date on the wall: the end of a sale, the next publication. Without jitter.
    ///
    /// - Parameter date: The end. One that has passed stores nothing.
    public static func at(_ date: Date) -> CachePolicy {
        CachePolicy(life: .until(date), jitter: 0)
    }

    /// Values are served as long as they are asked for. Without jitter.
    ///
    /// The life is prolonged by a hit when a tenth of `idle` has passed since it was last, so it may end that much early.
    ///
    /// - Parameters:
    ///   - idle: How long an entry lives after a hit.
    ///   - limit: How long it lives at most, however often it is asked for.
    public static func sliding(idle: Duration, atMost limit: Duration) -> CachePolicy {
        CachePolicy(life: .sliding(idle: idle, atMost: limit), jitter: 0)
    }

    /// Values are not stored; callers who ask at the same time still share a load. For values that decide for themselves.
    public static let doNotStore = CachePolicy.ttl(.zero)

    /// Cuts each lifetime by a random part of itself, so that entries filled together do not end together. By default
    /// a tenth.
    ///
    /// Downwards only: the lifetime that was promised is never exceeded.
    ///
    /// - Parameter fraction: The largest part, from 0 for none to 1; what lies outside is taken as the nearer bound.
    public func jitter(_ fraction: Double) -> CachePolicy {
        self.with { $0.jitter = fraction > 0 ? min(fraction, 1) : 0 }
    }

    /// Gives absences, loads that found nothing, another lifetime than values.
    ///
    /// - Parameter lifetime: The time to live. Zero or less stores no absences.
    public func absences(for lifetime: Duration) -> CachePolicy {
        self.with { $0.absenceLifetime = lifetime }
    }

    // MARK: What else may be served

    /// Serves a value past its lifetime while it is loaded anew behind it, once in the fleet (RFC 5861, section 3).
    ///
    /// Never one that was invalidated. A load that fails is tried again a second later, unless
    /// ``staleIfError(for:retryingAfter:afterInvalidation:)`` has another pause.
    ///
    /// - Parameter duration: For how long past its lifetime.
    public func staleWhileRevalidate(for duration: Duration) -> CachePolicy {
        self.with { $0.staleWhileRevalidate = duration }
    }

    /// Serves a value past its lifetime when it cannot be loaded anew (RFC 5861, section 4).
    ///
    /// - Parameters:
    ///   - duration: For how long past its lifetime.
    ///   - pause: How long the fleet is served the old value, before the source is asked again; at most 30 seconds.
    ///   - afterInvalidation: Whether even a value that was invalidated may be served then: it is wrong, where others are
    ///     only old. Invalidation by key keeps the value for that.
    public func staleIfError(
        for duration: Duration, retryingAfter pause: Duration = .seconds(5), afterInvalidation: Bool = false
    ) -> CachePolicy {
        self.with { policy in
            policy.staleIfError = duration
            policy.chosenRetryPause = min(max(pause, .zero), Entry.longestLease)
            policy.servesInvalidatedOnError = afterInvalidation
        }
    }

    // MARK: How it is loaded

    /// Loads a value anew a little before its end, behind a hit: with a probability that rises the nearer the end is, and the
    /// longer the last load took (Vattani, Chierichetti, Lowenstein: Optimal Probabilistic Cache Stampede
    /// Prevention, VLDB 2015).
    ///
    /// - Parameter eagerness: The factor β: above 1 refreshes earlier, below 1 later; zero or less does not.
    public func refreshedEarly(eagerness: Double = 1) -> CachePolicy {
        self.with { $0.earlyRefresh = eagerness > 0 ? eagerness : nil }
    }

    /// Bounds how long a caller waits for a load, be it its own, a shared one, or another process's. The load goes on,
    /// and is stored when it ends while its lease lasts, which is not renewed past the hard bound.
    ///
    /// - Parameters:
    ///   - soft: After which ``staleIfError(for:retryingAfter:afterInvalidation:)``'s old value is served, if there is one.
    ///   - hard: After which the call throws ``CacheError/Code/loadTimeout``, unless there is one.
    public func loadTimeout(soft: Duration? = nil, hard: Duration? = nil) -> CachePolicy {
        self.with { policy in
            policy.softLoadTimeout = soft
            policy.hardLoadTimeout = hard
        }
    }

    /// Bounds how many loads of the region run at a time in this process, so that an empty cache cannot take its source down.
    /// Others wait for their turn; those within a load take none.
    ///
    /// - Parameter count: The most, at least 1.
    public func maximumLoads(_ count: Int) -> CachePolicy {
        self.with { $0.maximumLoads = max(count, 1) }
    }

    /// Keeps what is loaded within `duration` after an invalidation from being stored: for loads that read a replica of
    /// the database, which may lag so long.
    ///
    /// Broken by a server that evicts the mark that an invalidated key leaves, by a step of its clock, and by
    /// ``Cache/invalidate(matching:onProgress:)``, which marks only the keys that it finds. Values are not written through:
    /// ``CacheWrite`` ends them instead.
    public func holdOff(_ duration: Duration) -> CachePolicy {
        self.with { $0.holdOff = duration > .zero ? duration : nil }
    }

    /// What a read does when the store cannot be asked. By default it is a miss.
    public func onStoreFailure(_ rule: StoreFailureRule) -> CachePolicy {
        self.with { $0.onStoreFailure = rule }
    }

    /// How new the answer to a read has to be; a call may say otherwise. By default ``ReadConsistency/standard``.
    public func consistency(_ consistency: ReadConsistency) -> CachePolicy {
        self.with { $0.consistency = consistency }
    }

    /// Keeps a value past its lifetime, or one that has none, for a load that can do with the knowledge that it has not changed.
    ///
    /// - Parameter duration: For how long.
    package func keptForValidation(for duration: Duration) -> CachePolicy {
        self.with { $0.validation = duration }
    }

    /// How long a failed load keeps others from trying again what they can do without.
    var retryPause: Duration { self.chosenRetryPause ?? (self.staleWhileRevalidate == nil ? .zero : .seconds(1)) }

    private func with(_ change: (inout CachePolicy) -> Void) -> CachePolicy {
        var policy = self
        change(&policy)
        return policy
    }
}

/// What a read does when the store cannot be asked.
public enum StoreFailureRule: Sendable, Hashable {
    /// Loads the value: the cache's trouble is never the application's.
    case miss
    /// Throws ``CacheError/Code/storeUnavailable``: for sources that do not bear to be asked by everybody.
    case `throw`
}
