// SPDX-License-Identifier: Apache-2.0

#if CLI
import ArgumentParser
import Crypto
import Foundation
import Larder

/// `larder seal`: the secrets that values are sealed with.
struct SealCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seal", abstract: "Makes the secrets that a service seals values with.", subcommands: [Rotate.self]
    )

    /// `larder seal rotate`: a new secret in place of the one in use.
    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rotate",
            abstract: "Makes a new secret, and says in which steps it takes the place of the one in use.",
            discussion: """
                The secrets in use are read from an environment variable, as `SealingKeys(text:)` reads them: 2:BASE64,1:BASE64, the one to \
                seal with first. With --first the first secret is made. Nothing is changed anywhere: what is printed are secrets.
                """)

        @Option(help: "The environment variable that has the secrets in use.")
        var variable = "SEALING_KEYS"

        @Flag(help: "Make the first secret, where there is none in use.")
        var first = false

        @Flag(help: "Print JSON: what the variable is in each step.")
        var json = false

        func run() async throws {
            let steps = try self.steps(
                after: (ProcessInfo.processInfo.environment[self.variable] ?? "").trimmingCharacters(
                    in: .whitespacesAndNewlines))
            if self.json { return print(try Tool.json(steps)) }
            for step in steps { print("\(step.doing):\n\(self.variable)=\(step.value)") }
        }

        private struct Step: Encodable {
            var doing: String
            var value: String
        }

        private func steps(after text: String) throws -> [Step] {
            let secret = SymmetricKey(size: .bits256).withUnsafeBytes { Data($0).base64EncodedString() }
            // A number must not be used for another secret.
            guard text.isEmpty == self.first else {
                throw Tool.failure(
                    self.first ? "\(self.variable) has secrets already" : "\(self.variable) is not set; see --first",
                    .usage)
            }
            if self.first { return [Step(doing: "seal with", value: "1:\(secret)")] }
            do {
                _ = try SealingKeys(text: text)
            } catch {
                throw Tool.failure("\(self.variable): \(error)", .usage)
            }
            let old = text.split(separator: ",")
            let highest = old.compactMap { $0.split(separator: ":").first.flatMap { UInt32($0) } }.max() ?? 0
            guard highest < .max else {
                throw Tool.failure("\(self.variable): there is no number above those in use", .usage)
            }
            let new = "\(highest + 1):\(secret)"
            return [
                Step(
                    doing: "1. deploy to all processes, which can read then what will be sealed",
                    value: "\(text),\(new)"),
                Step(doing: "2. deploy to all processes, which seal with it from then on", value: "\(new),\(text)"),
                Step(doing: "3. deploy when what was sealed before has ended by its lifetime", value: new),
            ]
        }
    }
}
#endif
