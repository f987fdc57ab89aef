// SPDX-License-Identifier: Apache-2.0

/// A value with where it came from.
public struct CacheResult<Value> {
    /// The value.
    public var value: Value
    /// Where it came from.
    public var source: CacheSource

    /// Makes a result.
    public init(value: Value, source: CacheSource) {
        self.value = value
        self.source = source
    }
}

extension CacheResult: Sendable where Value: Sendable {}

extension CacheResult: Equatable where Value: Equatable {}

/// Where a value came from; more may come.
public struct CacheSource: Sendable, Hashable, CustomStringConvertible {
    private enum Kind: String {
        case hit, nearHit = "near-hit", stale, miss
    }
    private let kind: Kind

    /// From the store.
    public static let hit = CacheSource(kind: .hit)
    /// From this process's copy of the store; see ``ReadConsistency``.
    public static let nearHit = CacheSource(kind: .nearHit)
    /// From the store, past its freshness or invalidated, as the policy allows.
    public static let stale = CacheSource(kind: .stale)
    /// From the loader, called for this caller or for another who asked at the same time.
    public static let miss = CacheSource(kind: .miss)

    public var description: String { self.kind.rawValue }
}
