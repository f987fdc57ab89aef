// SPDX-License-Identifier: Apache-2.0

#if Macros
/// A tag with places for values: `product:{id}`, `category:{result.category}`; `{{` and `}}` stand for braces.
struct TagTemplate {
    /// The names that places begin with.
    private(set) var names: [String] = []
    /// The template as a string literal with interpolations.
    private(set) var literal = "\""

    /// - Parameters:
    ///   - text: The template.
    ///   - written: How a name is written in code.
    /// - Throws: ``Problem`` for a template that cannot be read.
    init(_ text: String, written: (String) -> String) throws {
        var rest = text[...]
        while let character = rest.popFirst() {
            switch character {
            case "{" where rest.first == "{", "}" where rest.first == "}":
                rest.removeFirst()
                self.append(character)
            case "{":
                guard let end = rest.firstIndex(of: "}") else {
                    throw Problem(message: "the tag '\(text)' has a { without its }; write {{ for the brace itself")
                }
                let path = rest[..<end]
                let parts = path.split(separator: ".", omittingEmptySubsequences: false)
                guard let name = parts.first, parts.allSatisfy(Self.isIdentifier), name != "_" else {
                    throw Problem(
                        message:
                            "the tag '\(text)' has no name in {\(path)}: a parameter, or a property of one, goes there")
                }
                self.names.append(String(name))
                let properties = parts.dropFirst().map { ".\($0)" }.joined()
                self.literal += "\\(CachedTag.part(\(written(String(name)))\(properties)))"
                rest = rest[rest.index(after: end)...]
            case "}":
                throw Problem(message: "the tag '\(text)' has a } without its {; write }} for the brace itself")
            default:
                self.append(character)
            }
        }
        self.literal += "\""
    }

    private mutating func append(_ character: Character) {
        self.literal += literalText(String(character))
    }

    private static func isIdentifier(_ text: Substring) -> Bool {
        guard let first = text.first, first == "_" || first.isLetter else { return false }
        return text.allSatisfy { $0 == "_" || $0.isLetter || $0.isNumber }
    }
}

/// Text as it stands between the quotes of a string literal. By scalars: an accent may follow a quote.
func literalText(_ text: String) -> String {
    text.unicodeScalars.reduce(into: "") { literal, scalar in
        switch scalar {
        case "\\", "\"": literal += "\\\(scalar)"
        case _ where scalar.value < 0x20: literal += "\\u{\(String(scalar.value, radix: 16))}"
        default: literal.unicodeScalars.append(scalar)
        }
    }
}
#endif
