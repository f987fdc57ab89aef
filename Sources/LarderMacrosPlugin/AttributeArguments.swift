// SPDX-License-Identifier: Apache-2.0

#if Macros
import SwiftDiagnostics
import SwiftParser
import SwiftSyntax

/// The arguments of an attribute, by their labels.
struct AttributeArguments {
    private let list: LabeledExprListSyntax

    init(of attribute: AttributeSyntax) {
        self.list = attribute.arguments?.as(LabeledExprListSyntax.self) ?? []
    }

    /// The argument with a label, or the first without one.
    subscript(_ label: String?) -> ExprSyntax? {
        self.list.first { $0.label?.text == label }?.expression
    }

    /// The expressions that are evaluated when the function is called.
    var evaluated: [ExprSyntax] {
        self.list.filter { !["tags", "ignoring"].contains($0.label?.text) }.map(\.expression)
    }

    /// The texts of an argument that lists some.
    ///
    /// - Parameter problems: Told of what is no text that the macro can read.
    func texts(_ label: String, _ problems: inout [Diagnostic]) -> [(text: String, node: ExprSyntax)] {
        guard let expression = self[label] else { return [] }
        guard let array = expression.as(ArrayExprSyntax.self) else {
            problems.append(Diagnostic("'\(label)' is to be a list of string literals", at: expression))
            return []
        }
        return array.elements.compactMap { element in
            let literal = element.expression.as(StringLiteralExprSyntax.self)
            guard let text = literal?.representedLiteralValue else {
                problems.append(
                    Diagnostic(
                        "'\(label)' takes string literals without interpolation; write a parameter as {name}",
                        at: element.expression))
                return nil
            }
            return (text, element.expression)
        }
    }
}
#endif
