// SPDX-License-Identifier: Apache-2.0

#if CLI
import ArgumentParser
import Larder
import LarderRedis
import RedisDriver

/// `larder doctor`: what is better changed about a server.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Says what is better changed about a server that keeps a cache or sessions.",
        discussion: """
            Looks at what the server tells of itself and at a sample of a thousand keys, and changes nothing. A problem makes the exit code 1; \
            advice does not. It wants a user that may call INFO, CONFIG GET, CLIENT LIST, ACL GETUSER, SCAN, TYPE and MEMORY USAGE: what the \
            server refuses is named.
            """)

    @OptionGroup var server: Server

    @Flag(help: "Print JSON.")
    var json = false

    /// What is printed of a server as JSON.
    private struct Report: Encodable {
        struct Finding: Encodable {
            var name: String
            var weight: ServerFinding.Weight
            var text: String
            var remedy: String
        }

        var server: String
        var version: String
        var findings: [Finding]
        var unanswered: [String]

        init(_ facts: ServerFacts) {
            self.server = facts.name
            self.version = facts.version
            self.findings = Diagnosis.findings(of: facts).map {
                Finding(name: $0.name, weight: $0.weight, text: $0.text, remedy: $0.remedy)
            }
            self.unanswered = facts.unanswered
        }
    }

    func run() async throws {
        let reports = try await self.server.withClient { try await ServerFacts.asking($0) }.map(Report.init)
        if self.json {
            print(try Tool.json(reports))
        } else {
            for report in reports { self.printText(report) }
        }
        if reports.contains(where: { $0.findings.contains { $0.weight == .problem } }) {
            throw ExitCode(Tool.Exit.finding.rawValue)
        }
    }

    private func printText(_ report: Report) {
        let name = report.server.isEmpty ? report.version : "\(report.server): \(report.version)"
        print("\(name): \(report.findings.isEmpty ? "nothing is to be changed" : Self.count(report.findings))")
        for finding in report.findings {
            print("\(finding.weight.rawValue) \(finding.name): \(finding.text)".printable)
            print("    \(finding.remedy)".printable)
        }
        if !report.unanswered.isEmpty {
            print("not looked at, for the server did not answer: \(report.unanswered.joined(separator: ", "))")
        }
    }

    private static func count(_ findings: [Report.Finding]) -> String {
        let problems = findings.count { $0.weight == .problem }
        return "problems: \(problems), advice: \(findings.count - problems)"
    }
}
#endif
