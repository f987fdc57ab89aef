// SPDX-License-Identifier: Apache-2.0

#if CLI
import ArgumentParser
import LarderRedis

/// `larder stats`: how a server is, and what is on it.
struct StatsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats", abstract: "Tells how a server is, and what is on it.",
        discussion: """
            Counts by kind, and the largest keys, are those of a sample of a thousand keys for each server. What a service does with its \
            cache, hits in the process included, is told by its metrics.
            """)

    @OptionGroup var server: Server

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        let reports = try await self.server.withClient { try await ServerFacts.asking($0) }.map(ServerReport.init)
        if self.json {
            print(try Tool.json(reports))
        } else {
            for line in reports.map(\.lines).joined(separator: [""]) { print(line) }
        }
    }
}
#endif
