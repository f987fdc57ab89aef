// SPDX-License-Identifier: Apache-2.0

#if Macros
public import Larder

/// Caches the results of a function by its arguments.
///
/// ```swift
/// struct Catalogue: CacheSharing {
///     let cache: Cache
///     let database: Database
///
///     @Cached(.ttl(.seconds(300)), tags: ["product:{id}"])
///     func product(id: Int) async throws -> Product? {
///         try await database.product(id: id)
///     }
/// }
/// ```
///
/// For functions with a body that are `async throws`: methods of structures, classes, actors and protocol extensions, static and
/// free functions. The body runs once for all who call meanwhile, in a task of its own, on the actor that the function
/// belongs to. Its result must come from the arguments alone, and for a method from what its instance
/// tells by conforming to ``CacheSharing`` or to `CacheKeyComponent`.
///
/// The entries stand under the names of module, type and function, the labels and types of the parameters, and the type of the
/// result; generic types are told apart by what they stand for.
///
/// - Parameters:
///   - policy: How long entries live.
///   - key: The region's name in keys and statistics, instead of the names of the function: entries then outlive its
///     renaming. Functions with the same share entries.
///   - tags: The tags of a result. In braces the names of parameters, of `self`, of `result`, and of their properties:
///     `"product:{id}"`, `"category:{result.category}"`.
///   - ignoring: Names of parameters on which the result does not depend. One that is a `Cache` is ignored anyway.
///   - codec: How values are written.
///   - cache: Where to find the cache, as a key path from the type. Without one it is the parameter that is a `Cache`, or what
///     `cache` means in the function.
@attached(body)
public macro Cached<Owner>(
    _ policy: CachePolicy, key: String? = nil, tags: [String] = [], ignoring: [String] = [],
    codec: any CacheCodec = .json, in cache: KeyPath<Owner, Cache>
) = #externalMacro(module: "LarderMacrosPlugin", type: "CachedMacro")

/// Caches the results of a function by its arguments, in a cache that is global or belongs to a type.
@attached(body)
public macro Cached(
    _ policy: CachePolicy, key: String? = nil, tags: [String] = [], ignoring: [String] = [],
    codec: any CacheCodec = .json, in cache: Cache
) = #externalMacro(module: "LarderMacrosPlugin", type: "CachedMacro")

/// Caches the results of a function by its arguments, in the cache that is a parameter, or that `cache` means in the function.
@attached(body)
public macro Cached(
    _ policy: CachePolicy, key: String? = nil, tags: [String] = [], ignoring: [String] = [],
    codec: any CacheCodec = .json
) = #externalMacro(module: "LarderMacrosPlugin", type: "CachedMacro")
#endif
