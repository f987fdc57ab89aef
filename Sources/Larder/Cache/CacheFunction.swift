// SPDX-License-Identifier: Apache-2.0

public import NIOCore

/// A function whose results are cached by its arguments.
///
/// Made by `function(_:_:codec:load:)` of a ``Cache``, or with a `key` of its own, or `perPrincipal` for results that belong to
/// somebody, and called like the function itself.
public struct CacheFunction<Value: Codable & Sendable, each Argument: Sendable>: Sendable {
    private(set) var region: CacheRegion<Value>
    private let makeKey: @Sendable (repeat each Argument) -> CacheKey
    private let load: @Sendable @concurrent (repeat each Argument) async throws -> Value
    private var tags: (@Sendable (Value, repeat each Argument) -> [String])?

    init(
        region: CacheRegion<Value>,
        key makeKey: @escaping @Sendable (repeat each Argument) -> CacheKey,
        load: @escaping @Sendable @concurrent (repeat each Argument) async throws -> Value
    ) {
        self.region = region
        self.makeKey = makeKey
        self.load = load
    }

    /// The function, with tags on what it loads.
    ///
    /// - Parameter tags: The tags of a loaded value, by which it can be invalidated; called for an absence too. An
    ///   absence for which it gives none ends with the next invalidation of any tag.
    public func tagged(
        _ tags: @escaping @Sendable (Value, repeat each Argument) -> [String]
    ) -> CacheFunction<Value, repeat each Argument> {
        var function = self
        function.tags = tags
        return function
    }

    /// The function, with tags that its arguments decide.
    ///
    /// - Parameter tags: The tags for arguments, by which what was loaded for them can be invalidated.
    public func tagged(
        byArguments tags: @escaping @Sendable (repeat each Argument) -> [String]
    ) -> CacheFunction<Value, repeat each Argument> {
        self.tagged { (_: Value, argument: repeat each Argument) in tags(repeat each argument) }
    }

    /// The function, with a policy for each value that it loads.
    ///
    /// ```swift
    /// let price = cache.function("price", .ttl(.seconds(300))) { (id: Int) in try await quote(id) }
    ///     .policy { price in price.isFinal ? .ttl(.seconds(86_400)) : .ttl(.seconds(5)) }
    /// ```
    ///
    /// - Parameter decide: How long a loaded value lives; ``CachePolicy/doNotStore`` for not at all. How values are loaded
    ///   is said by the policy of the function.
    public func policy(_ decide: @escaping @Sendable (Value) -> CachePolicy) -> CacheFunction<
        Value, repeat each Argument
    > {
        var function = self
        function.region = self.region.policy(decide)
        return function
    }

    /// The function, with a version for each value, so that values can be written through; see
    /// ``replace(_:with:in:)``.
    ///
    /// - Parameter version: A number that rises with every change of the value at its source.
    public func versioned(by version: @escaping @Sendable (Value) -> UInt64) -> CacheFunction<
        Value, repeat each Argument
    > {
        var function = self
        function.region = self.region.versioned(by: version)
        return function
    }

    /// The function, with a number for the shape of its values: entries of another shape, or without one, are not read, but loaded
    /// anew and replaced. To be changed with the type where the codec could read the old bytes and mean something else.
    ///
    /// The number is in the entry and not in the key, so that an invalidation by an old build reaches the entries of a new one.
    ///
    /// - Parameter schema: The number; a hash of the type's fields will do.
    public func schema(_ schema: UInt64) -> CacheFunction<Value, repeat each Argument> {
        var function = self
        function.region = self.region.schema(schema)
        return function
    }

    /// The function, with values sealed by AES-256-GCM; see ``CacheRegion/sealed(with:)``.
    public func sealed(with keys: SealingKeys) -> CacheFunction<Value, repeat each Argument> {
        var function = self
        function.region = self.region.sealed(with: keys)
        return function
    }

    #if Compression
    /// The function, with values compressed by zlib where that makes them smaller; see ``CacheRegion/compressed(from:)``.
    public func compressed(from threshold: Int = 1_024) -> CacheFunction<Value, repeat each Argument> {
        var function = self
        function.region = self.region.compressed(from: threshold)
        return function
    }
    #endif

    /// The value for the arguments, loaded if it is not cached: once for all callers that ask meanwhile.
    ///
    /// - Parameters:
    ///   - argument: The arguments.
    ///   - consistency: How new the answer has to be; nil for what the policy says.
    /// - Throws: What the function throws, and `CancellationError` when the caller's task is cancelled while waiting.
    public func callAsFunction(
        _ argument: repeat each Argument, consistency: ReadConsistency? = nil
    ) async throws -> Value {
        try await self.result(repeat each argument, consistency: consistency).value
    }

    /// The value for the arguments, with where it came from.
    public func result(
        _ argument: repeat each Argument, consistency: ReadConsistency? = nil
    ) async throws -> CacheResult<Value> {
        try await self.region.result(for: self.key(repeat each argument), consistency) {
            self.source(repeat each argument)
        }
    }

    /// The bytes of the value for the arguments, as the codec writes them, with where they came from; nil for an
    /// absence. A hit gives the stored bytes without decoding them: ready to be sent.
    ///
    /// - Throws: What the function throws, `CancellationError`, and ``CacheError`` with the code
    ///   ``CacheError/Code/notEncodable`` when the codec cannot write the loaded value.
    public func bytes(
        _ argument: repeat each Argument, consistency: ReadConsistency? = nil
    ) async throws -> CacheResult<ByteBuffer?> {
        try await self.region.bytes(for: self.key(repeat each argument), consistency) {
            self.source(repeat each argument)
        }
    }

    /// The value for the arguments if it is cached; nil if a call would have to load it.
    ///
    /// An absence is a value: of a function that gives optionals, `.some(nil)`.
    public func cached(_ argument: repeat each Argument, consistency: ReadConsistency? = nil) async -> Value? {
        await self.region.cached(self.key(repeat each argument), consistency: consistency)
    }

    /// Loads the value for the arguments anew, though it may be cached, and stores it. Meanwhile others are served what there is.
    ///
    /// - Returns: What a load that began after this call gave.
    /// - Throws: What the function throws, and `CancellationError` when the caller's task is cancelled while waiting.
    @discardableResult
    public func refresh(_ argument: repeat each Argument) async throws -> Value {
        try await self.region.result(for: self.key(repeat each argument), isAnew: true) {
            self.source(repeat each argument)
        }.value
    }

    /// The key for the arguments.
    public func key(_ argument: repeat each Argument) -> CacheKey {
        self.makeKey(repeat each argument)
    }

    /// Ends the entry for the arguments, and every load of it that has begun. Call it after the change is committed.
    @discardableResult
    public func invalidate(_ argument: repeat each Argument) async -> InvalidationOutcome {
        await self.region.invalidate(self.key(repeat each argument))
    }

    /// Writes a value through once the change is committed, if the entry is a lower version of it; else ends the entry.
    ///
    /// The value must come from the same change, and the function be ``versioned(by:)``. It ends with whatever
    /// was invalidated since the change began, and with tags that the change itself invalidates.
    ///
    /// - Parameters:
    ///   - argument: The arguments.
    ///   - value: What the function gives for them when the change is committed.
    ///   - write: The change.
    public func replace(_ argument: repeat each Argument, with value: Value, in write: CacheWrite) {
        self.region.replace(
            self.key(repeat each argument), with: value, tags: self.tags(of: repeat each argument), in: write)
    }

    func source(_ argument: repeat each Argument) -> LoadSource {
        self.region.core.source(self.tags(of: repeat each argument)) { [load] in
            try await load(repeat each argument)
        }
    }

    private func tags(of argument: repeat each Argument) -> (@Sendable (Value) -> [String])? {
        guard let tags = self.tags else { return nil }
        return { value in tags(value, repeat each argument) }
    }
}
