// SPDX-License-Identifier: Apache-2.0

/// How much an ``InProcessCache`` may hold.
public struct InProcessCacheLimit: Sendable, Hashable {
    let maximumWeight: Int
    let countsEntries: Bool

    /// At most so many values.
    public static func entries(_ maximum: Int) -> InProcessCacheLimit {
        InProcessCacheLimit(maximumWeight: max(maximum, 0), countsEntries: true)
    }

    /// Values of at most so much weight together, in whatever unit they are given with.
    public static func weight(_ maximum: Int) -> InProcessCacheLimit {
        InProcessCacheLimit(maximumWeight: max(maximum, 0), countsEntries: false)
    }
}
