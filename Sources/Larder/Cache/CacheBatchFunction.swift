// SPDX-License-Identifier: Apache-2.0

/// A function that loads many values at once, each of which is cached under its own key.
///
/// ```swift
/// let products = cache.batch("product", .ttl(.seconds(300))) { (ids: [Int]) in
///     try await database.products(ids)  // [Int: Product]
/// }
/// let found = try await products.values(for: [1, 2, 3])
/// ```
///
/// A function of the same name with one argument, of the same cache, shares its entries.
public struct CacheBatchFunction<ID: CacheKeyComponent & Hashable & Sendable, Value: Codable & Sendable>: Sendable {
    private let region: CacheRegion<Value>
    private let load: @Sendable @concurrent ([ID]) async throws -> [ID: Value]
    private var tags: (@Sendable (Value, ID) -> [String])?

    init(_ region: CacheRegion<Value>, load: @escaping @Sendable @concurrent ([ID]) async throws -> [ID: Value]) {
        self.region = region
        self.load = load
    }

    /// The function, with tags on what it loads.
    ///
    /// - Parameter tags: The tags of a loaded value, by which it can be invalidated; called for an absence too. An
    ///   absence for which it gives none ends with the next invalidation of any tag.
    public func tagged(_ tags: @escaping @Sendable (Value, ID) -> [String]) -> CacheBatchFunction {
        var function = self
        function.tags = tags
        return function
    }

    /// The values for some identifiers. Those that are not cached are loaded by one call, but for what somebody else is loading just
    /// now, which is waited for.
    ///
    /// They are read together: in one round trip to each server of a cluster. Of many servers, and of many keys, the slowest counts.
    ///
    /// - Parameters:
    ///   - ids: The identifiers; each counts once.
    ///   - consistency: How new the answers have to be; nil for what the policy says.
    /// - Returns: The values by their identifiers, without those that the function does not give. These are not cached: for knowing
    ///   what there is not, let the values be optionals.
    /// - Throws: What the function throws, and `CancellationError` when the caller's task is cancelled while waiting.
    public func values(
        for ids: some Sequence<ID>, consistency: ReadConsistency? = nil
    ) async throws -> [ID: Value] {
        try await self.values(for: ids, consistency, isAnew: false)
    }

    /// Loads values anew by one call, though they may be cached, and stores them. Meanwhile others are served what there is.
    ///
    /// - Parameter ids: The identifiers; each counts once.
    /// - Returns: What a load that began after this call gave.
    /// - Throws: What ``values(for:consistency:)`` throws.
    @discardableResult
    public func refresh(_ ids: some Sequence<ID>) async throws -> [ID: Value] {
        try await self.values(for: ids, nil, isAnew: true)
    }

    /// The key for an identifier.
    public func key(_ id: ID) -> CacheKey { self.region.key(id) }

    /// Ends the entry for an identifier, and every load of it that has begun. Call it after the change is committed.
    @discardableResult
    public func invalidate(_ id: ID) async -> InvalidationOutcome {
        await self.region.invalidate(self.key(id))
    }

    private func values(
        for ids: some Sequence<ID>, _ consistency: ReadConsistency?, isAnew: Bool
    ) async throws -> [ID: Value] {
        let ids = Array(Set(ids))
        let core = self.region.core
        let batch = BatchLoad(core.cache, core.rules) { missing in
            let values = try await self.load(missing.map { ids[$0] })
            var loaded: [Int: LoadedValue] = [:]
            for index in missing {
                if let value = values[ids[index]] { loaded[index] = core.loaded(value, self.tags(of: ids[index])) }
            }
            return loaded
        }
        let values = try await core.cache.fetchAll(
            ids.map { self.key($0) }, by: core.rules, consistency, isAnew: isAnew, in: batch,
            from: { LoadSource(core.rules, from: batch.seat($0)) },
            decode: { try core.coding.value(of: $0, under: $1) }, take: { core.coding.value(of: $0) })
        var found: [ID: Value] = [:]
        for (id, value) in zip(ids, values) { if let value { found[id] = value } }
        return found
    }

    private func tags(of id: ID) -> (@Sendable (Value) -> [String])? {
        guard let tags = self.tags else { return nil }
        return { value in tags(value, id) }
    }
}

extension CacheRegion {
    /// A function that loads many values at once, each of which is cached under its own key in this region.
    ///
    /// - Parameter load: Gives the values that there are for some identifiers.
    public func batch<ID: CacheKeyComponent & Hashable & Sendable>(
        load: @escaping @Sendable @concurrent ([ID]) async throws -> [ID: Value]
    ) -> CacheBatchFunction<ID, Value> {
        CacheBatchFunction(self, load: load)
    }
}

extension Cache {
    /// A function that loads many values at once, each of which is cached under its own key.
    ///
    /// - Parameters:
    ///   - name: The name of its region. Functions of the same name share entries.
    ///   - policy: How long entries live.
    ///   - codec: How values are written.
    ///   - load: Gives the values that there are for some identifiers.
    public func batch<ID: CacheKeyComponent & Hashable & Sendable, Value: Codable & Sendable>(
        _ name: String, _ policy: CachePolicy, codec: any CacheCodec = .json,
        load: @escaping @Sendable @concurrent ([ID]) async throws -> [ID: Value]
    ) -> CacheBatchFunction<ID, Value> {
        self.region(name, of: Value.self, policy, codec: codec).batch(load: load)
    }
}
