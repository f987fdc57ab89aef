// SPDX-License-Identifier: Apache-2.0

#if CLI
import ArgumentParser
import Larder
import NIOCore
import RedisDriver

/// `larder keys`: the entries of a cache.
struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "Lists entries of a cache, with their state, size, age and remaining life.",
        discussion: """
            A pattern is written as for Redis, and compared with the key behind the name of the cache: 'product:*'. The keys are asked \
            for page by page, so that the server is never kept for long.
            """)

    @Argument(help: "The name of the cache.")
    var namespace: String

    @Argument(help: "Which keys.")
    var pattern = "*"

    @Option(help: "How many at most.")
    var limit = 100

    @OptionGroup var server: Server

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard self.limit > 0 else { throw ValidationError("--limit is how many to list, 1 or more") }
    }

    func run() async throws {
        let (found, isAll) = try await self.server.withCache(self.namespace) { cache, client in
            let (keys, isAll) = try await self.keys(of: client)
            var found: [CacheExplanation] = []
            for key in keys { found.append(await cache.explain(key)) }
            return (found, isAll)
        }
        if let unknown = found.first(where: { $0.verdict == .storeUnavailable }) {
            throw Tool.failure("the server cannot be asked: \(unknown.reason)", .unavailable)
        }
        if self.json {
            print(try Tool.json(found.map(EntryReport.init)))
        } else {
            for line in self.table(found) { print(line) }
        }
        if !isAll { Tool.say("there are more than \(self.limit): say --limit\n") }
    }

    private func keys(of client: RedisClient) async throws -> (keys: [CacheKey], isAll: Bool) {
        var keys: [CacheKey] = []
        var seen: Set<CacheKey> = []
        for try await key in client.keys(matching: "\(CacheKey.escaped(self.namespace)):\(self.pattern)") {
            let text = String(buffer: key.bytes)
            guard let key = CacheKey(text: text, in: self.namespace), seen.insert(key).inserted else { continue }
            if keys.count == self.limit { return (keys, false) }
            keys.append(key)
        }
        return (keys, true)
    }

    private func table(_ found: [CacheExplanation]) -> [String] {
        let rows = found.map { entry in
            [
                entry.key.text.printable,
                entry.isAbsence ? "\(entry.verdict.rawValue), absent" : entry.verdict.rawValue,
                entry.size.map { "\($0)" } ?? "-", entry.age.map(Quantity.time) ?? "-",
                entry.remaining.map(Quantity.time) ?? "-",
                entry.tags.map(\.name.printable).joined(separator: " "),
            ]
        }
        return TextTable(
            head: ["KEY", "STATE", "BYTES", "AGE", "FRESH FOR", "TAGS"], numbers: 2..<5, rows: rows
        ).lines
    }
}
#endif
