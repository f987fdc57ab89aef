// SPDX-License-Identifier: Apache-2.0

import Synchronization

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Android)
import Android
#endif

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

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

    #if os(Linux) || os(Android)
    /// The reading of the last tick, every one to ten milliseconds, for a fifth of the price.
    ///
    /// Linux has a coarse clock, but none that counts suspend. So the coarse one only tells whether there was a
    /// tick since the exact clock was read last.
    public var coarseNow: MonotonicInstant {
        // As two words: which module the members of timespec belong to depends on what was imported first.
        var time = (seconds: 0, nanoseconds: 0)
        _ = withUnsafeMutablePointer(to: &time) { time in
            time.withMemoryRebound(to: timespec.self, capacity: 1) { clock_gettime(CLOCK_MONOTONIC_COARSE, $0) }
        }
        let tick = time.seconds &* 1_000_000_000 &+ time.nanoseconds
        if Self.lastTick.load(ordering: .acquiring) != tick {
            // The reading before the tick it belongs to, and never an older one than others have seen.
            Self.reading.max(self.now.nanoseconds, ordering: .relaxed)
            Self.lastTick.store(tick, ordering: .releasing)
        }
        return MonotonicInstant(nanoseconds: Self.reading.load(ordering: .relaxed))
    }

    private static let lastTick = Atomic<Int>(.min)
    private static let reading = Atomic<Int64>(0)
    #endif
}
