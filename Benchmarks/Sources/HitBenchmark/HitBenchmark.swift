// SPDX-License-Identifier: Apache-2.0

import Foundation
import Larder
import LarderRedis
import NIOCore
import RedisDriver

/// What `scripts/bench hits` runs: what a hit of a cached function costs, beside Foundation's JSON in the same run.
@main
struct HitBenchmark {
    /// A product page of about two kilobytes.
    struct Product: Codable, Sendable {
        struct Offer: Codable, Sendable {
            var seller: String
            var price: Int
            var rating: Double
            var isAvailable: Bool
        }

        var id: Int
        var name: String
        var description: String
        var tags: [String]
        var offers: [Offer]

        init(id: Int, descriptionLength: Int = 600) {
            self.id = id
            self.name = "Darjeeling First Flush \(id)"
            self.description = String(repeating: "A light tea, ", count: descriptionLength / 13)
            self.tags = ["tea", "black", "loose", "first flush"]
            self.offers = (0..<16).map { number in
                Offer(
                    seller: "seller-\(number)", price: 1_299 + number, rating: 4.5 - Double(number) / 100,
                    isAvailable: number % 3 > 0)
            }
        }
    }

    // An asynchronous main ends the first thread, which valgrind does not survive.
    static func main() {
        let isDone = DispatchSemaphore(value: 0)
        Task.detached {
            do {
                try await Self.run(Array(CommandLine.arguments.dropFirst()))
            } catch {
                FileHandle.standardError.write(Data("\(error)\n".utf8))
                exit(1)
            }
            isDone.signal()
        }
        isDone.wait()
    }

    private static func run(_ arguments: [String]) async throws {
        switch arguments.first {
        case "embedded": try await self.measureEmbedded()
        case "redis": try await self.measureRedis(port: arguments.last.flatMap { Int($0) } ?? 6_379)
        case "near": try await self.measureNear(port: arguments.last.flatMap { Int($0) } ?? 6_379)
        case "count": try await self.hit(times: arguments.last.flatMap { Int($0) } ?? 0)
        case "count-near" where arguments.count == 3:
            try await self.hitNear(port: Int(arguments[1]) ?? 6_379, times: Int(arguments[2]) ?? 0)
        default:
            FileHandle.standardError.write(
                Data("embedded, near PORT, redis PORT, count TIMES, or count-near PORT TIMES\n".utf8))
            exit(2)
        }
    }

    /// Hits of the embedded store, for values of several sizes, typed and as bytes.
    private static func measureEmbedded() async throws {
        print("value     typed hit   bytes hit   under a macro   key alone")
        for length in [0, 600, 200_000] {
            let cache = Cache("bench", store: EmbeddedStore(maximumBytes: 1 << 30))
            let product = cache.function("product", .ttl(.seconds(3_600)), codec: .messagePack) { (id: Int) in
                Product(id: id, descriptionLength: length)
            }
            for id in 0..<100 { _ = try await product(id) }
            await cache.settle()
            let size = try await product.bytes(1).value?.readableBytes ?? 0
            let typed = try await self.nanoseconds { try await product($0 % 100).id }
            let bytes = try await self.nanoseconds { try await product.bytes($0 % 100).value?.readableBytes ?? 0 }
            // What a macro expands to makes the region for each call.
            let expanded = try await self.nanoseconds { number in
                let region = cache.region("product", of: Product.self, .ttl(.seconds(3_600)), codec: .messagePack)
                return try await region.value(for: region.key(number % 100)) { Product(id: number % 100) }.id
            }
            let key = try await self.nanoseconds { product.key($0 % 100).hashValue }
            print(String(format: "%7d B %8.0f ns %8.0f ns %12.0f ns %8.0f ns", size, typed, bytes, expanded, key))
        }
    }

    /// Hits of the near-cache, typed and as bytes, beside the cache inside the process that it stands on.
    private static func measureNear(port: Int) async throws {
        print("value     typed near hit   bytes near hit   the tier alone   key alone")
        for length in [0, 600, 200_000] {
            let cache = Cache(
                "bench",
                store: .redis(
                    try RedisClient(RedisClientConfiguration(port: port)),
                    configuration: RedisStoreConfiguration(
                        timeout: .seconds(1), nearCache: NearCacheConfiguration(maximumBytes: 1 << 30))))
            let product = cache.function("near-\(length)", .ttl(.seconds(3_600)), codec: .messagePack) { (id: Int) in
                Product(id: id, descriptionLength: length)
            }
            let tier = InProcessCache<CacheKey, Entry>(limit: .weight(64 << 20))
            for id in 0..<100 {
                while try await product.result(id).source != .nearHit {}
                let payload = try await product.bytes(id).value
                tier.insert(Entry(kind: .value, payload: payload ?? ByteBuffer()), for: product.key(id))
            }
            let size = try await product.bytes(1).value?.readableBytes ?? 0
            let typed = try await self.nanoseconds { try await product($0 % 100).id }
            let bytes = try await self.nanoseconds { try await product.bytes($0 % 100).value?.readableBytes ?? 0 }
            let alone = try await self.nanoseconds {
                tier.value(for: product.key($0 % 100))?.payload.readableBytes ?? 0
            }
            let key = try await self.nanoseconds { product.key($0 % 100).hashValue }
            print(String(format: "%7d B %11.0f ns %13.0f ns %13.0f ns %9.0f ns", size, typed, bytes, alone, key))
            let near = cache.statistics["near-\(length)"]?.nearHits ?? 0
            if near < 350_000 { print("only \(near) were near hits") }
        }
    }

    /// So many near hits and little else after the first, for whoever counts instructions.
    private static func hitNear(port: Int, times: Int) async throws {
        let client = try RedisClient(RedisClientConfiguration(port: port, commandTimeout: .seconds(30)))
        let cache = Cache("bench", store: .redis(client, configuration: RedisStoreConfiguration(timeout: .seconds(30))))
        // Whoever counts is slow; asking for proofs is not to be counted.
        let product = cache.function(
            "near", .ttl(.seconds(3_600)).consistency(.bounded(.seconds(600)))
        ) { (id: Int) in Product(id: id) }
        while try await product.result(42).source != .nearHit { try await Task.sleep(for: .milliseconds(10)) }
        for _ in 0..<times { _ = try await product(42) }
    }

    /// The median of several rounds.
    private static func nanoseconds(_ body: (Int) async throws -> Int) async throws -> Double {
        var times: [Double] = []
        var sum = 0
        for _ in 0..<9 {
            let start = ContinuousClock.now
            for number in 0..<20_000 { sum &+= try await body(number) }
            times.append((ContinuousClock.now - start) / .nanoseconds(20_000))
        }
        precondition(sum != 1)
        return times.sorted()[4]
    }

    /// So many hits and nothing else after the first, for whoever counts instructions.
    private static func hit(times: Int) async throws {
        let cache = Cache("bench", store: .embedded)
        let product = cache.function("product", .ttl(.seconds(3_600))) { (id: Int) in Product(id: id) }
        _ = try await product(42)
        await cache.settle()
        for _ in 0..<times { _ = try await product(42) }
    }

    /// Processor time of typed hits on Redis, by a hundred callers, beside decoding and encoding the same value as JSON.
    private static func measureRedis(port: Int) async throws {
        let client = try RedisClient(RedisClientConfiguration(port: port))
        let cache = Cache("bench", store: .redis(client))
        let codecs: [(String, any CacheCodec)] = [("MessagePack", .messagePack), ("JSON", .json)]
        let functions = codecs.map { name, codec in
            (
                name,
                cache.function(name, .ttl(.seconds(3_600)).consistency(.coherent), codec: codec) { (id: Int) in
                    Product(id: id)
                }
            )
        }
        for id in 0..<100 { for (_, product) in functions { _ = try await product(id) } }
        await cache.settle()
        let json = try JSONEncoder().encode(Product(id: 42))
        var ratios: [String: [Double]] = [:]
        for _ in 0..<7 {
            let reference = try await self.processorTime(of: 20_000) {
                try await self.callers { _ in
                    _ = try JSONEncoder().encode(JSONDecoder().decode(Product.self, from: json))
                }
            }
            var line = String(format: "JSONDecoder + JSONEncoder, %d bytes: %.1f µs", json.count, reference)
            for (name, product) in functions {
                let typed = try await self.processorTime(of: 20_000) {
                    try await self.callers { _ = try await product($0 % 100) }
                }
                let bytes = try await self.processorTime(of: 20_000) {
                    try await self.callers { _ = try await product.bytes($0 % 100) }
                }
                line += String(format: "; %@ hit %.1f µs, as bytes %.1f µs", name, typed, bytes)
                ratios[name, default: []].append(typed / reference)
            }
            print(line)
        }
        for (name, ratios) in ratios.sorted(by: { $0.key > $1.key }) {
            print(String(format: "%@: %.2f of JSON there and back, median", name, ratios.sorted()[3]))
        }
        await client.close()
    }

    /// 20,000 calls by a hundred callers.
    private static func callers(_ body: @escaping @Sendable (Int) async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for caller in 0..<100 {
                group.addTask { for number in 0..<200 { try await body(caller + number) } }
            }
            try await group.waitForAll()
        }
    }

    /// Microseconds of the process for each of so many calls.
    private static func processorTime(of calls: Int, _ body: () async throws -> Void) async throws -> Double {
        let before = clock()
        try await body()
        return Double(clock() - before) / Double(CLOCKS_PER_SEC) * 1_000_000 / Double(calls)
    }
}
