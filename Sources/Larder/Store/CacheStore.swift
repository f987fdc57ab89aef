// SPDX-License-Identifier: Apache-2.0

/// Where entries and the invalidation log of a namespace are kept.
///
/// Every operation is atomic and touches one key, and ends within a deadline of the store's own. A store that cannot
/// answer throws; the cache then loads without it. One that answers that it cannot do what is asked throws
/// ``StoreRefusal``.
/// `StoreConformance` in the product `LarderTesting` checks that a store keeps to this contract.
public protocol CacheStore: Sendable {
    /// What the store is, in one word for people: `embedded`, `redis`.
    var kind: String { get }

    /// Reads what stands under `key` and, in the same round trip, what the log says.
    ///
    /// - Parameters:
    ///   - key: The entry's name.
    ///   - position: How much of the log the caller knows; nil for nothing.
    func read(_ key: CacheKey, since position: LogPosition?) async throws -> StoreReading

    /// Reads entries of one namespace together, as one alone is read; in as few round trips as can be. A store need not
    /// implement this.
    ///
    /// - Returns: For each key what stands under it, in their order, with the same answer about the log.
    func read(_ keys: [CacheKey], since position: LogPosition?) async throws -> [StoreReading]

    /// What a read of one key would say, for a store that knows without waiting: nil from any other. A store need not implement this.
    func readNow(_ key: CacheKey, since position: LogPosition?) -> StoreReading?

    /// Asks for the right to fill `key`.
    ///
    /// Granted only if the entry still looks as the caller saw it and nobody holds its lease. A lease without a token is a
    /// pause and keeps nobody away, and one that ends later than ``Entry/longestLease`` from now counts as free: some clock stepped. Granting over unreadable bytes
    /// replaces them by a bare lease; granting over a value keeps the value, alive for the lease at least.
    ///
    /// - Parameters:
    ///   - key: The entry's name.
    ///   - seen: What the caller read; nil for nothing.
    ///   - token: A token made for this call alone. It must not be sent again, whatever became of the call.
    ///   - lease: How long the right lasts unless renewed.
    func acquire(
        _ key: CacheKey, seen: EntryImage?, token: LeaseToken, for lease: Duration
    ) async throws -> LeaseAnswer

    /// Stores `entry` if `token` still holds the lease, and ends the lease.
    ///
    /// - Parameters:
    ///   - key: The entry's name.
    ///   - entry: A value or an absence. Its token and times are the store's to write.
    ///   - lifetime: How long it is fresh, and how long it is kept.
    ///   - token: The token that was granted.
    ///   - position: How much of the log the caller knows.
    func fill(
        _ key: CacheKey, with entry: Entry, lifetime: EntryLifetime, token: LeaseToken, since position: LogPosition?
    ) async throws -> FillAnswer

    /// Waits until what stands under `key` may have changed, for a caller who waits for another process's load. A hint: the caller
    /// looks again in any case.
    ///
    /// - Parameters:
    ///   - key: The entry's name.
    ///   - image: What the caller saw; nil for nothing.
    ///   - duration: After how long to return at the latest.
    /// - Returns: False, at once, when the store does not hear of changes: the caller then waits for itself. A store need not
    ///   implement this.
    func awaitChange(of key: CacheKey, from image: EntryImage?, within duration: Duration) async throws -> Bool

    /// Prolongs the lease to `lease` from now.
    ///
    /// - Returns: False when the token no longer holds it.
    func renew(_ key: CacheKey, token: LeaseToken, for lease: Duration) async throws -> Bool

    /// Gives the lease back; nothing happens when the token no longer holds it.
    func release(_ key: CacheKey, token: LeaseToken, _ reason: LeaseRelease) async throws

    /// Prolongs the life of a value or an absence that was hit. Nothing happens unless it has the stamp that was seen, is
    /// still fresh, and would live longer by it.
    ///
    /// - Parameters:
    ///   - key: The entry's name.
    ///   - stamp: The stamp of what was hit.
    ///   - lifetime: How long it is fresh from now on, and how long it is kept.
    ///   - end: When it ends at the latest, in the store's time; it is kept no longer than as long past it.
    func slide(_ key: CacheKey, stamp: LogSequence, lifetime: EntryLifetime, until end: StoreTime) async throws

    /// Stores `entry` over a value of a lower version that was not expired; over anything else it acts as an invalidation.
    ///
    /// - Parameters:
    ///   - key: The entry's name.
    ///   - entry: A value with a version in its metadata, and the stamp taken before its transaction began.
    ///   - lifetime: How long it is fresh, and how long it is kept.
    /// - Returns: Whether it was stored.
    func write(_ key: CacheKey, _ entry: Entry, lifetime: EntryLifetime) async throws -> Bool

    /// Ends an entry and every lease on it. What throws is tried again until it does not.
    func invalidate(_ key: CacheKey, by method: InvalidationMethod) async throws

    /// Ends the entries of a namespace whose keys match a pattern and that are there all the time, along with their leases.
    /// Goes through all keys, in parts that keep nobody else waiting, and takes as long as that takes.
    ///
    /// - Parameters:
    ///   - pattern: Which keys.
    ///   - namespace: The namespace.
    ///   - method: How each is ended.
    ///   - progress: Told of each part that was ended, with the number of its entries.
    func invalidate(
        matching pattern: KeyPattern, in namespace: String,
        by method: @escaping @Sendable (CacheKey) -> InvalidationMethod,
        progress: @escaping @Sendable (Int) -> Void
    ) async throws

    /// Ends all entries of a namespace that carry one of `tags` and were loaded before now.
    func invalidate(tags: [String], in namespace: String) async throws

    /// Ends all entries of a namespace that were loaded before now.
    func clear(_ namespace: String) async throws

    /// What happened in the log of a namespace since `position`.
    ///
    /// A log that is lost, or behind `position`, is made anew first, above it and with another epoch; the answer is
    /// never ``LogAnswer/lost``.
    func log(of namespace: String, since position: LogPosition?) async throws -> LogAnswer

    /// Asks for a sign of life.
    func ping() async throws
}

extension CacheStore {
    public func read(_ keys: [CacheKey], since position: LogPosition?) async throws -> [StoreReading] {
        try await withThrowingTaskGroup(of: (index: Int, reading: StoreReading).self) { group in
            var readings = [StoreReading?](repeating: nil, count: keys.count)
            for (index, key) in keys.enumerated() {
                group.addTask { (index, try await self.read(key, since: position)) }
            }
            for try await read in group { readings[read.index] = read.reading }
            return readings.compactMap { $0 }
        }
    }

    public func readNow(_ key: CacheKey, since position: LogPosition?) -> StoreReading? { nil }

    public func awaitChange(
        of key: CacheKey, from image: EntryImage?, within duration: Duration
    ) async throws -> Bool {
        false
    }
}
