// SPDX-License-Identifier: Apache-2.0

#if CLI
import ArgumentParser
import Foundation
import Larder
import LarderRedis
import RedisDriver

/// `larder acl`: the rights that a user of the server needs, and whether one has them.
struct ACLCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "acl", abstract: "Prints the rights that a user of the server needs, or checks those it has.",
        discussion: """
            Without --check it prints a command for redis-cli that leaves the password as it is: a new user has none, and cannot log in. \
            With --check it asks the server of REDIS_URL, or of --url, and runs nothing there: each deviation is a line, and makes the \
            exit code 1.
            """)

    @Argument(help: "The name of the cache, and of what else the service keeps.")
    var namespace: String

    @Option(help: "The name of the server's user; that of the cache otherwise.")
    var name: String?

    @Option(parsing: .upToNextOption, help: "What the process uses; all but patterns and console otherwise.")
    private var use: [Use] = [.all]

    @Option(help: "A file with the service's policy as JSON, for a process that works for somebody.")
    var policy: String?

    @Option(help: "The tenant it works for.")
    var tenant: String?

    @Option(help: "The user it works for.")
    var user: String?

    @Option(help: "A role that it has; may be given more than once.")
    var role: [String] = []

    @Flag(help: "Check the rights that the user has.")
    var check = false

    @OptionGroup var server: Server

    @Flag(help: "Print JSON.")
    var json = false

    /// What is printed as JSON.
    private struct Report: Encodable {
        var user: String
        var rules: [String]
        var deviations: [String]?
    }

    func validate() throws {
        let isForSomebody = self.tenant != nil || self.user != nil || !self.role.isEmpty
        guard self.policy != nil || !isForSomebody else {
            throw ValidationError("--tenant, --user and --role say for whom a --policy is asked")
        }
    }

    func run() async throws {
        let access = try self.access()
        let name = self.name ?? self.namespace
        var report = Report(user: name, rules: access.rules)
        if self.check {
            report.deviations = try await self.server.withClient { client in
                try await access.deviations(of: name, on: client).map(\.description)
            }
        }
        print(try self.text(report))
        if report.deviations?.isEmpty == false { throw ExitCode(1) }
    }

    private func text(_ report: Report) throws -> String {
        if self.json { return try Tool.json(report) }
        guard let deviations = report.deviations else {
            return "ACL SETUSER \(report.user) on \(report.rules.joined(separator: " "))"
        }
        return deviations.isEmpty ? "\(report.user) has these rights and no others" : deviations.joined(separator: "\n")
    }

    private func access() throws -> RedisAccess {
        let uses = self.use.reduce(into: RedisAccess.Use()) { $0.formUnion($1.access) }
        guard let policy = self.policy else { return RedisAccess(to: self.namespace, for: uses) }
        let isSomebody = self.tenant != nil || self.user != nil
        let identity = Identity(
            isSomebody ? Principal(user: self.user, tenant: self.tenant) : nil, roles: Set(self.role))
        let rules: AccessPolicy
        do {
            rules = try JSONDecoder().decode(AccessPolicy.self, from: Data(contentsOf: URL(filePath: policy)))
        } catch {
            throw Tool.failure("\(policy) is no policy: \(error)", .noInput)
        }
        do {
            return try RedisAccess(to: self.namespace, for: uses, as: identity, by: rules)
        } catch {
            throw Tool.failure("\(error)", .finding)
        }
    }

}

/// What a process uses, as it is written on the command line.
private enum Use: String, CaseIterable, ExpressibleByArgument {
    case all, cache, patterns, console, sessions, limits, locks, persist, events

    var access: RedisAccess.Use {
        switch self {
        case .all: .all
        case .cache: .cache
        case .patterns: .patterns
        case .console: .console
        case .sessions: .sessions
        case .limits: .limits
        case .locks: .locks
        case .persist: .persist
        case .events: .events
        }
    }
}
#endif
