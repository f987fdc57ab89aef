// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOCore
import RedisDriver
import Synchronization

extension RedisClient {
    func prepare() async throws {
        for (key, length) in [("small", 100), ("large", 10_000), ("huge", 10_000_000)] {
            try await self.execute(SET(RedisKey(key), ByteBuffer(repeating: 0x78, count: length)))
        }
    }

    /// Callers who each send the next command when they have their answer.
    func measureConcurrent(_ callers: Int, _ key: String, length: Int, seconds: Double) async throws {
        try await self.measure(seconds: seconds) { isOver, count in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<callers {
                    group.addTask {
                        var answered = 0
                        // Reading the clock each time would be a good part of what is measured.
                        while !isOver() {
                            for _ in 0..<16 {
                                check(try await self.execute(GET(RedisKey(key)))?.readableBytes == length)
                            }
                            answered += 16
                        }
                        count(answered)
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    /// One caller who sends a hundred commands together.
    func measurePipeline(_ key: String, length: Int, seconds: Double) async throws {
        let commands = (0..<100).map { _ in GET(RedisKey(key)) }
        try await self.measure(seconds: seconds) { isOver, count in
            while !isOver() {
                for value in try await self.pipeline(commands) {
                    check(try value.get()?.readableBytes == length)
                }
                count(commands.count)
            }
        }
    }

    /// Prints the processor time of reading a set of a hundred thousand members, and that of a tenth of it ten times.
    func measureMembers() async throws {
        for size in [10_000, 100_000] {
            for first in stride(from: 0, to: size, by: 1_000) {
                try await self.execute(
                    SADD(
                        "members:\(size)",
                        (first..<first + 1_000).map { "member-\($0)-" + String(repeating: "x", count: 26) }))
            }
        }
        func time(_ size: Int, _ times: Int) async throws -> Double {
            let start = processorTime()
            for _ in 0..<times {
                check(try await self.execute(SMEMBERS("members:\(size)"), timeout: .seconds(30)).count == size)
            }
            return (processorTime() - start) / Double(times)
        }
        _ = try await time(100_000, 1)
        let few = try await time(10_000, 20)
        let many = try await time(100_000, 5)
        print(String(format: "%.2f %.2f %.2f", few * 1_000, many * 1_000, many / few))
    }

    /// Prints the 99th percentile of small reads in microseconds: alone, while this client reads one value of 10 MB after the
    /// other, and while another client does, which shows what the server takes for it.
    func measureLatency(port: Int, seconds: Double) async throws {
        func percentile(whileHugeIsReadBy reader: RedisClient?) async throws -> Double {
            let isOver = Flag()
            return try await withThrowingTaskGroup(of: [Duration].self) { group in
                for _ in 0..<10 {
                    group.addTask {
                        var times: [Duration] = []
                        while !isOver.isSet {
                            let start = ContinuousClock.now
                            check(try await self.execute(GET("small"))?.readableBytes == 100)
                            times.append(start.duration(to: .now))
                            try await Task.sleep(for: .milliseconds(1))
                        }
                        return times
                    }
                }
                if let reader {
                    group.addTask {
                        while !isOver.isSet {
                            check(try await reader.execute(GET("huge"))?.readableBytes == 10_000_000)
                        }
                        return []
                    }
                }
                try await Task.sleep(for: .seconds(seconds))
                isOver.set()
                let times = try await group.reduce(into: []) { $0 += $1 }.sorted()
                return times[times.count * 99 / 100] / .microseconds(1)
            }
        }
        let other = try RedisClient(RedisClientConfiguration(port: port, commandTimeout: .seconds(10)))
        _ = try await percentile(whileHugeIsReadBy: self)
        let alone = try await percentile(whileHugeIsReadBy: nil)
        let beside = try await percentile(whileHugeIsReadBy: self)
        let elsewhere = try await percentile(whileHugeIsReadBy: other)
        print(String(format: "%.0f %.0f %.0f", alone, beside, elsewhere))
    }

    func get(_ key: String, times: Int) async throws {
        for _ in 0..<times { check(try await self.execute(GET(RedisKey(key)))?.readableBytes == 100) }
    }

    func getInPipelines(_ key: String, times: Int) async throws {
        let commands = (0..<100).map { _ in GET(RedisKey(key)) }
        for _ in 0..<times / 100 {
            for value in try await self.pipeline(commands) { check(try value.get()?.readableBytes == 100) }
        }
    }

    /// Prints commands for each second, and microseconds of this process's processor time for each command.
    private func measure(
        seconds: Double,
        _ body: (_ isOver: @escaping @Sendable () -> Bool, _ count: @escaping @Sendable (Int) -> Void) async throws ->
            Void
    ) async throws {
        for duration in [0.3, seconds] {
            let answered = Atomic<Int>(0)
            let start = ContinuousClock.now
            let end = start + .seconds(duration)
            let before = processorTime()
            try await body({ ContinuousClock.now >= end }, { answered.wrappingAdd($0, ordering: .relaxed) })
            let used = processorTime() - before
            let elapsed = start.duration(to: .now) / .seconds(1)
            let count = Double(answered.load(ordering: .relaxed))
            if duration == seconds {
                print(String(format: "%.0f %.3f", count / elapsed, used * 1_000_000 / count))
            }
        }
    }
}

/// Seconds of processor time that this process has used.
private func processorTime() -> Double {
    var usage = rusage()
    #if canImport(Glibc)
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    #else
    getrusage(RUSAGE_SELF, &usage)
    #endif
    func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1_000_000 }
    return seconds(usage.ru_utime) + seconds(usage.ru_stime)
}

/// A wrong answer makes every figure worthless.
private func check(_ isRight: Bool) {
    if !isRight {
        FileHandle.standardError.write(Data("a wrong answer\n".utf8))
        exit(1)
    }
}

/// Set once.
private final class Flag: Sendable {
    private let value = Atomic<Bool>(false)

    var isSet: Bool { self.value.load(ordering: .relaxed) }
    func set() { self.value.store(true, ordering: .relaxed) }
}
