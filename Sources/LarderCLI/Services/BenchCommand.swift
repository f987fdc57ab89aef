// SPDX-License-Identifier: Apache-2.0

#if CLI
import ArgumentParser
import Foundation
import Larder
import NIOCore
import RedisDriver

/// `larder bench`: how long a service, or a server, takes under load.
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Loads URLs of a service, or a server, and tells how long answers take.",
        discussion: """
            http and https: GET of the URLs, one after the other. redis, rediss and what goes with them: GET of a value of --size bytes under \
            larder:bench, which goes again. With --rate requests are sent when they are due, and their time counts from then: one that waits \
            for the one before it is late, as it is for a user. Without, each worker sends as soon as it has its answer. The exit code is 1 \
            when requests failed.
            """)

    @Argument(help: "What to load: http://localhost:8080/products/1 and others, or redis://localhost:6379.")
    var url: [String]

    @Option(help: "How many at a time.")
    var workers = 16

    @Option(help: "For how many seconds.")
    var duration = 10.0

    @Option(help: "How many requests a second; as many as there can be otherwise.")
    var rate: Double?

    @Option(help: "How many bytes the value on a server of Redis has.")
    var size = 1_024

    @Flag(help: "Print JSON; latencies in seconds.")
    var json = false

    private static let timeout = Duration.seconds(10)
    /// Of a thousand.
    private static let shares = [500, 900, 990, 999, 1_000]

    /// What came of the requests.
    private struct Count: Sendable {
        var latencies = Latencies()
        var failures = 0
        var problem: String?
        /// How many answers said that they were stored, and how many said anything about it.
        var hits = 0
        var told = 0

        mutating func add(_ other: Count) {
            self.latencies.add(other.latencies)
            self.failures += other.failures
            self.problem = self.problem ?? other.problem
            self.hits += other.hits
            self.told += other.told
        }
    }

    private struct Report: Encodable {
        var seconds: Double
        var requests: Int
        var failures: Int
        var problem: String?
        var requestsPerSecond: Double
        var hitRatio: Double?
        var latency: [String: Double]
    }

    func validate() throws {
        guard self.url.count == 1 || self.url.allSatisfy({ WebService.url($0, of: nil) != nil }) else {
            throw ValidationError("only URLs of services can be several")
        }
        guard (1...10_000).contains(self.workers) else { throw ValidationError("--workers is 1 to 10000") }
        guard (0.1...600).contains(self.duration) else { throw ValidationError("--duration is 0.1 to 600 seconds") }
        guard self.rate.map((0.001...1e6).contains) ?? true else {
            throw ValidationError("--rate is 0.001 to a million a second")
        }
        guard (0...16 << 20).contains(self.size) else { throw ValidationError("--size is up to 16 MiB") }
    }

    func run() async throws {
        let start = ContinuousClock.now
        let count: Count
        let urls = self.url.compactMap { WebService.url($0, of: nil) }
        if !urls.isEmpty {
            count = try await WebService.asking(connections: self.workers, timeout: Self.timeout) { service in
                await self.load { turn in
                    let answer = await service.get(urls[turn % urls.count])
                    return (answer.isGood ? nil : answer.text, answer.isHit)
                }
            }
        } else {
            var server = Server()
            server.url = self.url[0]
            count = try await server.withClient { client in
                let key = RedisKey("larder:bench:\(UInt64.random(in: 0 ... .max))")
                let value = ByteBuffer(repeating: UInt8(ascii: "x"), count: self.size)
                _ = try await client.execute(SET(key, value, for: .seconds(self.duration + 60)))
                let count = await self.load { _ in
                    do {
                        return (try await client.execute(GET(key)) == nil ? "the value has gone" : nil, nil)
                    } catch {
                        return ("\(error)", nil)
                    }
                }
                _ = try? await client.execute(UNLINK(key))
                return count
            }
        }
        let report = self.report(count, over: start.duration(to: .now))
        print(self.json ? try Tool.json(report) : Self.text(report))
        if report.failures > 0 || report.requests == 0 { throw ExitCode(Tool.Exit.finding.rawValue) }
    }

    /// Sends requests until the time is over.
    private func load(
        _ send: @escaping @Sendable (_ turn: Int) async -> (problem: String?, isHit: Bool?)
    ) async -> Count {
        let start = ContinuousClock.now
        let end = start + .seconds(self.duration)
        return await withTaskGroup(of: Count.self) { group in
            for worker in 0..<self.workers {
                group.addTask {
                    var count = Count()
                    var turn = worker
                    while true {
                        var due = ContinuousClock.now
                        if let rate = self.rate {
                            due = start + .seconds(Double(turn) / rate)
                            if due < end { try? await Task.sleep(until: due, clock: .continuous) }
                        }
                        guard due < end else { return count }
                        // What a service that is too slow was not asked for by then counts as lost.
                        if let rate = self.rate, ContinuousClock.now > end + Self.timeout {
                            let rest = Int(self.duration * rate) - turn
                            count.failures += max(0, (rest + self.workers - 1) / self.workers)
                            count.problem = count.problem ?? "too slow for the rate: some were not sent"
                            return count
                        }
                        let (problem, isHit) = await send(turn)
                        turn += self.workers
                        count.latencies.add(due.duration(to: .now))
                        if let problem {
                            count.failures += 1
                            count.problem = count.problem ?? problem
                        }
                        if let isHit {
                            count.told += 1
                            count.hits += isHit ? 1 : 0
                        }
                    }
                }
            }
            return await group.reduce(into: Count()) { $0.add($1) }
        }
    }

    private func report(_ count: Count, over duration: Duration) -> Report {
        let seconds = duration / .seconds(1)
        let percentiles = zip(Self.shares, count.latencies.percentiles(Self.shares)).map { share, latency in
            (Self.name(share), latency / .seconds(1))
        }
        return Report(
            seconds: seconds, requests: count.latencies.count, failures: count.failures, problem: count.problem,
            requestsPerSecond: Double(count.latencies.count) / seconds,
            hitRatio: count.told > 0 ? Double(count.hits) / Double(count.told) : nil,
            latency: Dictionary(uniqueKeysWithValues: percentiles))
    }

    /// `p99.9`.
    private static func name(_ share: Int) -> String {
        share == 1_000 ? "max" : "p\(Quantity.short(Double(share) / 10))"
    }

    private static func text(_ report: Report) -> String {
        var lines = [
            "\(report.requests) requests in \(Quantity.short(report.seconds)) s: \(Quantity.short(report.requestsPerSecond))/s",
            "failed: \(report.failures)" + (report.problem.map { ", the first by: \($0.printable)" } ?? ""),
        ]
        if let ratio = report.hitRatio { lines.append("hits: \(Quantity.percent(ratio))") }
        let latencies = Self.shares.map(Self.name).compactMap { name in
            report.latency[name].map { "\(name) \(Quantity.short($0 * 1e3)) ms" }
        }
        lines.append("latency: " + latencies.joined(separator: ", "))
        return lines.joined(separator: "\n")
    }
}
#endif
