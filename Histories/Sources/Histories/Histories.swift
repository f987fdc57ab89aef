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
    }

    /// - Parameters:
    ///   - rounds: How often each fault happens.
    ///   - port: Of a server on this machine that others use; nil for one of its own.
    private static func run(rounds: Int, port: Int?) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "histories-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let database = folder.appending(path: "registers.sqlite").path
        try Registers(path: database).create()

        let server = port == nil ? try await RedisServer() : nil
        guard let port = port ?? server?.port else { return }
        var proxies: [FaultProxy] = []
        for _ in 0..<Self.workers { proxies.append(try await FaultProxy(to: port)) }
        let admin = try RedisClient(RedisClientConfiguration(port: port))
        let namespace = "histories-\(UUID())"
        let table = Timetable(server: server, proxies: proxies, admin: admin)
        let possible = Timetable.faults.filter { $0.isGentle || server != nil }
        let faults = Array(repeating: possible, count: rounds).flatMap { $0 }
        let begin = Event.now + 2_000_000_000
        let length = UInt64(Self.window / .nanoseconds(1))
        let end = begin + UInt64(faults.count) * length

        let processes = try proxies.enumerated().map { number, proxy in
            let order = Worker.Order(
                redis: "redis://127.0.0.1:\(proxy.port)", namespace: namespace, database: database,
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
                _ = try await admin.execute(RawCommand("SAVE"))
            }
            try await fault.happen(table)
            windows.append(Checker.Window(name: fault.name, start: start, end: start + length))
        }
        defer { withExtendedLifetime(proxies) {} }
        var reports: [Worker.Report] = []
        for process in processes {
            let line = await process.line(of: process.output) ?? ""
            guard await process.end() == 0 else { throw Broken(message: "a worker ended with an error: \(line)") }
            reports.append(try JSONDecoder().decode(Worker.Report.self, from: Data(line.utf8)))
        }
        // Entries end by themselves.
        try await admin.execute(UNLINK("{\(namespace)}:inv"))
        var checker = Checker(windows)
        checker.check(
            try (0..<Self.workers).map { Event.all(in: try Data(contentsOf: folder.appending(path: "\($0)"))) })
        Self.tell(checker, reports)
        // Without a fault nearly everything is a hit; a cache that never hits is never stale.
        let isCached = checker.windows.allSatisfy { $0.name != "none" || $0.hits * 2 > $0.reads }
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
        print("while                          reads   hits  failed  stale  applied  queued   p99.9 ms   worst ms")
        for window in checker.windows {
            print(
                window.name.padding(toLength: 26, withPad: " ", startingAt: 0)
                    + column("\(window.reads)", 10) + column("\(window.hits * 100 / max(window.reads, 1)) %", 7)
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
