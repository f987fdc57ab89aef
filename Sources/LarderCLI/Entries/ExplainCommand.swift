// SPDX-License-Identifier: Apache-2.0

#if CLI
import ArgumentParser
import Larder

/// `larder explain`: what stands under a key.
struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Tells what stands under a key, and what a call would make of it.",
        discussion: "The first line is the answer; age, size, stamp, tags and lease follow where there are any.")

    @Argument(help: "The key, as the server has it: shop:product:i.42.")
    var key: String

    @OptionGroup var server: Server

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        let key = try CacheKey(stored: self.key)
        let explanation = try await self.server.withCache(key.namespace) { cache, _ in await cache.explain(key) }
        guard explanation.verdict != .storeUnavailable else {
            throw Tool.failure("the server cannot be asked: \(explanation.reason)", .unavailable)
        }
        if self.json {
            print(try Tool.json(EntryReport(explanation)))
        } else {
            for line in explanation.description.split(separator: "\n") { print(line.printable) }
        }
    }
}
#endif
