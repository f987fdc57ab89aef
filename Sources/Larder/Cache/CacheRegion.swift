// SPDX-License-Identifier: Apache-2.0

public import NIOCore

/// A part of a cache for values of one type, under keys that the caller makes.
///
/// ```swift
/// let pages = cache.region("pages", of: Page.self, .ttl(.seconds(60)))
/// let page = try await pages.value(for: pages.key(category, number)) { try await render(category, number) }
/// ```
public struct CacheRegion<Value: Codable & Sendable>: Sendable {
    let core: RegionCore<Value>

    /// The region's name.
    public var name: String { self.core.rules.region }
    /// How long entries live.
    public var policy: CachePolicy { self.core.rules.policy }

    init(_ core: RegionCore<Value>) {
        self.core = core
    }

    /// The region, with a policy for each value.
    ///
    /// - Parameter decide: How long a loaded value lives; ``CachePolicy/doNotStore`` for not at all. How values are loaded
    ///   is said by the region's own policy.
    public func policy(_ decide: @escaping @Sendable (Value) -> CachePolicy) -> CacheRegion {
        CacheRegion(self.core.with(policy: decide))
    }

    /// The region, with a version for each value, so that values can be written through; see
    /// ``replace(_:with:tags:in:)``.
    ///
    /// - Parameter version: A number that rises with every change of the value at its source.
    public func versioned(by version: @escaping @Sendable (Value) -> UInt64) -> CacheRegion {
        CacheRegion(self.core.with(version: version))
    }

    /// The region, with a number for the shape of its values: entries of another shape, or without one, are not read, but loaded
    /// anew and replaced. To be changed with the type where the codec could read the old bytes and mean something else.
    ///
    /// The number is in the entry and not in the key, so that an invalidation by an old build reaches the entries of a new one.
    ///
    /// - Parameter schema: The number; a hash of the type's fields will do.
    public func schema(_ schema: UInt64) -> CacheRegion {
        CacheRegion(self.core.with { $0.schema = schema })
    }

    /// The region, with values sealed by AES-256-GCM: whoever reads the store sees neither them nor whether they changed, and can
    /// neither make one nor move one to another key. Keys, tags and times stay readable, and whoever can write may put an old value
    /// back.
    ///
    /// Values that are not sealed, or by a key that is not known, are loaded anew and replaced.
    ///
    /// - Parameter keys: The secrets, from which a key is derived for the cache's name.
    public func sealed(with keys: SealingKeys) -> CacheRegion {
        let seal = PayloadSeal(keys, namespace: self.core.cache.name)
        return CacheRegion(self.core.with { $0.transform.seal = seal })
    }

    #if Compression
    /// The region, with values compressed by zlib where that makes them at least a tenth smaller. Processes without it read them
    /// if they are built with the trait `Compression`.
    ///
    /// A value that holds a secret beside what others may choose tells about it by its size, sealed or not.
    ///
    /// - Parameter threshold: From how many bytes on it is tried.
    public func compressed(from threshold: Int = 1_024) -> CacheRegion {
        CacheRegion(self.core.with { $0.transform.compressionThreshold = threshold })
    }
    #endif

    /// The key for arguments.
    public func key<each Component: CacheKeyComponent>(_ component: repeat each Component) -> CacheKey {
        CacheKey(self.core.prefix, repeat each component)
    }

    /// The value for `key`, loaded if it is not there: once for all callers that ask meanwhile.
    ///
    /// - Parameters:
    ///   - key: The entry's name.
    ///   - consistency: How new the answer has to be; nil for what the policy says.
    ///   - tags: The tags of a loaded value, by which it can be invalidated.
    ///   - load: Loads the value from its source.
    /// - Throws: What `load` throws, and `CancellationError` when the caller's task is cancelled while waiting. The
    ///   load goes on for the others.
    public func value(
        for key: CacheKey,
        consistency: ReadConsistency? = nil,
        tags: (@Sendable (Value) -> [String])? = nil,
        load: @escaping @Sendable @concurrent () async throws -> Value
    ) async throws -> Value {
        try await self.result(for: key, consistency: consistency, tags: tags, load: load).value
    }

    /// The value for `key`, as ``value(for:consistency:tags:load:)`` gives it, with where it came from.
    public func result(
        for key: CacheKey,
        consistency: ReadConsistency? = nil,
        tags: (@Sendable (Value) -> [String])? = nil,
        load: @escaping @Sendable @concurrent () async throws -> Value
    ) async throws -> CacheResult<Value> {
        try await self.result(for: key, consistency) { self.core.source(tags, load) }
    }

    /// The value for `key` if it is cached; nil if a call would have to load it.
    ///
    /// An absence is a value: of a region of optionals, `.some(nil)`.
    public func cached(_ key: CacheKey, consistency: ReadConsistency? = nil) async -> Value? {
        await self.core.cache.cached(
            key, by: self.core.rules, consistency, decode: { try self.core.coding.value(of: $0, under: key) })
    }

    /// Loads the value for `key` anew, though it may be cached, and stores it. Meanwhile others are served what there is.
    ///
    /// - Parameters:
    ///   - key: The entry's name.
    ///   - tags: The tags of a loaded value, by which it can be invalidated.
    ///   - load: Loads the value from its source.
    /// - Returns: What a load that began after this call gave.
    /// - Throws: What `load` throws, and `CancellationError` when the caller's task is cancelled while waiting.
    @discardableResult
    public func refresh(
        _ key: CacheKey,
        tags: (@Sendable (Value) -> [String])? = nil,
        load: @escaping @Sendable @concurrent () async throws -> Value
    ) async throws -> Value {
        try await self.result(for: key, isAnew: true) { self.core.source(tags, load) }.value
    }

    /// - Parameters:
    ///   - key: The entry's name.
    ///   - consistency: How new the answer has to be; nil for what the policy says.
    ///   - isAnew: Whether to load though there may be something to serve.
    ///   - source: What to do on a miss; not asked for on a hit.
    func result(
        for key: CacheKey, _ consistency: ReadConsistency? = nil, isAnew: Bool = false, from source: () -> LoadSource
    ) async throws -> CacheResult<Value> {
        try await self.core.cache.fetch(
            key, by: self.core.rules, consistency, isAnew: isAnew, from: source,
            decode: { try self.core.coding.value(of: $0, under: key) },
            take: { self.core.coding.value(of: $0) })
    }

    /// The bytes of the value for `key`, as the codec writes them, with where they came from; nil for an absence.
    ///
    /// A hit gives the stored bytes without decoding them: ready to be sent.
    ///
    /// - Throws: What ``value(for:consistency:tags:load:)`` throws, and ``CacheError`` with the code
    ///   ``CacheError/Code/notEncodable`` when the codec cannot write the loaded value.
    public func bytes(
        for key: CacheKey,
        consistency: ReadConsistency? = nil,
        tags: (@Sendable (Value) -> [String])? = nil,
        load: @escaping @Sendable @concurrent () async throws -> Value
    ) async throws -> CacheResult<ByteBuffer?> {
        try await self.bytes(for: key, consistency) { self.core.source(tags, load) }
    }

    func bytes(
        for key: CacheKey, _ consistency: ReadConsistency? = nil, from source: () -> LoadSource
    ) async throws -> CacheResult<ByteBuffer?> {
        try await self.core.cache.fetch(
            key, by: self.core.rules, consistency, from: source,
            decode: { try self.core.coding.bytes(of: $0, under: key) },
            take: { try self.core.coding.bytes(of: $0) })
    }

    /// Ends the entry for `key`, and every load of it that has begun. Call it after the change is committed.
    @discardableResult
    public func invalidate(_ key: CacheKey) async -> InvalidationOutcome {
        await self.core.cache.invalidate(key)
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
        guard self.core.rules.accept(key) else { return write.invalidate(key) }
        write.replace(key, with: self.core.loaded(value, tags))
    }
}
