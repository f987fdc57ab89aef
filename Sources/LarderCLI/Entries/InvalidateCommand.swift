// SPDX-License-Identifier: Apache-2.0

#if CLI
import ArgumentParser
import Dispatch
import Foundation
import Larder
import NIOConcurrencyHelpers
import RedisDriver

/// `larder invalidate`: ends entries.
struct InvalidateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "invalidate", abstract: "Ends entries, and every load of them that has begun.",
        discussion: """
            A tag, or all, is one step on the server however many entries it ends. A pattern goes through all keys, while others are served; \
            it can be interrupted, and what was ended until then stays so. It asks before it ends anything, unless --yes is given.
            """)

    @Argument(help: "The name of the cache.")
    var namespace: String

    @Option(help: "A key, as the server has it; may be given more than once.")
    var key: [String] = []

    @Option(help: "A tag; may be given more than once.")
    var tag: [String] = []

    @Option(help: "A pattern of keys behind the name of the cache, such as 'product:*'; may be given more than once.")
    var pattern: [String] = []

    @Flag(help: "All entries of the cache.")
    var all = false

    @Flag(name: .shortAndLong, help: "Do not ask.")
    var yes = false

    @OptionGroup var server: Server

    @Flag(help: "Print JSON.")
    var json = false

    /// What was done.
    struct Report: Encodable {
        var keys = 0
        var tags = 0
        /// How many entries were ended because their keys match.
        var matching = 0
        var all = false
        /// Whether all that was asked for was done.
        var isComplete = true
    }

    func validate() throws {
        let parts = self.key.count + self.tag.count + self.pattern.count
        guard self.all != (parts > 0) else {
            throw ValidationError(
                self.all ? "--all ends whatever else is named" : "say what to end: --key, --tag, --pattern or --all")
        }
        for key in self.key where try CacheKey(stored: key).namespace != self.namespace {
            throw ValidationError("\(key.printable) is no key of \(self.namespace.printable)")
        }
        guard self.yes || isatty(STDIN_FILENO) == 1 else {
            throw ValidationError("say --yes where nobody can be asked")
        }
    }

    func run() async throws {
        let isConfirmed = try self.yes || self.isConfirmed(on: self.server.configuration().description)
        guard isConfirmed else { throw Tool.failure("nothing was ended", .finding) }
        let ended = NIOLockedValueBox(0)
        let interruption = Tool.onInterruption {
            Tool.say(
                "\nlarder: interrupted; \(ended.withLockedValue { $0 }) entries were ended by patterns, and stay so\n")
        }
        defer { interruption.cancel() }
        let reason = NIOLockedValueBox("the server does not answer")
        let report = try await self.server.withCache(self.namespace) { event in
            if case .queued(let error) = event { reason.withLockedValue { $0 = "\(error)" } }
        } _: { cache, client in
            for key in self.key where try await client.execute(EXISTS(RedisKey(key))) == 0 {
                Tool.say("larder: \(key.printable) is not there\n")
            }
            return try await self.invalidate(in: cache, ended)
        }
        print(try self.text(report))
        guard report.isComplete else {
            throw Tool.failure(
                "what is not counted may still be there: \(reason.withLockedValue { $0 })", .unavailable)
        }
    }

    private func invalidate(in cache: Cache, _ ended: NIOLockedValueBox<Int>) async throws -> Report {
        var report = Report()
        func done(_ outcome: InvalidationOutcome) -> Bool {
            report.isComplete = report.isComplete && outcome == .applied
            return outcome == .applied
        }
        if self.all { report.all = done(await cache.clear()) }
        do {
            if !self.tag.isEmpty, done(try await cache.invalidate(tags: self.tag)) { report.tags = self.tag.count }
        } catch let error as CacheError {
            throw Tool.failure("\(error)", .usage)
        }
        for key in try self.key.map(CacheKey.init(stored:)) where done(await cache.invalidate(key)) { report.keys += 1 }
        for pattern in self.pattern {
            let before = report.matching
            let (count, outcome) = await cache.invalidate(matching: KeyPattern(pattern)) { count in
                ended.withLockedValue { $0 = before + count }
                if Tool.isWatched { Tool.say("\r\(before + count) entries ended") }
            }
            if Tool.isWatched, count > 0 { Tool.say("\r\u{1B}[K") }
            _ = done(outcome)
            report.matching += count
        }
        return report
    }

    private func text(_ report: Report) throws -> String {
        if self.json { return try Tool.json(report) }
        let parts = [
            report.all ? "all entries" : nil, report.tags > 0 ? Self.count(report.tags, "tag") : nil,
            report.keys > 0 ? Self.count(report.keys, "key") : nil,
            self.pattern.isEmpty ? nil : Self.count(report.matching, "entry", "entries") + " by pattern",
        ]
        let done = parts.compactMap { $0 }.joined(separator: ", ")
        return "ended: " + (done.isEmpty ? "nothing" : done)
    }

    private static func count(_ number: Int, _ one: String, _ many: String? = nil) -> String {
        "\(number) \(number == 1 ? one : many ?? one + "s")"
    }

    private func isConfirmed(on server: String) -> Bool {
        let what = self.all ? ["all entries"] : self.tag.map { "tag \($0)" } + self.key + self.pattern
        Tool.say(
            "End \(what.map(\.printable).joined(separator: ", ")) of \(self.namespace.printable) on \(server.printable)? [y/N] "
        )
        return ["y", "yes"].contains(readLine()?.lowercased())
    }
}
#endif
