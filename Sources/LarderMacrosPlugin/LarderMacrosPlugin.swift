// SPDX-License-Identifier: Apache-2.0

#if Macros
import SwiftCompilerPlugin
import SwiftSyntaxMacros

@main
struct LarderMacrosPlugin: CompilerPlugin {
    let providingMacros: [any Macro.Type] = [CachedMacro.self, CacheInvalidateMacro.self, CacheSchemaMacro.self]
}
#else
/// Without the trait there is nothing to expand.
@main
enum LarderMacrosPlugin {
    static func main() {}
}
#endif
