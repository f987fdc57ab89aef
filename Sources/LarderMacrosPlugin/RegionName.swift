// SPDX-License-Identifier: Apache-2.0

#if Macros
import SwiftParser
import SwiftSyntax
import SwiftSyntaxMacros

/// The name of the region for a function, such that no other function has it: `Module.Type.function-label.Type--Result`. With the
/// name of the file in it, for what is private there and for members of extensions, and with what generic types stand for.
struct RegionName {
    /// The name as a string literal; with interpolations for types that only a running program knows.
    let literal: String

    init(of function: AnnotatedFunction, in context: some MacroExpansionContext) {
        let outer = Array(context.lexicalContext.reversed())
        let place = context.location(of: function.syntax, at: .afterLeadingTrivia, filePathMode: .fileID)?.file
        let file = place?.as(StringLiteralExprSyntax.self)?.representedLiteralValue?.split(separator: "/") ?? []
        var parts = file.first.map { [String($0)] } ?? []
        // What an extension extends may be private too.
        if ([Syntax(function.syntax)] + outer).contains(where: { $0.isPrivate || $0.is(ExtensionDeclSyntax.self) }),
            let name = file.last
        {
            parts.append("\(name.hasSuffix(".swift") ? name.dropLast(6) : name)-swift")
        }
        parts += outer.compactMap(\.declaredName) + [function.name]
        let isOfType = function.has(.static) || function.has(.class)
        let labels = function.parameters.map { parameter in
            "-\(parameter.firstName.text).\(parameter.type.plainText)" + (parameter.ellipsis == nil ? "" : "...")
        }
        let constraints = ([Syntax(function.syntax)] + outer).flatMap(\.constraints).map { "-where.\($0)" }
        let fixed =
            parts.joined(separator: ".") + (isOfType ? "-static" : "") + labels.joined()
            + "--\(function.result?.plainText ?? "")" + constraints.joined()

        var types = function.syntax.genericParameterClause?.parameters.map { "\($0.name.text).self" } ?? []
        types += function.parameters.filter(\.type.isOpaque).map { "Swift.type(of: \($0.nameInside))" }
        if outer.contains(where: \.hasChangingType) { types.append("Self.self") }
        self.literal = "\"\(literalText(fixed))\(types.map { "-\\(CachedTypeName.of(\($0)))" }.joined())\""
    }

    /// Whether a name that is told instead would be shared by what generic types stand for.
    static func isGeneric(_ function: AnnotatedFunction, in context: some MacroExpansionContext) -> Bool {
        ([Syntax(function.syntax)] + context.lexicalContext).contains {
            $0.asProtocol((any WithGenericParametersSyntax).self)?.genericParameterClause != nil
        } || function.parameters.contains(where: \.type.isOpaque)
    }
}

extension TypeSyntax {
    fileprivate var plainText: String { self.trimmedDescription.filter { !$0.isWhitespace } }
}

extension Syntax {
    fileprivate var isPrivate: Bool {
        self.asProtocol((any WithModifiersSyntax).self)?.modifiers.contains {
            [.keyword(.private), .keyword(.fileprivate)].contains($0.name.tokenKind)
        } ?? false
    }

    /// Whether what is written in it may stand for several types: generics, protocols, subclasses, and extensions of who knows what.
    fileprivate var hasChangingType: Bool {
        if self.is(ExtensionDeclSyntax.self) || self.is(ProtocolDeclSyntax.self) { return true }
        if let type = self.as(ClassDeclSyntax.self),
            !type.modifiers.contains(where: { $0.name.tokenKind == .keyword(.final) })
        {
            return true
        }
        guard self.isProtocol((any DeclGroupSyntax).self) else { return false }
        return self.asProtocol((any WithGenericParametersSyntax).self)?.genericParameterClause != nil
    }

    fileprivate var declaredName: String? {
        self.as(ExtensionDeclSyntax.self)?.extendedType.trimmedDescription
            ?? self.asProtocol((any NamedDeclSyntax).self)?.name.text
    }

    /// What it asks of generic types: a function or an extension of the same name may ask for something else.
    fileprivate var constraints: [String] {
        let generics = self.asProtocol((any WithGenericParametersSyntax).self)
        let inline = generics?.genericParameterClause?.parameters.compactMap { parameter in
            parameter.inheritedType.map { "\(parameter.name.text):\($0.trimmedDescription)" }
        }
        let clause = generics?.genericWhereClause ?? self.as(ExtensionDeclSyntax.self)?.genericWhereClause
        return ((inline ?? []) + (clause.map { [$0.requirements.trimmedDescription] } ?? [])).map { text in
            text.filter { !$0.isWhitespace }
        }
    }
}
#endif
