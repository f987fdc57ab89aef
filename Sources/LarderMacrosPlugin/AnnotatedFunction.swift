// SPDX-License-Identifier: Apache-2.0

#if Macros
import SwiftDiagnostics
import SwiftSyntax
import SwiftSyntaxBuilder
import SwiftSyntaxMacros

/// A function that a macro stands on.
struct AnnotatedFunction {
    let syntax: FunctionDeclSyntax
    let body: CodeBlockSyntax
    let arguments: AttributeArguments
    private(set) var problems: [Diagnostic] = []

    /// - Throws: When it is no function, or one without a body.
    init(_ declaration: some DeclSyntaxProtocol, _ attribute: AttributeSyntax) throws {
        let name = attribute.attributeName.trimmedDescription
        guard let function = declaration.as(FunctionDeclSyntax.self) else {
            throw DiagnosticsError(diagnostics: [Diagnostic("@\(name) stands on a function", at: attribute)])
        }
        guard let body = function.body else {
            throw DiagnosticsError(
                diagnostics: [
                    Diagnostic("@\(name) needs a body: it stands on the function that does the work", at: attribute)
                ])
        }
        (self.syntax, self.body) = (function, body)
        self.arguments = AttributeArguments(of: attribute)
        self.checkEffects(of: name)
        self.checkArguments()
    }

    var name: String { self.syntax.name.text.withoutBackticks }
    var parameters: FunctionParameterListSyntax { self.syntax.signature.parameterClause.parameters }
    /// What it returns, without what is said about how.
    var result: TypeSyntax? {
        let type = self.syntax.signature.returnClause?.type.trimmed
        return type?.as(AttributedTypeSyntax.self)?.baseType.trimmed ?? type
    }
    var isVoid: Bool { ["Void", "()", "Swift.Void", nil].contains(self.result?.description) }
    /// Whether there is a `self` that is no type.
    func isMethod(in context: some MacroExpansionContext) -> Bool {
        guard !self.has(.static), !self.has(.class), let owner = context.lexicalContext.first else { return false }
        return owner.isProtocol((any DeclGroupSyntax).self)
    }

    func has(_ modifier: Keyword) -> Bool {
        self.syntax.modifiers.contains { $0.name.tokenKind == .keyword(modifier) }
    }

    mutating func complain(_ diagnostic: Diagnostic) {
        self.problems.append(diagnostic)
    }

    /// The cache that is meant: by `in:`, else the parameter that is one, else what `cache` is.
    var cache: String {
        if let place = self.arguments["in"] {
            // A key path from the type of self, or a cache itself.
            return place.as(KeyPathExprSyntax.self).map { "self\($0.components.trimmed)" }
                ?? "(\(place.trimmed) as Cache)"
        }
        if let parameter = self.parameters.first(where: \.isCache) { return parameter.nameInside }
        return self.parameters.contains { $0.nameInside == "cache" } ? "self.cache" : "cache"
    }

    /// The tags of the attribute as an array literal, or as a closure's body that makes it of `result`.
    ///
    /// - Returns: The text, and whether it speaks of the result; nil without tags.
    mutating func tags() -> (text: String, needsResult: Bool)? {
        let parameters = self.parameters.map(\.nameInside)
        var (ofResult, others): ([String], [String]) = ([], [])
        for (text, node) in self.arguments.texts("tags", &self.problems) {
            do {
                let template = try TagTemplate(text) { name in
                    parameters.first { $0.withoutBackticks == name } ?? name
                }
                let names = template.names.filter { name in
                    name != "self" && !parameters.contains { $0.withoutBackticks == name }
                }
                for name in names where name != "result" {
                    self.complainOfUnknown(name, in: "the tag '\(text)'", at: node)
                }
                if names.contains("result") {
                    ofResult.append(template.literal)
                } else {
                    others.append(template.literal)
                }
            } catch {
                self.complain(Diagnostic("\((error as? Problem)?.message ?? "\(error)")", at: node))
            }
        }
        guard !(ofResult + others).isEmpty else { return nil }
        let all = "[\((others + ofResult).joined(separator: ", "))]"
        guard !ofResult.isEmpty, self.result?.is(OptionalTypeSyntax.self) == true else {
            return (all, !ofResult.isEmpty)
        }
        // An absence has the tags that speak of the arguments alone.
        return ("guard let result else { return [\(others.joined(separator: ", "))] }\nreturn \(all)", true)
    }

    mutating func complainOfUnknown(_ name: String, in place: String, at node: some SyntaxProtocol) {
        let names = self.parameters.map(\.nameInside.withoutBackticks)
        let known = names.isEmpty ? "it has none" : "it has: \(names.joined(separator: ", "))"
        self.complain(
            Diagnostic(
                "\(place) names '\(name)', but '\(self.name)' has no parameter of that name (\(known))", at: node))
    }

    private mutating func checkEffects(of attribute: String) {
        let signature = self.syntax.signature
        let effects = signature.effectSpecifiers
        let clause = effects?.throwsClause
        let isPlain = clause.map { $0.type == nil && $0.throwsSpecifier.tokenKind == .keyword(.throws) } ?? false
        guard effects?.asyncSpecifier == nil || !isPlain else { return }
        var whole = signature
        whole.effectSpecifiers = FunctionEffectSpecifiersSyntax(
            asyncSpecifier: .keyword(.async, trailingTrivia: .space), throwsClause: Self.throwing)
        if !whole.parameterClause.rightParen.trailingTrivia.contains(where: \.isWhitespace) {
            whole.parameterClause.rightParen.trailingTrivia = .space
        }
        // A comment among them would swallow what is added.
        let isClear =
            (signature.parameterClause.rightParen.trailingTrivia + (effects?.trailingTrivia ?? [])
            + (effects?.asyncSpecifier?.trailingTrivia ?? [])).allSatisfy(\.isWhitespace)
        let fixIt = ("make it 'async throws'", FixIt.Change.replace(oldNode: Syntax(signature), newNode: Syntax(whole)))
        let message = clause == nil || isPlain ? "" : " plainly: errors of the cache may come up too"
        self.complain(
            Diagnostic(
                "@\(attribute) needs a function that is 'async throws'\(message)", at: self.syntax.name,
                isClear ? fixIt : nil))
    }

    /// What stands in the attribute means something else in the function when a parameter has the same name.
    private mutating func checkArguments() {
        let names = self.parameters.map(\.nameInside.withoutBackticks)
        for expression in self.arguments.evaluated {
            var last: TokenSyntax?
            for token in expression.tokens(viewMode: .sourceAccurate) {
                defer { last = token }
                guard case .identifier(let name) = token.tokenKind, names.contains(name.withoutBackticks),
                    last?.tokenKind != .period, token.nextToken(viewMode: .sourceAccurate)?.tokenKind != .colon
                else { continue }
                self.complain(
                    Diagnostic(
                        "'\(name)' is a parameter of '\(self.name)' too, and would mean that; rename one",
                        at: expression))
            }
        }
    }

    private static let throwing = ThrowsClauseSyntax(throwsSpecifier: .keyword(.throws, trailingTrivia: .space))
}

extension FunctionParameterSyntax {
    /// The name that the body knows it by.
    var nameInside: String { (self.secondName ?? self.firstName).text }

    /// Whether it is set by the function.
    var isInout: Bool {
        self.type.as(AttributedTypeSyntax.self)?.specifiers.contains { $0.trimmedDescription == "inout" } ?? false
    }

    /// Whether the parameter is the cache to use.
    var isCache: Bool { ["Cache", "Larder.Cache"].contains(self.type.trimmedDescription) }
}

extension TypeSyntax {
    /// Whether it is `some` type.
    var isOpaque: Bool {
        self.as(SomeOrAnyTypeSyntax.self)?.someOrAnySpecifier.tokenKind == .keyword(.some)
    }
}

extension String {
    var withoutBackticks: String { self.filter { $0 != "`" } }
}
#endif
