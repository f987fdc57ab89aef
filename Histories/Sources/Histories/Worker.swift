// SPDX-License-Identifier: Apache-2.0

import Foundation
import Larder
import LarderRedis
import NIOConcurrencyHelpers
import RedisDriver

/// One process: reads and writes registers through a cache, and keeps what it did.
struct Worker: Sendable {
    /// What a worker says at its end.
    struct Report: Codable {
        var loads = 0
        var misses = 0
        var refusedFills = 0
        var outages = 0
        /// Invalidations that did not get through.
        var queued = 0
        /// Registers that were cached otherwise than they are at the source, at rest.
        var wrongAtRest: [String] = []
    }

    /// What a worker is told, as words.
    struct Order {
        var redis: String
        var namespace: String
        var database: String
        var events: String
        /// When to stop, on the clock of events.
        var end: UInt64

        var words: [String] { [self.redis, self.namespace, self.database, self.events, "\(self.end)"] }

        init(redis: String, namespace: String, database: String, events: String, end: UInt64) {
            self.redis = redis
            self.namespace = namespace
            self.database = database
            self.events = events
            self.end = end
        }

        init?(words: [String]) {
            guard words.count == 5, let end = UInt64(words[4]) else { return nil }
            self.init(redis: words[0], namespace: words[1], database: words[2], events: words[3], end: end)
        }
    }

    private let cache: Cache
    private let read: CacheFunction<Int, Int>
    private let registers: Registers
    private let end: UInt64
    private let events = NIOLockedValueBox<Data>(Data())

    private static let readers = 24
    private static let writers = 2

    static func run(_ order: Order) async throws {
        let worker = try Worker(order)
        let report = try await worker.work()
        try worker.events.withLockedValue { try $0.write(to: URL(filePath: order.events)) }
        print(String(decoding: try JSONEncoder().encode(report), as: UTF8.self))
    }

    private init(_ order: Order) throws {
        let registers = try Registers(path: order.database)
        self.registers = registers
        self.end = order.end
        self.cache = Cache(order.namespace, store: .redis(try RedisClient(url: order.redis)))
        self.read = self.cache.function("register", .ttl(.seconds(20)).maximumLoads(8)) { (id: Int) in
            try await registers.version(id)
        }
        .tagged { _, id in ["r\(id)", "t\(id % 8)"] }
        .versioned { UInt64($0) }
    }

    private func work() async throws -> Report {
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<Self.readers { group.addTask { await self.readOn() } }
            for _ in 0..<Self.writers { group.addTask { await self.writeOn() } }
        }
        var report = Report()
        report.queued = await self.cache.flush(within: .seconds(20))
        // Others write and deliver still.
        try await Task.sleep(for: .seconds(3))
        for id in 0..<Registers.count {
            let result = try await self.read.result(id)
            let version = try await self.registers.version(id)
            if result.value != version { report.wrongAtRest.append("r\(id) is \(version), cached as \(result.value)") }
        }
        let statistics = self.cache.statistics["register"] ?? RegionStatistics()
        report.loads = statistics.loads
        report.misses = statistics.misses
        report.refusedFills = statistics.refusedFills
        report.outages = await self.cache.health().outages
        return report
    }

    private func readOn() async {
        while Event.now < self.end {
            // Some registers are asked for more than others.
            let id = min(Int.random(in: 0..<Registers.count), Int.random(in: 0..<Registers.count))
            let isBounded = Bool.random()
            let start = Event.now
            do {
                let result = try await self.read.result(id, consistency: isBounded ? .standard : .coherent)
                let source: Event.Source =
                    switch result.source {
                    case .hit: .store
                    case .nearHit: .near
                    default: .loader
                    }
                self.keep(isBounded ? .boundedRead : .read, source: source, id, result.value, from: start)
                // So many that are quick would leave no time for the others.
                if source == .near { try await Task.sleep(for: .milliseconds(1)) }
            } catch {
                self.keep(.failedRead, id, 0, from: start)
            }
        }
    }

    private func writeOn() async {
        while Event.now < self.end {
            try? await Task.sleep(for: .milliseconds(Int.random(in: 5...60)))
            let id = Int.random(in: 0..<Registers.count)
            let start = Event.now
            // A write that fails because SQLite is busy has not happened.
            guard let (version, outcome) = try? await self.write(id) else { continue }
            self.keep(outcome == .applied ? .applied : .queued, id, version, from: start)
        }
    }

    private func write(_ id: Int) async throws -> (Int, InvalidationOutcome) {
        let draw = Int.random(in: 0..<100)
        let write = await self.cache.beginWrite()
        let version = try await self.registers.write(id)
        switch draw {
        case ..<40: write.invalidate(self.read.key(id))
        case ..<75: try write.invalidate(tags: ["r\(id)"])
        case ..<83: try write.invalidate(tags: ["t\(id % 8)"])
        case ..<96: self.read.replace(id, with: version, in: write)
        case ..<98: return (version, await self.cache.invalidate(matching: "register:*").outcome)
        default: return (version, await self.cache.clear())
        }
        return (version, await write.finish())
    }

    private func keep(
        _ kind: Event.Kind, source: Event.Source = .loader, _ register: Int, _ version: Int, from start: UInt64
    ) {
        let event = Event(
            kind: kind, source: source, register: UInt16(register), version: UInt32(version), start: start,
            end: Event.now)
        self.events.withLockedValue { event.append(to: &$0) }
    }
}
