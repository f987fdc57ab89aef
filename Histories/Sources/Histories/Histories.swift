// SPDX-License-Identifier: Apache-2.0

import Foundation
import RedisDriver
import ServerFixtures

/// Several processes read and write registers through caches on one server that suffers; `scripts/histories` tells the options.
@main
struct Histories {
    private static let workers = 3
    private static let window = Duration.milliseconds(4_000)

    static func main() async throws {
        let words = Array(CommandLine.arguments.dropFirst())
        if words.first == "worker" {
            guard let order = Worker.Order(words: Array(words.dropFirst())) else { exit(2) }
            return try await Worker.run(order)
        }
        var (rounds, port) = (1, Int?.none)
        for (option, value) in zip(words, words.dropFirst()) where option.hasPrefix("--") {
            switch (option, Int(value)) {
            case ("--rounds", let number?) where number > 0: rounds = number
            case ("--port", let number?): port = number
            default: exit(2)
            }
        }
        guard words.count.isMultiple(of: 2), words.enumerated().allSatisfy({ $0 % 2 == 1 || $1.hasPrefix("--") }) else {
            exit(2)
        }
        try await Self.run(rounds: rounds, port: port)
        if port == nil { try await Self.runOnCluster(rounds: rounds) }
    }

    /// - Parameters:
    ///   - rounds: How often each fault happens.
    ///   - port: Of a server on this machine that others use; nil for one of its own.
    private static func run(rounds: Int, port: Int?) async throws {
        let servers = port == nil ? try await ServerPair() : nil
        guard let port = port ?? servers?.primary.port else { return }
        var proxies: [FaultProxy] = []
        for _ in 0..<Self.workers { proxies.append(try await FaultProxy(to: port)) }
        let table = Timetable(
            servers: servers, proxies: proxies, shared: try RedisClient(RedisClientConfiguration(port: port)),
            namespace: "histories-\(UUID())")
        let possible = Timetable.faults.filter { $0.isGentle || servers != nil }
        let faults = Array(repeating: possible, count: rounds).flatMap { $0 }
        try await Self.run(table, faults, urls: proxies.map { "redis://127.0.0.1:\($0.port)" })
        withExtendedLifetime(proxies) {}
    }

    private static func runOnCluster(rounds: Int) async throws {
        let cluster = try await RedisServerCluster(hasReplicas: true)
        var configuration = RedisClientConfiguration()
        configuration.topology = .cluster(cluster.addresses)
        let table = Timetable(
            servers: nil, cluster: cluster, shared: try RedisClient(configuration), namespace: "histories-\(UUID())")
        let faults = Timetable.clusterFaults
        let seeds = cluster.addresses.map { "127.0.0.1:\($0.port)" }.joined(separator: ",")
        print()
        try await Self.run(
            table, Array(repeating: faults.dropLast(), count: rounds).flatMap { $0 } + faults.suffix(1),
            urls: Array(repeating: "redis+cluster://\(seeds)", count: Self.workers))
    }

    private static func run(_ table: Timetable, _ faults: [Timetable.Fault], urls: [String]) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "histories-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let database = folder.appending(path: "registers.sqlite").path
        try Registers(path: database).create()
        let begin = Event.now + 2_000_000_000
        let length = UInt64(Self.window / .nanoseconds(1))
        let end = begin + UInt64(faults.count) * length

        let processes = try urls.enumerated().map { number, url in
            let order = Worker.Order(
                redis: url, namespace: table.namespace, database: database,
                events: folder.appending(path: "\(number)").path, end: end)
            return try ChildProcess(CommandLine.arguments[0], ["worker"] + order.words)
        }
        for process in processes { process.drain(process.errors) }
        var windows: [Checker.Window] = []
        for (index, fault) in faults.enumerated() {
            let start = begin + UInt64(index) * length
            while Event.now < start { try await Task.sleep(for: .milliseconds(5)) }
            // What is invalidated from now on comes back with the snapshot.
            if index + 1 < faults.count, faults[index + 1].name.hasPrefix("kill") {
                _ = try await table.admin.execute(RawCommand("SAVE"))
            }
            try await fault.happen(table)
            windows.append(Checker.Window(name: fault.name, lag: fault.lag, start: start, end: start + length))
        }
        var reports: [Worker.Report] = []
        for process in processes {
            let line = await process.line(of: process.output) ?? ""
            guard await process.end() == 0 else { throw Broken(message: "a worker ended with an error: \(line)") }
            reports.append(try JSONDecoder().decode(Worker.Report.self, from: Data(line.utf8)))
        }
        // Entries end by themselves.
        try await table.admin.execute(UNLINK("{\(table.namespace)}:inv"))
        var checker = Checker(windows)
        checker.check(
            try (0..<Self.workers).map { Event.all(in: try Data(contentsOf: folder.appending(path: "\($0)"))) })
        Self.tell(checker, reports)
        // Without a fault nearly everything is a hit; a cache that never hits is never stale.
        let isCached = checker.windows.allSatisfy { $0.name != "none" || ($0.hits + $0.nearHits) * 2 > $0.reads }
        let isRight =
            checker.stale == 0 && checker.windows.allSatisfy { $0.failed == 0 } && isCached
            && reports.allSatisfy { $0.wrongAtRest.isEmpty && $0.queued == 0 }
        if !isRight { exit(1) }
    }

    private struct Broken: Error {
        var message: String
    }

    private static func tell(_ checker: Checker, _ reports: [Worker.Report]) {
        func column(_ text: String, _ width: Int) -> String {
            String(repeating: " ", count: max(width - text.count, 0)) + text
        }
        print(
            "while                          reads   hits   near  failed  stale  applied  queued   p99.9 ms   worst ms")
        for window in checker.windows {
            print(
                window.name.padding(toLength: 26, withPad: " ", startingAt: 0)
                    + column("\(window.reads)", 10) + column("\(window.hits * 100 / max(window.reads, 1)) %", 7)
                    + column("\(window.nearHits * 100 / max(window.reads, 1)) %", 7)
                    + column("\(window.failed)", 8) + column("\(window.stale)", 7)
                    + column("\(window.invalidations)", 9)
                    + column("\(window.queued)", 8) + column(String(format: "%.1f", window.duration(0.999)), 11)
                    + column(String(format: "%.1f", window.duration(1)), 11))
        }
        let (loads, misses) = (reports.reduce(0) { $0 + $1.loads }, reports.reduce(0) { $0 + $1.misses })
        print(
            "\(checker.operations) operations, \(checker.stale) stale reads; \(loads) loads for \(misses) misses,"
                + " \(reports.reduce(0) { $0 + $1.refusedFills }) not stored; \(reports.reduce(0) { $0 + $1.outages }) outages"
        )
        for example in checker.examples { print(example) }
        for wrong in reports.flatMap(\.wrongAtRest) { print("at rest \(wrong)") }
        let queued = reports.reduce(0) { $0 + $1.queued }
        if queued > 0 { print("\(queued) invalidations did not get through") }
    }
}
