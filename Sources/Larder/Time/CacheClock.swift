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
    /// A cheaper reading of `now`, up to some milliseconds old, which never goes backwards either; `now` unless a clock
    /// has one.
    var coarseNow: MonotonicInstant { get }

    /// The date on the wall.
    var wallTime: Date { get }
}

extension CacheClock {
    public var coarseNow: MonotonicInstant { self.now }
}
