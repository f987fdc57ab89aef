// SPDX-License-Identifier: Apache-2.0

#if Macros
import SwiftDiagnostics
import SwiftSyntax
import SwiftSyntaxBuilder
import SwiftSyntaxMacros

/// `@CacheInvalidate`: tags are invalidated once the body has returned.
enum CacheInvalidateMacro: BodyMacro {
    static func expansion(
        of attribute: AttributeSyntax,
        providingBodyFor declaration: some DeclSyntaxProtocol & WithOptionalCodeBlockSyntax,
        in context: some MacroExpansionContext
    ) throws -> [CodeBlockItemSyntax] {
        var function = try AnnotatedFunction(declaration, attribute)
        let tags = function.tags()
        if tags.elements.isEmpty, function.problems.isEmpty {
            function.complain(Diagnostic("@CacheInvalidate needs tags; everything ends by clear()", at: attribute))
        }
        if function.isVoid, tags.needsResult {
            function.complain(Diagnostic("'\(function.name)' has no result that a tag could speak of", at: attribute))
        }
        guard function.problems.isEmpty else {
            function.problems.forEach(context.diagnose)
            return Array(function.body.statements)
        }

        let type = function.result ?? "Void"
        let result = function.isVoid ? "" : context.makeUniqueName("result").text
        var list = "[\(tags.elements.joined(separator: ", "))]"
        if tags.needsResult {
            list = "{ (result: \(type)) in \(list) }(\(result))"
        }
        let items: [CodeBlockItemSyntax] = [
            """
            \(raw: function.isVoid ? "" : "let \(result) = ")try await { () async throws -> \(type) in
            \(function.body.statements)
            }()
            """,
            "_ = try await \(raw: function.cache).invalidate(tags: \(raw: list))",
        ]
        return items + (function.isVoid ? [] : ["return \(raw: result)"])
    }
}
#endif
