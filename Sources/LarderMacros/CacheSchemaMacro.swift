// SPDX-License-Identifier: Apache-2.0

#if Macros
import Larder

/// Derives `Larder.CacheSchema` from the stored properties or the cases of a type, so that entries of another shape are not read.
///
/// ```swift
/// @CacheSchema
/// struct Product: Codable, Sendable {
///     var id: Int
///     var price: Price
/// }
/// ```
///
/// Properties need their types written. Types within it count by their names, and by what they are made of where they have the macro
/// too.
@attached(member, names: named(describe))
@attached(extension, conformances: CacheSchema)
public macro CacheSchema() = #externalMacro(module: "LarderMacrosPlugin", type: "CacheSchemaMacro")
#endif
