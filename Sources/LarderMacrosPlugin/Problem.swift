// SPDX-License-Identifier: Apache-2.0

#if Macros
import SwiftDiagnostics
import SwiftSyntax

/// What is wrong with the code that a macro stands on.
struct Problem: Error, DiagnosticMessage, FixItMessage {
    var message: String

    var severity: DiagnosticSeverity { .error }
    var diagnosticID: MessageID { MessageID(domain: "Larder", id: self.message) }
    var fixItID: MessageID { self.diagnosticID }
}

extension Diagnostic {
    /// A problem, with a change that solves it if there is one.
    init(_ message: String, at node: some SyntaxProtocol, _ fixIt: (message: String, change: FixIt.Change)? = nil) {
        self.init(
            node: node, message: Problem(message: message),
            fixIts: fixIt.map { [FixIt(message: Problem(message: $0.message), changes: [$0.change])] } ?? [])
    }
}
#endif
