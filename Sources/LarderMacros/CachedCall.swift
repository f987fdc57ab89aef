// SPDX-License-Identifier: Apache-2.0

#if Macros
public import Larder

/// One call of a function under ``Cached(_:key:tags:ignoring:codec:)``: what the macro expands to.
public struct CachedCall<Value: Codable & Sendable> {
    let region: CacheRegion<Value>
    let key: CacheKey

    /// The value, loaded if it is not cached.
    ///
    /// - Parameters:
    ///   - tags: The tags of a loaded value.
    ///   - load: The body of the function, which stays on the actor it was written for.
    public func value(
        tags: (@Sendable (Value) -> [String])? = nil,
        // As `Task.init` has them: nothing else keeps a closure that outlives the call on its actor, and a capture list would not
        // come through the expansion.
        @_inheritActorContext @_implicitSelfCapture _ load: @escaping @Sendable @isolated(any) () async throws -> Value
    ) async throws -> Value {
        try await self.region.value(for: self.key, tags: tags) { try await load() }
    }
}

extension CacheRegion {
    /// A call of a function that belongs to no instance.
    public func call<each Argument: CacheKeyComponent>(_ argument: repeat each Argument) -> CachedCall<Value> {
        CachedCall(region: self, key: self.key(repeat each argument))
    }

    /// A call of a method of an instance that is like all others.
    public func call<each Argument: CacheKeyComponent>(
        of owner: some CacheSharing, _ argument: repeat each Argument
    ) -> CachedCall<Value> {
        CachedCall(region: self, key: self.key(repeat each argument))
    }

    /// A call of a method of an instance that is a part of the key.
    public func call<each Argument: CacheKeyComponent>(
        of owner: some CacheKeyComponent, _ argument: repeat each Argument
    ) -> CachedCall<Value> {
        CachedCall(region: self, key: self.key(owner, repeat each argument))
    }

    /// A call of a method of an instance that is a part of the key, though all are alike.
    public func call<each Argument: CacheKeyComponent>(
        of owner: some CacheKeyComponent & CacheSharing, _ argument: repeat each Argument
    ) -> CachedCall<Value> {
        CachedCall(region: self, key: self.key(owner, repeat each argument))
    }

    // MARK: What cannot be called, so that no call traps

    /// A call of a method of an instance of which nothing is known.
    @available(
        *, unavailable,
        message:
            "conform the type to CacheSharing if all its instances give the same results, or to CacheKeyComponent if they differ"
    )
    public func call<each Argument: CacheKeyComponent>(
        of owner: some Any, _ argument: repeat each Argument
    ) -> CachedCall<Value> {
        fatalError()
    }

    /// A call with arguments that a key cannot be made of.
    @available(
        *, unavailable,
        message:
            "conform the types of all parameters to CacheKeyComponent, or leave parameters out of the key with 'ignoring'"
    )
    public func call<each Argument>(of owner: some Any, _ argument: repeat each Argument) -> CachedCall<Value> {
        fatalError()
    }

    /// A call with arguments that a key cannot be made of.
    @available(
        *, unavailable,
        message:
            "conform the types of all parameters to CacheKeyComponent, or leave parameters out of the key with 'ignoring'"
    )
    public func call<each Argument>(_ argument: repeat each Argument) -> CachedCall<Value> {
        fatalError()
    }
}
#endif
