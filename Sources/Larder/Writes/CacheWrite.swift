// SPDX-License-Identifier: Apache-2.0

import NIOConcurrencyHelpers

/// A change at the source, with what is to be done in the cache once it is committed.
///
/// ```swift
/// try await cache.write { write in
///     let tea = try await database.setPrice(1499, of: 42)
///     write.invalidate(product.key(42))
///     try write.invalidate(tags: ["category:\(tea.category)"])
/// }
/// ```
///
/// What it invalidates is the change's own and no question of an ``AccessPolicy``: who may make the change is for its source to say.
///
/// Nothing reaches the cache before ``finish()``, which is to be called after the commit: what is invalidated
/// within a transaction may be loaded again from before it.
public final class CacheWrite: Sendable {
    private struct Changes {
        var keys: Set<CacheKey> = []
        var tags: Set<String> = []
        var values: [CacheKey: LoadedValue] = [:]
    }

    private let cache: Cache
    /// What was known of the invalidations before the change; nil when the store could not tell.
    private let position: LogPosition?
    private let changes = NIOLockedValueBox(Changes())

    init(_ cache: Cache, at position: LogPosition?) {
        self.cache = cache
        self.position = position
    }

    /// Ends one entry, and every load of it that has begun, once the change is committed.
    public func invalidate(_ key: CacheKey) {
        self.changes.withLockedValue { changes in
            changes.keys.insert(key)
            changes.values[key] = nil
        }
    }

    /// Ends every entry that carries one of `tags` once the change is committed.
    ///
    /// - Parameter tags: At most 1,000 tags of 1 to 512 bytes; any number in several calls.
    /// - Throws: ``CacheError`` with the code ``CacheError/Code/invalidTag``; then none of these is to be invalidated.
    public func invalidate(tags: [String]) throws {
        try CacheTag.check(tags)
        self.changes.withLockedValue { $0.tags.formUnion(tags) }
    }

    func replace(_ key: CacheKey, with value: LoadedValue) {
        self.changes.withLockedValue { changes in
            guard !changes.keys.contains(key) else { return }
            changes.values[key] = value
        }
    }

    /// The change is committed: invalidates, and writes values through. What was done is not done again.
    @discardableResult
    public func finish() async -> InvalidationOutcome {
        await self.apply { cache, key, value in
            await cache.write(key, value, stampedWith: self.position)
        }
    }

    /// The change failed, or its outcome is not known: invalidates all the same, and writes no values.
    @discardableResult
    public func abandon() async -> InvalidationOutcome {
        await self.apply { cache, key, _ in await cache.end(key) }
    }

    private func apply(
        replacing replace: @escaping @Sendable (Cache, CacheKey, LoadedValue) async -> InvalidationOutcome
    ) async -> InvalidationOutcome {
        let changes = self.changes.withLockedValue { changes in
            defer { changes = Changes() }
            return changes
        }
        return await withTaskGroup(of: InvalidationOutcome.self) { [cache] group in
            for part in Array(changes.tags).batches(of: CacheTag.maximumCount) {
                group.addTask { await cache.store.invalidate(tags: Array(part), in: cache.name) }
            }
            for key in changes.keys {
                group.addTask { await cache.end(key) }
            }
            for (key, value) in changes.values {
                group.addTask { await replace(cache, key, value) }
            }
            return await group.reduce(.applied) { $0.and($1) }
        }
    }
}
