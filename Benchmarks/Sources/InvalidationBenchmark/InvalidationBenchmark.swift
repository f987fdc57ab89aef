// SPDX-License-Identifier: Apache-2.0

import Foundation
import Larder
import LarderRedis
import Logging
import Measuring
import RedisDriver

/// What `scripts/bench invalidation` runs: two caches on one server, as two processes have them.
@main
struct InvalidationBenchmark {
    private let redis: RedisClient
    private let one: Process
    private let other: Process
    private let count: Int
    private let clock = ContinuousClock()

    /// A cache with a client of its own, and a function whose entries all carry one tag.
    private struct Process {
        let client: RedisClient
        let cache: Cache
        let read: CacheFunction<Int, Int>

        init(port: Int) throws {
            let client = try RedisClient(RedisClientConfiguration(port: port))
            self.client = client
            self.cache = Cache(
                "bench", store: .redis(client, configuration: RedisStoreConfiguration(timeout: .seconds(10))),
                logger: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() })
            self.read = self.cache.function("number", .ttl(.seconds(3_600))) { (number: Int) in number }
                .tagged { _, _ in ["all"] }
        }
    }

    static func main() async throws {
        let arguments = CommandLine.arguments.dropFirst().compactMap { Int($0) }
        guard arguments.count == 2 else {
            FileHandle.standardError.write(Data("PORT COUNT\n".utf8))
            exit(2)
        }
        let benchmark = try InvalidationBenchmark(port: arguments[0], count: arguments[1])
        // First, while all memory that is taken is theirs.
        try await benchmark.measureManyTags()
        try await benchmark.measureOneTag()
        try await benchmark.measureWaiters()
        for client in [benchmark.redis, benchmark.one.client, benchmark.other.client] { await client.close() }
    }

    private init(port: Int, count: Int) throws {
        self.redis = try RedisClient(RedisClientConfiguration(port: port, commandTimeout: .seconds(60)))
        self.one = try Process(port: port)
        self.other = try Process(port: port)
        self.count = count
    }

    /// Ends all entries by the tag that they share.
    private func measureOneTag() async throws {
        let start = self.clock.now
        try await forEach(self.count) { _ = try await self.one.read($0) }
        // The log is a key too.
        let end = self.clock.now.advanced(by: .seconds(10))
        while try await self.redis.execute(DBSIZE()) < self.count + 1, self.clock.now < end {
            try await self.clock.sleep(for: .milliseconds(1))
        }
        print("loading and storing \(self.count) entries with one tag: \(start.duration(to: self.clock.now).text)")

        var times: [Duration] = []
        let before = try await self.redis.calls()
        for _ in 0..<100 {
            let start = self.clock.now
            guard try await self.one.cache.invalidate(tags: ["all"]) == .applied else { throw Failure.notApplied }
            times.append(start.duration(to: self.clock.now))
        }
        let after = try await self.redis.calls()
        let commands = after.filter { $0.value != before[$0.key] && $0.key != "info" }.mapValues { _ in () }.keys
            .sorted()
        times.sort()
        print(
            "invalidating it: \(times[50].text), slowest of 100 \(times[99].text); commands, with a script's own: \(commands)"
        )

        var hits = 0
        for number in 0..<1_000 where try await self.other.read.result(number).source == .hit { hits += 1 }
        print("hits among 1000 reads of the other process after it: \(hits)")
    }

    /// Invalidates as many tags, none twice, while the other process follows.
    private func measureManyTags() async throws {
        let (tagsPerCall, callsPerRead) = (100, 10)
        let before = Self.residentMebibytes
        var longest = Duration.zero
        for call in 0..<self.count / tagsPerCall {
            let tags = (0..<tagsPerCall).map { "product:\(call * tagsPerCall + $0)" }
            let start = self.clock.now
            guard try await self.one.cache.invalidate(tags: tags) == .applied else { throw Failure.notApplied }
            longest = max(longest, start.duration(to: self.clock.now))
            guard call.isMultiple(of: callsPerRead) else { continue }
            for process in [self.one, self.other] { _ = try await process.read(1) }
        }
        let log =
            try await self.redis.execute(RawCommand("MEMORY", "USAGE", "{bench}:inv", "SAMPLES", "0")).integer ?? 0
        let remembered = try await self.redis.execute(RawCommand("ZCARD", "{bench}:inv")).integer ?? 0
        print(
            "after \(self.count) distinct tags, \(tagsPerCall) at a time: the log has \(remembered) members in",
            "\(log >> 20) MiB, both mirrors took \(Self.residentMebibytes - before) MiB, slowest call \(longest.text)")
    }

    /// How soon a caller in one process has what another has loaded.
    private func measureWaiters() async throws {
        var times: [Duration] = []
        for number in 0..<200 {
            let loaded = Moment(self.clock)
            let (began, beginning) = AsyncStream.makeStream(of: Void.self)
            func slow(_ process: Process) -> CacheFunction<Int, Int> {
                process.cache.function("slow", .ttl(.seconds(60))) { (number: Int) in
                    beginning.finish()
                    try await Task.sleep(for: .milliseconds(20))
                    loaded.note()
                    return number
                }
            }
            let (loading, waiting) = (slow(self.one), slow(self.other))
            async let first = loading(number)
            for await _ in began {}
            _ = try await waiting(number)
            times.append(loaded.time.duration(to: self.clock.now))
            _ = try await first
        }
        times.sort()
        print(
            "a waiter in another process has the value \(times[100].text) after the load, 99 of 100 within \(times[197].text)"
        )
    }

    // MARK: Helpers

    private enum Failure: Error {
        case notApplied
    }

    private static var residentMebibytes: Int {
        let fields = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ")
        return ((fields.flatMap { Int($0[1]) } ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE)))) >> 20
    }
}
