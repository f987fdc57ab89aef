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
    let attribute: AttributeSyntax
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
        (self.syntax, self.body, self.attribute) = (function, body, attribute)
        self.arguments = AttributeArguments(of: attribute)
        self.checkEffects(of: name)
    }

    var name: String { self.syntax.name.text.filter { $0 != "`" } }
    var parameters: FunctionParameterListSyntax { self.syntax.signature.parameterClause.parameters }
    var result: TypeSyntax? { self.syntax.signature.returnClause?.type.trimmed }
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
            return place.as(KeyPathExprSyntax.self).map { "self\($0.components.trimmed)" } ?? "(\(place.trimmed))"
        }
        return self.parameters.first(where: \.isCache)?.nameInside ?? "cache"
    }

    /// The tags of the attribute as the elements of an array.
    ///
    /// - Returns: The elements, and whether they speak of the result.
    mutating func tags() -> (elements: [String], needsResult: Bool) {
        let names = self.parameters.map(\.nameInside)
        var elements: [String] = []
        var needsResult = false
        for (text, node) in self.arguments.texts("tags", &self.problems) {
            do {
                let template = try TagTemplate(text)
                for name in template.names where !names.contains(name) && name != "self" {
                    if name == "result" {
                        needsResult = true
                    } else {
                        self.complainOfUnknown(name, in: "the tag '\(text)'", at: node)
                    }
                }
                elements.append(template.literal)
            } catch {
                self.complain(Diagnostic("\((error as? Problem)?.message ?? "\(error)")", at: node))
            }
        }
        return (elements, needsResult)
    }

    mutating func complainOfUnknown(_ name: String, in place: String, at node: some SyntaxProtocol) {
        let names = self.parameters.map(\.nameInside)
        let known = names.isEmpty ? "it has none" : "it has: \(names.joined(separator: ", "))"
        self.complain(
            Diagnostic(
                "\(place) names '\(name)', but '\(self.name)' has no parameter of that name (\(known))", at: node))
    }

    private mutating func checkEffects(of attribute: String) {
        let signature = self.syntax.signature
        let effects = signature.effectSpecifiers
        let clause = effects?.throwsClause
        if let clause, clause.type != nil || clause.throwsSpecifier.tokenKind != .keyword(.throws) {
            self.complain(
                Diagnostic(
                    "@\(attribute) needs plain 'throws': errors of the cache may come up too", at: clause,
                    ("use 'throws'", .replace(oldNode: Syntax(clause), newNode: Syntax(Self.throwing)))))
        }
        let missing = [(effects?.asyncSpecifier == nil, "async"), (clause == nil, "throws")].filter(\.0).map(\.1)
        guard !missing.isEmpty else { return }
        var whole = signature
        whole.effectSpecifiers = FunctionEffectSpecifiersSyntax(
            asyncSpecifier: .keyword(.async, trailingTrivia: .space), throwsClause: clause ?? Self.throwing)
        if !whole.parameterClause.rightParen.trailingTrivia.contains(where: \.isWhitespace) {
            whole.parameterClause.rightParen.trailingTrivia = .space
        }
        self.complain(
            Diagnostic(
                "@\(attribute) needs a function that is 'async throws'", at: self.syntax.name,
                (
                    "add '\(missing.joined(separator: " "))'",
                    .replace(oldNode: Syntax(signature), newNode: Syntax(whole))
                )))
    }

    private static let throwing = ThrowsClauseSyntax(throwsSpecifier: .keyword(.throws, trailingTrivia: .space))
}

extension FunctionParameterSyntax {
    /// The name that the body knows it by.
    var nameInside: String { (self.secondName ?? self.firstName).text }

    /// Whether the parameter is the cache to use.
    var isCache: Bool { ["Cache", "Larder.Cache"].contains(self.type.trimmedDescription) }
}
#endif
