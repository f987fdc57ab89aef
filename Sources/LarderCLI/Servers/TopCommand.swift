// SPDX-License-Identifier: Apache-2.0

#if CLI
import ArgumentParser
import Foundation
import Larder
import LarderRedis

/// `larder top`: what a server does, as it does it.
struct TopCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top", abstract: "Shows what a server does, as it does it, until Ctrl-C.",
        discussion: """
            On a terminal each look takes the place of the one before; elsewhere they follow one another. With --json each is one line. \
            Lookups are those that reached the server: hits in the process of a service are told by its metrics.
            """)

    @OptionGroup var server: Server

    @Option(help: "The seconds between two looks, 0.1 or more.")
    var interval = 2.0

    @Option(help: "How many looks; without end otherwise.")
    var count: Int?

    @Flag(help: "Print JSON, a line for each look.")
    var json = false

    private static let shownCommands = 10

    func validate() throws {
        guard (0.1...86_400).contains(self.interval) else { throw ValidationError("--interval is 0.1 or more seconds") }
        guard self.count ?? 1 > 0 else { throw ValidationError("--count is 1 or more") }
    }

    func run() async throws {
        let isScreen = !self.json && isatty(STDOUT_FILENO) == 1
        try await self.server.withClient { client in
            var before = try await ServerFacts.counts(client)
            var moment = ContinuousClock.now
            var looks = 0
            while looks < self.count ?? .max {
                try await Task.sleep(for: .seconds(self.interval))
                let after = try await ServerFacts.counts(client)
                guard after.allSatisfy({ $0.unanswered.isEmpty }) else {
                    throw Tool.failure(
                        "the server refuses to tell: INFO and DBSIZE are what this user needs", .unavailable)
                }
                let now = ContinuousClock.now
                let reports = after.map { facts in
                    Report(
                        facts,
                        ServerActivity(
                            from: before.first { $0.name == facts.name } ?? facts, to: facts,
                            over: moment.duration(to: now)))
                }
                if self.json {
                    print(try Tool.jsonLine(reports))
                } else {
                    // Home, and away with what stood there.
                    if isScreen { print("\u{1B}[H\u{1B}[2J", terminator: "") }
                    for report in reports { print(report.lines.joined(separator: "\n") + "\n") }
                }
                fflush(nil)
                (before, moment, looks) = (after, now, looks + 1)
            }
        }
    }

    /// A look at a server; durations in seconds.
    private struct Report: Encodable {
        struct Command: Encodable {
            var name: String
            var callsPerSecond: Double
            var meanDuration: Double
            var share: Double
        }

        var server: String
        var version: String
        var keys: Int
        var memory: Int?
        var clients: Int?
        var hitRatio: Double?
        var commandsPerSecond: Double
        var hitsPerSecond: Double
        var missesPerSecond: Double
        var evictedPerSecond: Double
        var expiredPerSecond: Double
        var inputPerSecond: Double
        var outputPerSecond: Double
        var commands: [Command]

        init(_ facts: ServerFacts, _ activity: ServerActivity) {
            self.server = facts.name
            self.version = facts.version
            self.keys = facts.census.total
            self.memory = facts.number("used_memory")
            self.clients = facts.number("connected_clients")
            self.hitRatio = activity.hitRatio
            self.commandsPerSecond = activity.commandsPerSecond
            self.hitsPerSecond = activity.hitsPerSecond
            self.missesPerSecond = activity.missesPerSecond
            self.evictedPerSecond = activity.evictedPerSecond
            self.expiredPerSecond = activity.expiredPerSecond
            self.inputPerSecond = activity.inputPerSecond
            self.outputPerSecond = activity.outputPerSecond
            self.commands = activity.commands.map {
                Command(
                    name: $0.name, callsPerSecond: $0.callsPerSecond, meanDuration: $0.meanDuration / .seconds(1),
                    share: $0.share)
            }
        }

        var lines: [String] {
            func rate(_ number: Double) -> String { Quantity.short(number) }
            var lines = [
                [self.server, self.version].filter { !$0.isEmpty }.joined(separator: ", "),
                "keys \(self.keys) · memory \(Quantity.bytes(self.memory ?? 0)) · clients \(self.clients ?? 0)",
                "by the second: commands \(rate(self.commandsPerSecond)) · hits \(rate(self.hitsPerSecond)) · "
                    + "misses \(rate(self.missesPerSecond)) · hit ratio \(self.hitRatio.map(Quantity.percent) ?? "-")",
                "               evicted \(rate(self.evictedPerSecond)) · expired \(rate(self.expiredPerSecond)) · "
                    + "in \(Quantity.bytes(Int(self.inputPerSecond))) · out \(Quantity.bytes(Int(self.outputPerSecond)))",
            ]
            let rows = self.commands.prefix(TopCommand.shownCommands).map { command in
                [
                    Quantity.short(command.callsPerSecond), "\(Quantity.short(command.meanDuration * 1e6)) us",
                    Quantity.percent(command.share), command.name.printable,
                ]
            }
            lines += TextTable(head: ["CALLS/S", "EACH", "OF THE TIME", "COMMAND"], numbers: 0..<3, rows: rows).lines
            return lines
        }
    }
}
#endif
