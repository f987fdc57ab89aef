// SPDX-License-Identifier: Apache-2.0

#if CLI
import ArgumentParser
import Foundation
import Larder
import NIOCore

/// `larder smoke`: whether a service works after it was deployed.
struct SmokeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "smoke", abstract: "Checks a service after it was deployed: that it is ready, and caches.",
        discussion: """
            It has the routes of `Cache.healthRoutes` under --health, and with --path something whose second answer is to come from a cache. \
            Each check is a line; the exit code is 1 when one failed.
            """)

    @Argument(help: "The service: https://shop.example.")
    var service: String

    @Option(help: "Where its health is told.")
    var health = "/health"

    @Option(help: "Something that it caches; may be given more than once.")
    var path: [String] = []

    @Flag(help: "Only check that it is live, as whoever restarts it wants to know.")
    var live = false

    @Flag(help: "Print JSON.")
    var json = false

    private static let timeout = Duration.seconds(10)

    private struct Check: Encodable {
        var name: String
        /// What is wrong; nil for nothing.
        var problem: String?
    }

    func validate() throws {
        guard !self.live || self.path.isEmpty else { throw ValidationError("--live checks no --path") }
        for path in [self.health] + self.path
        where WebService.url(path, of: self.service) == nil || !path.hasPrefix("/") {
            throw ValidationError("\(self.service.printable) and \(path.printable) are no URL and a path of it")
        }
    }

    func run() async throws {
        let checks = try await WebService.asking(connections: 1, timeout: Self.timeout) { await self.check($0) }
        if self.json {
            print(try Tool.json(checks))
        } else {
            for check in checks {
                print(
                    (check.problem == nil ? "ok      " : "failed  ")
                        + [check.name, check.problem].compactMap { $0 }.joined(separator: ": ").printable)
            }
        }
        if checks.contains(where: { $0.problem != nil }) { throw ExitCode(Tool.Exit.finding.rawValue) }
    }

    private func check(_ service: WebService) async -> [Check] {
        func get(_ path: String) async -> WebService.Answer {
            await service.get(WebService.url(path, of: self.service) ?? path)
        }
        func isOK(_ answer: WebService.Answer) -> String? { answer.status == 200 ? nil : answer.text }
        var checks = [Check(name: "it is live", problem: isOK(await get(self.health + "/live")))]
        if self.live { return checks }
        checks.append(Check(name: "it is ready", problem: isOK(await get(self.health + "/ready"))))
        let health = await get(self.health)
        checks.append(Check(name: "its store is up", problem: isOK(health) ?? Self.problem(in: health)))
        for path in self.path {
            let first = await get(path)
            checks.append(Check(name: "\(path) is answered", problem: isOK(first)))
            guard first.status == 200 else { continue }
            let second = await get(path)
            let problem = isOK(second) ?? (second.isHit == true ? nil : "the second answer is not from a cache")
            checks.append(Check(name: "\(path) is cached", problem: problem))
        }
        return checks
    }

    /// What the service says of its store.
    private static func problem(in answer: WebService.Answer) -> String? {
        struct Health: Decodable {
            struct Store: Decodable {
                var state: String
                var queuedInvalidations: Int
            }

            var store: Store
        }
        guard let health = try? JSONDecoder().decode(Health.self, from: Data(answer.body.readableBytesView)) else {
            return "what it says is not understood"
        }
        if health.store.state != "up" { return "it is \(health.store.state)" }
        let count = health.store.queuedInvalidations
        return count > 0 ? "\(count) invalidations wait for it" : nil
    }
}
#endif
