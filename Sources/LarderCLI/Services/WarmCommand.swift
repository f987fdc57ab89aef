// SPDX-License-Identifier: Apache-2.0

#if CLI
import ArgumentParser
import Foundation
import Larder
import NIOConcurrencyHelpers

/// `larder warm`: has a service load what will be asked for.
struct WarmCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "warm", abstract: "Asks a service for each URL of a file, so that its cache has them.",
        discussion: """
            A line is a URL, or with --service a path; empty lines and those that begin with # are passed over. Nothing is asked for before \
            all of the file has been understood. The exit code is 1 when an answer was an error.
            """)

    @Argument(help: "The file; - for what is piped in.")
    var file: String

    @Option(help: "The service that has the paths: http://localhost:8080.")
    var service: String?

    @Option(help: "How many at a time.")
    var workers = 8

    @Option(help: "How many requests a second at the most.")
    var rate: Double?

    @Flag(help: "Print JSON.")
    var json = false

    private static let timeout = Duration.seconds(60)

    /// What was done.
    private struct Report: Encodable, Sendable {
        struct Failure: Encodable {
            var line: Int
            /// Without what may be a secret: user, password and query.
            var path: String
            var problem: String
        }

        /// How many requests came to an end.
        var done = 0
        /// How many of these were in a cache before.
        var hits = 0
        var failures: [Failure] = []
    }

    func validate() throws {
        guard (1...1_000).contains(self.workers) else { throw ValidationError("--workers is 1 to 1000") }
        guard self.rate.map((0.001...1e6).contains) ?? true else {
            throw ValidationError("--rate is 0.001 to a million a second")
        }
    }

    func run() async throws {
        let urls = try self.urls()
        let report = NIOLockedValueBox(Report())
        let interruption = Tool.onInterruption {
            Tool.say(
                "\nlarder: interrupted; \(report.withLockedValue { $0.done }) of \(urls.count) were asked for\n")
        }
        defer { interruption.cancel() }
        try await WebService.asking(connections: self.workers, timeout: Self.timeout) { service in
            await self.ask(for: urls, of: service, report)
        }
        if Tool.isWatched { Tool.say("\r\u{1B}[K") }
        let done = report.withLockedValue { $0 }
        for failure in done.failures {
            Tool.say("larder: line \(failure.line), \(failure.path.printable): \(failure.problem.printable)\n")
        }
        print(
            self.json
                ? try Tool.json(done)
                : "asked for: \(done.done), in a cache before: \(done.hits), failed: \(done.failures.count)")
        if !done.failures.isEmpty { throw ExitCode(Tool.Exit.finding.rawValue) }
    }

    private func ask(for urls: [(line: Int, text: String)], of service: WebService, _ report: NIOLockedValueBox<Report>)
        async
    {
        let start = ContinuousClock.now
        await withTaskGroup(of: Void.self) { group in
            for worker in 0..<min(self.workers, urls.count) {
                group.addTask {
                    for index in stride(from: worker, to: urls.count, by: self.workers) {
                        if let rate = self.rate {
                            try? await Task.sleep(until: start + .seconds(Double(index) / rate), clock: .continuous)
                        }
                        let answer = await service.get(urls[index].text)
                        let count = report.withLockedValue { report in
                            report.done += 1
                            report.hits += answer.isHit == true ? 1 : 0
                            if !answer.isGood {
                                report.failures.append(
                                    Report.Failure(
                                        line: urls[index].line, path: URL(string: urls[index].text)?.path() ?? "",
                                        problem: answer.text))
                            }
                            return report.done
                        }
                        if Tool.isWatched { Tool.say("\r\(count) of \(urls.count)") }
                    }
                }
            }
        }
    }

    /// The URLs, with the lines where they stand.
    private func urls() throws -> [(line: Int, text: String)] {
        let text: String
        do {
            let data =
                self.file == "-"
                ? FileHandle.standardInput.readDataToEndOfFile() : try Data(contentsOf: URL(filePath: self.file))
            text = String(decoding: data, as: UTF8.self)
        } catch {
            throw Tool.failure("\(self.file) cannot be read: \(error.localizedDescription)", .noInput)
        }
        var urls: [(line: Int, text: String)] = []
        for (number, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let line = line.trimmingCharacters(in: .whitespaces)
            if line.isEmpty || line.hasPrefix("#") { continue }
            guard let url = WebService.url(line, of: self.service) else {
                throw Tool.failure(
                    "line \(number + 1) is no URL\(line.hasPrefix("/") ? " without --service" : ""): \(line)", .usage)
            }
            urls.append((number + 1, url))
        }
        return urls
    }
}
#endif
