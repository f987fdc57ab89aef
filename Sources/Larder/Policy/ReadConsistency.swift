// SPDX-License-Identifier: Apache-2.0

/// How new the answer to a read has to be.
///
/// It matters for a store that keeps a copy of what it reads in the process, a near-cache; others are always asked. Whatever this
/// process has invalidated itself it does not serve again, in either case.
public struct ReadConsistency: Sendable, Hashable, CustomStringConvertible {
    /// How long ago an invalidation may have been carried out that a read does not see yet.
    let bound: Duration

    /// Asks the store: a read sees every invalidation that was applied before it began.
    public static let coherent = ReadConsistency(bound: .zero)

    /// May be answered from the near-cache: a read sees every invalidation that was applied longer than `staleness` before it began,
    /// also while the server hangs, or was demoted. A server that wrongly thinks itself the master is believed.
    ///
    /// - Parameter staleness: The bound; zero or less is ``coherent``. What is asked for less often than every bound is always asked
    ///   of the store.
    public static func bounded(_ staleness: Duration) -> ReadConsistency {
        ReadConsistency(bound: max(staleness, .zero))
    }

    /// Within 250 ms.
    public static let standard = ReadConsistency.bounded(.milliseconds(250))

    public var description: String {
        self.bound == .zero ? "coherent" : "bounded by \(self.bound)"
    }
}
