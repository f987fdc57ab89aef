// SPDX-License-Identifier: Apache-2.0

#if Macros
import SwiftDiagnostics
import SwiftSyntax
import SwiftSyntaxBuilder
import SwiftSyntaxMacros

/// `@CacheSchema`: a type tells what it is made of.
enum CacheSchemaMacro: MemberMacro, ExtensionMacro {
    // A member, and not one of the extension: only there names of types mean what they mean in the type.
    static func expansion(
        of attribute: AttributeSyntax,
        providingMembersOf declaration: some DeclGroupSyntax,
        conformingTo protocols: [TypeSyntax],
        in context: some MacroExpansionContext
    ) throws -> [DeclSyntax] {
        let parts: [String]
        if declaration.is(StructDeclSyntax.self) {
            parts = self.fields(of: declaration, in: context)
        } else if declaration.is(EnumDeclSyntax.self) {
            parts = self.cases(of: declaration)
        } else {
            context.diagnose(Diagnostic("@CacheSchema stands on a structure or an enumeration", at: attribute))
            return []
        }
        for member in declaration.memberBlock.members where member.decl.is(IfConfigDeclSyntax.self) {
            context.diagnose(Diagnostic("@CacheSchema cannot tell what is compiled under conditions", at: member))
        }
        let extended = context.lexicalContext.first?.as(ExtensionDeclSyntax.self)?.modifiers
        let isPublic = (Array(declaration.modifiers) + Array(extended ?? [])).contains {
            [.keyword(.public), .keyword(.package)].contains($0.name.tokenKind)
        }
        return [
            """
            \(raw: isPublic ? "public " : "")nonisolated static func describe(to schema: inout SchemaFingerprint) {
                \(raw: (parts + self.codingKeys(of: declaration)).joined(separator: "\n"))
            }
            """
        ]
    }

    static func expansion(
        of attribute: AttributeSyntax,
        attachedTo declaration: some DeclGroupSyntax,
        providingExtensionsOf type: some TypeSyntaxProtocol,
        conformingTo protocols: [TypeSyntax],
        in context: some MacroExpansionContext
    ) throws -> [ExtensionDeclSyntax] {
        guard !protocols.isEmpty, !declaration.is(ActorDeclSyntax.self), !declaration.is(ClassDeclSyntax.self) else {
            return []
        }
        return [try ExtensionDeclSyntax("extension \(type.trimmed): CacheSchema {}")]
    }

    /// The stored properties.
    private static func fields(
        of declaration: some DeclGroupSyntax, in context: some MacroExpansionContext
    ) -> [String] {
        var fields: [String] = []
        for member in declaration.memberBlock.members {
            guard let variable = member.decl.as(VariableDeclSyntax.self),
                !variable.modifiers.contains(where: {
                    [.keyword(.static), .keyword(.class), .keyword(.lazy)].contains($0.name.tokenKind)
                })
            else { continue }
            // In `var x, y: Int` the type stands at the last.
            var type: TypeSyntax?
            for binding in variable.bindings.reversed() {
                type = binding.typeAnnotation?.type ?? (binding.initializer == nil ? type : nil)
                guard !binding.isComputed else { continue }
                guard let name = binding.pattern.as(IdentifierPatternSyntax.self)?.identifier.text, let type else {
                    context.diagnose(
                        Diagnostic(
                            "@CacheSchema needs the type of '\(binding.pattern.trimmed)' to be written", at: binding))
                    continue
                }
                // A wrapper may encode something else.
                let wrappers = variable.attributes.map { "\($0.trimmedDescription) " }.joined()
                fields.append("schema.add(\(self.literal(wrappers + name)), \(type.forExpression).self)")
            }
        }
        return fields.sorted()
    }

    /// The cases with what goes with them, and the type of their raw values, which may come from their order.
    private static func cases(of declaration: some DeclGroupSyntax) -> [String] {
        let rawType = declaration.inheritanceClause?.inheritedTypes.map(\.type.trimmedDescription)
            .first { Self.rawTypes.contains($0) }
        let elements = declaration.memberBlock.members.compactMap { $0.decl.as(EnumCaseDeclSyntax.self) }.flatMap(
            \.elements)
        let cases = elements.flatMap { element -> [String] in
            let name = element.name.text
            if let raw = element.rawValue {
                return ["schema.add(\(self.literal("\(name)=\(raw.value.trimmedDescription)")))"]
            }
            guard let values = element.parameterClause?.parameters, !values.isEmpty else {
                return ["schema.add(\(self.literal(name)))"]
            }
            return values.enumerated().map { index, value in
                let label = value.firstName.flatMap { $0.text == "_" ? nil : $0.text } ?? "\(index)"
                return "schema.add(\(self.literal("\(name).\(label)")), \(value.type.forExpression).self)"
            }
        }
        return (rawType.map { ["schema.add(\"raw\", \($0).self)"] } ?? []) + (rawType == nil ? cases.sorted() : cases)
    }

    private static func literal(_ text: String) -> String {
        StringLiteralExprSyntax(content: text).description
    }

    private static let rawTypes: Set = [
        "Int", "Int8", "Int16", "Int32", "Int64", "UInt", "UInt8", "UInt16", "UInt32", "UInt64", "String", "Character",
        "Double",
        "Float",
    ]

    /// The names under which properties are encoded, if they are others.
    private static func codingKeys(of declaration: some DeclGroupSyntax) -> [String] {
        declaration.memberBlock.members.compactMap { $0.decl.as(EnumDeclSyntax.self) }
            .filter { $0.name.text == "CodingKeys" }.flatMap { self.cases(of: $0) }
    }
}

extension PatternBindingSyntax {
    fileprivate var isComputed: Bool {
        switch self.accessorBlock?.accessors {
        case .getter: true
        case .accessors(let accessors):
            accessors.contains { [.keyword(.get), .keyword(.set)].contains($0.accessorSpecifier.tokenKind) }
        case nil: false
        }
    }
}

extension TypeSyntax {
    /// The type as it may stand before `.self`.
    fileprivate var forExpression: String {
        let wrapped = self.as(ImplicitlyUnwrappedOptionalTypeSyntax.self)?.wrappedType
        return "(\(wrapped.map { "\($0.trimmedDescription)?" } ?? self.trimmedDescription))"
    }
}
#endif
