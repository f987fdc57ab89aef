// SPDX-License-Identifier: Apache-2.0

public import NIOCore

/// A part of a cache for values of one type, under keys that the caller makes.
///
/// ```swift
/// let pages = cache.region("pages", of: Page.self, .ttl(.seconds(60)))
/// let page = try await pages.value(for: pages.key(category, number)) { try await render(category, number) }
/// ```
public struct CacheRegion<Value: Codable & Sendable>: Sendable {
    let cache: Cache
    /// The region's name.
    public let name: String
    /// How long entries live.
    public let policy: CachePolicy
    let coding: ValueCoding<Value>
    let state: RegionState
    private var decidePolicy: (@Sendable (Value) -> CachePolicy)?
    private var version: (@Sendable (Value) -> UInt64)?

    init(cache: Cache, name: String, policy: CachePolicy, coding: ValueCoding<Value>, state: RegionState) {
        self.cache = cache
        self.name = name
        self.policy = policy
        self.coding = coding
        self.state = state
    }

    /// The region, with a policy for each value.
    ///
    /// - Parameter decide: How long a loaded value lives; ``CachePolicy/doNotStore`` for not at all. How values are loaded
    ///   is said by the region's own policy.
    public func policy(_ decide: @escaping @Sendable (Value) -> CachePolicy) -> CacheRegion {
        var region = self
        region.decidePolicy = decide
        return region
    }

    /// The region, with a version for each value, so that values can be written through; see
    /// ``replace(_:with:tags:in:)``.
    ///
    /// - Parameter version: A number that rises with every change of the value at its source.
    public func versioned(by version: @escaping @Sendable (Value) -> UInt64) -> CacheRegion {
        var region = self
        region.version = version
        return region
    }

    /// The key for arguments.
    public func key<each Component: CacheKeyComponent>(_ component: repeat each Component) -> CacheKey {
        CacheKey(namespace: self.cache.name, region: self.name, repeat each component)
    }

    /// The value for `key`, loaded if it is not there: once for all callers that ask meanwhile.
    ///
    /// - Parameters:
    ///   - key: The entry's name.
    ///   - tags: The tags of a loaded value, by which it can be invalidated.
    ///   - load: Loads the value from its source.
    /// - Throws: What `load` throws, and `CancellationError` when the caller's task is cancelled while waiting. The
    ///   load goes on for the others.
    public func value(
        for key: CacheKey,
        tags: (@Sendable (Value) -> [String])? = nil,
        load: @escaping @Sendable @concurrent () async throws -> Value
    ) async throws -> Value {
        try await self.result(for: key, tags: tags, load: load).value
    }

    /// The value for `key`, as ``value(for:tags:load:)`` gives it, with where it came from.
    public func result(
        for key: CacheKey,
        tags: (@Sendable (Value) -> [String])? = nil,
        load: @escaping @Sendable @concurrent () async throws -> Value
    ) async throws -> CacheResult<Value> {
        try await self.cache.fetch(
            key, from: self.source(tags, load), decode: self.coding.value(of:), take: self.coding.value(of:))
    }

    /// The bytes of the value for `key`, as the codec writes them, with where they came from; nil for an absence.
    ///
    /// A hit gives the stored bytes without decoding them: ready to be sent.
    ///
    /// - Throws: What ``value(for:tags:load:)`` throws, and ``CacheError`` with the code
    ///   ``CacheError/Code/notEncodable`` when the codec cannot write the loaded value.
    public func bytes(
        for key: CacheKey,
        tags: (@Sendable (Value) -> [String])? = nil,
        load: @escaping @Sendable @concurrent () async throws -> Value
    ) async throws -> CacheResult<ByteBuffer?> {
        try await self.cache.fetch(
            key, from: self.source(tags, load), decode: self.coding.bytes(of:), take: self.coding.bytes(of:))
    }

    /// Ends the entry for `key`, and every load of it that has begun. Call it after the change is committed.
    @discardableResult
    public func invalidate(_ key: CacheKey) async -> InvalidationOutcome {
        await self.cache.invalidate(key)
    }

    /// Writes a value through once the change is committed, if the entry is a lower version of it; else ends the entry.
    ///
    /// The value must come from the same change, and the region be ``versioned(by:)``. It ends with whatever
    /// was invalidated since the change began, and with tags that the change itself invalidates.
    ///
    /// - Parameters:
    ///   - key: The entry's name.
    ///   - value: What the source holds when the change is committed.
    ///   - tags: The tags of the value.
    ///   - write: The change.
    public func replace(
        _ key: CacheKey, with value: Value, tags: (@Sendable (Value) -> [String])? = nil, in write: CacheWrite
    ) {
        write.replace(key, with: self.loaded(value, tags))
    }

    private func source(
        _ tags: (@Sendable (Value) -> [String])?, _ load: @escaping @Sendable @concurrent () async throws -> Value
    ) -> LoadSource {
        LoadSource(
            region: self.name, policy: self.policy, counters: self.state.counters, limit: self.state.limit
        ) {
            self.loaded(try await load(), tags)
        }
    }

    private func loaded(_ value: Value, _ tags: (@Sendable (Value) -> [String])?) -> LoadedValue {
        self.coding.loaded(
            value, policy: self.decidePolicy?(value) ?? self.policy, tags: tags?(value) ?? [], isTagged: tags != nil,
            version: self.version?(value))
    }
}
