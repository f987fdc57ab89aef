// SPDX-License-Identifier: Apache-2.0

#if Macros
public import Larder

/// Invalidates tags once a function has returned, and not when it throws.
///
/// ```swift
/// @CacheInvalidate(tags: ["product:{id}", "category:{result.category}"])
/// func rename(id: Int, to name: String) async throws -> Product {
///     try await database.rename(id, to: name)
/// }
/// ```
///
/// What the function changes must be committed when it returns.
///
/// - Parameters:
///   - tags: What to invalidate. In braces the names of parameters, of `self`, of `result`, and of their properties.
///   - cache: Where to find the cache, as a key path from the type. Without one it is the parameter that is a `Cache`, or what
///     `cache` means in the function.
@attached(body)
public macro CacheInvalidate<Owner>(tags: [String], in cache: KeyPath<Owner, Cache>) =
    #externalMacro(module: "LarderMacrosPlugin", type: "CacheInvalidateMacro")

/// Invalidates tags once a function has returned, in a cache that is global or belongs to a type.
@attached(body)
public macro CacheInvalidate(tags: [String], in cache: Cache) =
    #externalMacro(module: "LarderMacrosPlugin", type: "CacheInvalidateMacro")

/// Invalidates tags once a function has returned, in the cache that is a parameter, or that `cache` means in the function.
@attached(body)
public macro CacheInvalidate(tags: [String]) =
    #externalMacro(module: "LarderMacrosPlugin", type: "CacheInvalidateMacro")
#endif
