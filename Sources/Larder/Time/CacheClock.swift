// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// The two times a cache lives by, injected so that tests can hold and turn them.
///
/// Ages, deadlines and waits are measured on the monotonic reading, which goes on while the machine is suspended.
/// The wall reading only translates dates that people name; it never decides whether an entry is valid.
public protocol CacheClock: Clock where Instant == MonotonicInstant {
    /// The date on the wall.
    var wallTime: Date { get }
}

/// The machine's own time: `ContinuousClock`, which counts suspend, and the wall clock.
public struct SystemClock: CacheClock {
    private static let origin = ContinuousClock.now

    /// Makes the machine's clock.
    public init() {}

    public var now: MonotonicInstant {
        MonotonicInstant(nanoseconds: (ContinuousClock.now - Self.origin).clampedNanoseconds)
    }

    public var minimumResolution: Duration {
        ContinuousClock().minimumResolution
    }

    public var wallTime: Date {
        Date()
    }

    public func sleep(until deadline: MonotonicInstant, tolerance: Duration?) async throws {
        try await ContinuousClock().sleep(until: Self.origin + .nanoseconds(deadline.nanoseconds), tolerance: tolerance)
    }
}
