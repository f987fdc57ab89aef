// SPDX-License-Identifier: Apache-2.0

#if Macros
import SwiftParser
import SwiftSyntax
import SwiftSyntaxMacros

/// The name of the region for a function: `Module.Type.function-label.Type`, the file's name in it for what is private there.
struct RegionName {
    /// The name as a string literal; with interpolations for types that only a running program knows.
    let literal: String

    /// - Parameters:
    ///   - function: The function.
    ///   - parameters: Those of its parameters that are part of the key.
    ///   - context: Where it stands.
    init(
        of function: AnnotatedFunction, _ parameters: [FunctionParameterSyntax], in context: some MacroExpansionContext
    ) {
        let outer = Array(context.lexicalContext.reversed())
        let place = context.location(of: function.syntax, at: .afterLeadingTrivia, filePathMode: .fileID)?.file
        let file = place?.as(StringLiteralExprSyntax.self)?.representedLiteralValue?.split(separator: "/") ?? []
        let isPrivate = ([Syntax(function.syntax)] + outer).contains(where: \.isPrivate)
        // The name of a running type begins with its module and holds the names around it, but for those of functions.
        let isNamedLater = outer.contains(where: \.hasChangingType)
        var parts: [String] = []
        if let module = file.first, isPrivate || !isNamedLater { parts.append(String(module)) }
        if let name = file.last, isPrivate { parts.append("\(name.split(separator: ".")[0])-swift") }
        if isNamedLater { parts.append(Self.typeName("Self")) }
        parts += outer.filter { !isNamedLater || $0.is(FunctionDeclSyntax.self) }.compactMap(\.declaredName)
        let generics = ([Syntax(function.syntax)] + outer.filter { $0.is(FunctionDeclSyntax.self) }).flatMap {
            $0.as(FunctionDeclSyntax.self)?.genericParameterClause?.parameters.map(\.name.text) ?? []
        }
        let labels = parameters.map { parameter in
            "-\(parameter.firstName.text).\(parameter.type.trimmedDescription.filter { !$0.isWhitespace })"
                + (parameter.ellipsis == nil ? "" : "...")
        }
        self.literal =
            "\"" + (parts + [function.name]).joined(separator: ".") + labels.joined()
            + generics.map { "-\(Self.typeName($0))" }.joined() + "\""
    }

    private static func typeName(_ type: String) -> String {
        "\\(CachedTypeName.of(\(type).self))"
    }
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
        self.asProtocol((any NamedDeclSyntax).self)?.name.text
    }
}
#endif
