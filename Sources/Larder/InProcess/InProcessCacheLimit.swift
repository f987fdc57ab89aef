// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// How much an ``InProcessCache`` may hold.
public struct InProcessCacheLimit: Sendable, Hashable {
    @usableFromInline let maximumWeight: Int
    @usableFromInline let countsEntries: Bool
    /// Among how many shards the limit is divided.
    @usableFromInline let shardCount: Int

    /// At most so many values. 16 million for each shard are the most, whatever is asked for.
    public static func entries(_ maximum: Int) -> InProcessCacheLimit {
        // With fewer than 512 in a shard it is felt that some get more good keys than others.
        InProcessCacheLimit(maximum, countsEntries: true, shards: maximum / 512)
    }

    /// Values of at most so much weight together, in whatever unit they are given with.
    ///
    /// - Parameters:
    ///   - maximum: The most that all may weigh.
    ///   - heaviest: The most that one value may weigh for certain; more than 4,294,967,295 no value may. The cache is
    ///     divided into shards for the sake of threads, and none is smaller than this.
    public static func weight(_ maximum: Int, heaviest: Int = 16 << 20) -> InProcessCacheLimit {
        InProcessCacheLimit(maximum, countsEntries: false, shards: maximum / max(heaviest, 1))
    }

    init(_ maximum: Int, countsEntries: Bool, shards: Int) {
        self.maximumWeight = max(maximum, 0)
        self.countsEntries = countsEntries
        // So many that two threads seldom meet in one.
        let useful = min(max(shards, 1), 16 * ProcessInfo.processInfo.activeProcessorCount, 256)
        // A power of two, rounded down.
        self.shardCount = 1 << (Int.bitWidth - 1 - useful.leadingZeroBitCount)
    }
}
