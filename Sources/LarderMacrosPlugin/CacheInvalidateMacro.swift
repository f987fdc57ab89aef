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
        if tags == nil, function.problems.isEmpty {
            function.complain(Diagnostic("@CacheInvalidate needs tags; everything ends by clear()", at: attribute))
        }
        if function.isVoid, tags?.needsResult == true {
            function.complain(Diagnostic("'\(function.name)' has no result that a tag could speak of", at: attribute))
        }
        if let type = function.syntax.signature.returnClause?.type, type.isOpaque {
            function.complain(Diagnostic("@CacheInvalidate needs a result whose type has a name", at: type))
        }
        guard function.problems.isEmpty, let tags else {
            function.problems.forEach(context.diagnose)
            return Array(function.body.statements)
        }

        let type = function.result ?? "Void"
        let result = function.isVoid ? "" : context.makeUniqueName("result").text
        let list = tags.needsResult ? "{ (result: \(type)) in \(tags.text) }(\(result))" : tags.text
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
