// SPDX-License-Identifier: Apache-2.0

/// A store that keeps nothing: every read is a miss and nothing fails. To run a service without its cache, by a setting.
public struct DisabledStore: CacheStore {
    /// Makes the store.
    public init() {}

    public var kind: String { "disabled" }

    public func read(_ key: CacheKey, since position: LogPosition?) async throws -> StoreReading {
        StoreReading(record: .absent, log: position == Self.position ? .quiet : .lost, now: .zero)
    }

    /// Lets everybody load, and nobody fill.
    public func acquire(
        _ key: CacheKey, seen: EntryImage?, token: LeaseToken, for lease: Duration
    ) async throws -> LeaseAnswer {
        .heldOff(.zero)
    }

    public func fill(
        _ key: CacheKey, with entry: Entry, lifetime: EntryLifetime, token: LeaseToken, since position: LogPosition?
    ) async throws -> FillAnswer {
        FillAnswer(isStored: false, log: .quiet)
    }

    public func renew(_ key: CacheKey, token: LeaseToken, for lease: Duration) async throws -> Bool { false }

    public func release(_ key: CacheKey, token: LeaseToken, _ reason: LeaseRelease) async throws {}

    public func slide(_ key: CacheKey, stamp: LogSequence, lifetime: EntryLifetime, until end: StoreTime) async throws {
    }

    public func write(_ key: CacheKey, _ entry: Entry, lifetime: EntryLifetime) async throws -> Bool { false }

    public func invalidate(_ key: CacheKey, by method: InvalidationMethod) async throws {}

    public func invalidate(
        matching pattern: KeyPattern, in namespace: String,
        by method: @escaping @Sendable (CacheKey) -> InvalidationMethod, progress: @escaping @Sendable (Int) -> Void
    ) async throws {}

    public func invalidate(tags: [String], in namespace: String) async throws {}

    public func clear(_ namespace: String) async throws {}

    public func log(of namespace: String, since position: LogPosition?) async throws -> LogAnswer {
        .changes(LogChanges(position: Self.position, floor: .zero, tags: [:], isComplete: true))
    }

    public func ping() async throws {}

    /// The log in which nothing ever happens.
    private static let position = LogPosition(epoch: 1, head: .zero)
}

extension CacheStore where Self == DisabledStore {
    /// A store that keeps nothing.
    public static var disabled: DisabledStore { DisabledStore() }
}
