// SPDX-License-Identifier: Apache-2.0

public import Larder

/// A store with something in the way: calls can be watched, held, lost before they arrive, or left without an answer.
///
/// ```swift
/// let store = InterceptedStore(base, after: { operation in
///     if case .fill = operation { await gate.wait() }     // the fill is done, its answer is on its way
/// })
/// ```
public struct InterceptedStore: CacheStore {
    /// A call to the store.
    public enum Operation: Sendable, Hashable {
        /// Reading an entry and what happened in the log.
        case read(CacheKey)
        /// Asking for a lease with a token.
        case acquire(CacheKey, LeaseToken)
        /// Storing a loaded value.
        case fill(CacheKey, LeaseToken)
        /// Prolonging a lease.
        case renew(CacheKey, LeaseToken)
        /// Giving a lease back.
        case release(CacheKey, LeaseToken)
        /// Prolonging the life of what was hit.
        case slide(CacheKey)
        /// Writing a value through.
        case write(CacheKey)
        /// Invalidating one entry.
        case invalidate(CacheKey)
        /// Invalidating by a pattern.
        case invalidateMatching(KeyPattern)
        /// Invalidating by tags.
        case invalidateTags([String])
        /// Invalidating everything.
        case clear
        /// Asking for the log.
        case log
        /// Asking for a sign of life.
        case ping
    }

    /// Something that happens before or after a call; throwing loses the call, or its answer.
    public typealias Hook = @Sendable (Operation) async throws -> Void

    private let base: any CacheStore
    private let before: Hook
    private let after: Hook

    /// Puts hooks around a store.
    ///
    /// - Parameters:
    ///   - base: The store.
    ///   - before: Called before each call reaches the store.
    ///   - after: Called after the store has answered and before the answer is given on.
    public init(_ base: any CacheStore, before: @escaping Hook = { _ in }, after: @escaping Hook = { _ in }) {
        self.base = base
        self.before = before
        self.after = after
    }

    public var kind: String { self.base.kind }

    public func read(_ key: CacheKey, since position: LogPosition?) async throws -> StoreReading {
        try await self.around(.read(key)) { try await self.base.read(key, since: position) }
    }

    public func acquire(
        _ key: CacheKey, seen: EntryImage?, token: LeaseToken, for lease: Duration
    ) async throws -> LeaseAnswer {
        try await self.around(.acquire(key, token)) {
            try await self.base.acquire(key, seen: seen, token: token, for: lease)
        }
    }

    public func fill(
        _ key: CacheKey, with entry: Entry, lifetime: EntryLifetime, token: LeaseToken, since position: LogPosition?
    ) async throws -> FillAnswer {
        try await self.around(.fill(key, token)) {
            try await self.base.fill(key, with: entry, lifetime: lifetime, token: token, since: position)
        }
    }

    public func awaitChange(
        of key: CacheKey, from image: EntryImage?, within duration: Duration
    ) async throws -> Bool {
        try await self.base.awaitChange(of: key, from: image, within: duration)
    }

    public func renew(_ key: CacheKey, token: LeaseToken, for lease: Duration) async throws -> Bool {
        try await self.around(.renew(key, token)) { try await self.base.renew(key, token: token, for: lease) }
    }

    public func release(_ key: CacheKey, token: LeaseToken, _ reason: LeaseRelease) async throws {
        try await self.around(.release(key, token)) { try await self.base.release(key, token: token, reason) }
    }

    public func slide(
        _ key: CacheKey, stamp: LogSequence, lifetime: EntryLifetime, until end: StoreTime
    ) async throws {
        try await self.around(.slide(key)) {
            try await self.base.slide(key, stamp: stamp, lifetime: lifetime, until: end)
        }
    }

    public func write(_ key: CacheKey, _ entry: Entry, lifetime: EntryLifetime) async throws -> Bool {
        try await self.around(.write(key)) { try await self.base.write(key, entry, lifetime: lifetime) }
    }

    public func invalidate(_ key: CacheKey, by method: InvalidationMethod) async throws {
        try await self.around(.invalidate(key)) { try await self.base.invalidate(key, by: method) }
    }

    public func invalidate(
        matching pattern: KeyPattern, in namespace: String,
        by method: @escaping @Sendable (CacheKey) -> InvalidationMethod,
        progress: @escaping @Sendable (Int) -> Void
    ) async throws {
        try await self.around(.invalidateMatching(pattern)) {
            try await self.base.invalidate(matching: pattern, in: namespace, by: method, progress: progress)
        }
    }

    public func invalidate(tags: [String], in namespace: String) async throws {
        try await self.around(.invalidateTags(tags)) { try await self.base.invalidate(tags: tags, in: namespace) }
    }

    public func clear(_ namespace: String) async throws {
        try await self.around(.clear) { try await self.base.clear(namespace) }
    }

    public func log(of namespace: String, since position: LogPosition?) async throws -> LogAnswer {
        try await self.around(.log) { try await self.base.log(of: namespace, since: position) }
    }

    public func ping() async throws {
        try await self.around(.ping) { try await self.base.ping() }
    }

    private func around<Answer>(_ operation: Operation, _ call: () async throws -> Answer) async throws -> Answer {
        try await self.before(operation)
        let answer = try await call()
        try await self.after(operation)
        return answer
    }
}
