// SPDX-License-Identifier: Apache-2.0

#if Macros
import SwiftDiagnostics
import SwiftSyntax
import SwiftSyntaxBuilder
import SwiftSyntaxMacros

/// `@Cached`: the body becomes the load of a region of the cache.
enum CachedMacro: BodyMacro {
    static func expansion(
        of attribute: AttributeSyntax,
        providingBodyFor declaration: some DeclSyntaxProtocol & WithOptionalCodeBlockSyntax,
        in context: some MacroExpansionContext
    ) throws -> [CodeBlockItemSyntax] {
        var function = try AnnotatedFunction(declaration, attribute)
        let parameters = self.keyParameters(of: &function)
        self.check(&function, parameters, in: context)
        let tags = function.tags()
        guard function.problems.isEmpty, let result = function.result, let policy = function.arguments[nil] else {
            function.problems.forEach(context.diagnose)
            return Array(function.body.statements)
        }

        let isMethod = function.isMethod(in: context)
        let region = function.arguments["key"]?.trimmedDescription ?? RegionName(of: function, in: context).literal
        let codec = function.arguments["codec"].map { ", codec: \($0.trimmed)" } ?? ""
        let call = ((isMethod ? ["of: self"] : []) + parameters.map(\.nameInside)).joined(separator: ", ")
        let tagging = tags.map { "(tags: { \($0.needsResult ? "result" : "_") in \($0.text) })" } ?? ""
        return [
            """
            return try await \(raw: function.cache).region(\(raw: region), of: (\(result)).self, \(policy.trimmed)\(raw: codec))
                .call(\(raw: call))
                .value\(raw: tagging) { () async throws -> \(result) in
                \(function.body.statements)
                }
            """
        ]
    }

    /// The parameters that the result depends on.
    private static func keyParameters(of function: inout AnnotatedFunction) -> [FunctionParameterSyntax] {
        var problems: [Diagnostic] = []
        let ignored = function.arguments.texts("ignoring", &problems)
        problems.forEach { function.complain($0) }
        for (name, node) in ignored
        where !function.parameters.contains(where: { $0.nameInside.withoutBackticks == name }) {
            function.complainOfUnknown(name, in: "'ignoring'", at: node)
        }
        return function.parameters.filter { parameter in
            !parameter.isCache && !ignored.contains { $0.text == parameter.nameInside.withoutBackticks }
        }
    }

    private static func check(
        _ function: inout AnnotatedFunction, _ parameters: [FunctionParameterSyntax],
        in context: some MacroExpansionContext
    ) {
        if let outer = context.lexicalContext.first, !outer.isProtocol((any DeclGroupSyntax).self) {
            function.complain(
                Diagnostic(
                    "a function within another sees more than its arguments, which are the key",
                    at: function.syntax.name))
        }
        if let key = function.arguments["key"], RegionName.isGeneric(function, in: context) {
            function.complain(
                Diagnostic("with a name of its own, entries of different types would be taken for each other", at: key))
        }
        for parameter in function.parameters where parameter.isInout {
            function.complain(
                Diagnostic("'\(parameter.nameInside)' is inout, which a result from a cache cannot set", at: parameter))
        }
        if function.isVoid {
            function.complain(
                Diagnostic("'\(function.name)' returns nothing that could be cached", at: function.syntax.name))
        }
        if let result = function.result {
            if result.as(SomeOrAnyTypeSyntax.self) != nil {
                function.complain(
                    Diagnostic(
                        "a cached value needs a type with a name, which is Codable and Sendable, instead of '\(result)'",
                        at: function.syntax.signature.returnClause?.type ?? result))
            } else if result.isStructural {
                function.complain(
                    Diagnostic(
                        "'\(result)' is not Codable: return a structure that is",
                        at: function.syntax.signature.returnClause?.type ?? result))
            }
        }
        if function.has(.mutating) {
            function.complain(
                Diagnostic("the result of a mutating function cannot come from a cache", at: function.syntax.name))
        }
        for parameter in parameters {
            let name = parameter.nameInside
            if name == "_" {
                function.complain(
                    Diagnostic("a parameter without a name cannot be part of the key: give it one", at: parameter))
            } else if parameter.type.isStructural {
                function.complain(
                    Diagnostic(
                        "'\(name)' is of a type that cannot conform to CacheKeyComponent; leave it out with ignoring: [\"\(name)\"], or pass a type of your own",
                        at: parameter))
            }
        }
    }
}

extension TypeSyntax {
    /// Whether it is a tuple or a function, which conform to nothing.
    fileprivate var isStructural: Bool {
        if let type = self.as(AttributedTypeSyntax.self) { return type.baseType.isStructural }
        if let tuple = self.as(TupleTypeSyntax.self) {
            guard tuple.elements.count == 1, let only = tuple.elements.first else { return true }
            return only.type.isStructural
        }
        return self.is(FunctionTypeSyntax.self)
    }
}
#endif
