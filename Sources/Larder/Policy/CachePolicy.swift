// SPDX-License-Identifier: Apache-2.0

/// How long entries live. A policy always has an end.
///
/// ```swift
/// let catalogue = CachePolicy.ttl(.seconds(300)).absences(for: .seconds(30))
/// ```
public struct CachePolicy: Sendable, Hashable {
    /// How long a loaded value may be served, before jitter.
    public private(set) var lifetime: Duration
    /// The share of the lifetime that is cut at random, from 0 to 1; by default 0.1.
    public private(set) var jitter: Double
    /// How long the knowledge that there is no value may be served, before jitter; by default as long as a value.
    public private(set) var absenceLifetime: Duration

    /// Values are served for at most `lifetime` after they were loaded.
    ///
    /// - Parameter lifetime: The time to live. Zero or less stores nothing.
    public static func ttl(_ lifetime: Duration) -> CachePolicy {
        CachePolicy(lifetime: lifetime, jitter: 0.1, absenceLifetime: lifetime)
    }

    /// Cuts each lifetime by a random part of itself, so that entries filled together do not end together.
    ///
    /// Downwards only: the lifetime that was promised is never exceeded.
    ///
    /// - Parameter fraction: The largest part, from 0 for none to 1; what lies outside is taken as the nearer bound.
    public func jitter(_ fraction: Double) -> CachePolicy {
        var policy = self
        policy.jitter = fraction > 0 ? min(fraction, 1) : 0
        return policy
    }

    /// Gives absences, loads that found nothing, another lifetime than values.
    ///
    /// - Parameter lifetime: The time to live. Zero or less stores no absences.
    public func absences(for lifetime: Duration) -> CachePolicy {
        var policy = self
        policy.absenceLifetime = lifetime
        return policy
    }

    /// The lifetime of one entry.
    ///
    /// - Parameters:
    ///   - kind: What was loaded.
    ///   - draw: A random number from 0 to 1 that decides how much of the jitter is taken.
    func lifetime(of kind: Entry.Kind, draw: Double) -> EntryLifetime {
        let whole = kind == .absence ? self.absenceLifetime : self.lifetime
        return EntryLifetime(fresh: whole * (1 - self.jitter * draw))
    }
}
