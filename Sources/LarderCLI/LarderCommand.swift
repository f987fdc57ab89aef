// SPDX-License-Identifier: Apache-2.0

#if CLI
import ArgumentParser

/// The tool `larder`.
@main
struct LarderCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "larder", abstract: "Looks after caches of Larder on Redis and Valkey.",
        discussion: """
            Exit codes: 0 when all is well, 1 when something is to be changed, 64 for what cannot be asked for, 66 for a file that cannot be \
            read, 69 for a server that cannot be asked, 130 for an interruption.
            """,
        groupedSubcommands: [
            CommandGroup(
                name: "Entry",
                subcommands: [KeysCommand.self, GetCommand.self, ExplainCommand.self, InvalidateCommand.self]),
            CommandGroup(
                name: "Server",
                subcommands: [DoctorCommand.self, StatsCommand.self, TopCommand.self, ACLCommand.self]),
            CommandGroup(
                name: "Service",
                subcommands: [SmokeCommand.self, WarmCommand.self, BenchCommand.self, SealCommand.self]),
        ])
}
#else
/// The tool `larder`, built without what it needs.
@main
struct LarderCommand {
    static func main() {
        print("larder is built with the trait CLI: swift run --traits CLI larder")
    }
}
#endif
