// SPDX-License-Identifier: Apache-2.0

/// Why a value left an ``InProcessCache``.
public enum RemovalCause: Int, Sendable, Hashable, CaseIterable {
    /// The limit was reached, and the others were worth more.
    case size
    /// Its deadline has passed.
    case expired
    /// Another value took its place.
    case replaced
    /// It was removed by key, everything was, or what was to replace it could not be kept.
    case invalidated
}

/// A number for each ``RemovalCause``.
public struct RemovalCounts: Sendable, Hashable {
    @usableFromInline var counts = SIMD4<Int>()

    @inlinable
    init() {}

    /// How many values left for this cause.
    @inlinable
    public internal(set) subscript(cause: RemovalCause) -> Int {
        get { self.counts[cause.rawValue] }
        @usableFromInline set { self.counts[cause.rawValue] = newValue }
    }

    /// How many values left.
    public var total: Int { self.counts.wrappedSum() }

    static func += (left: inout RemovalCounts, right: RemovalCounts) {
        left.counts &+= right.counts
    }
}
