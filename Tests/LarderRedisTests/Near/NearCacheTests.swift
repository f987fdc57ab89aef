// SPDX-License-Identifier: Apache-2.0

import Larder
import LarderTesting
import RedisDriver
import ServerFixtures
import Testing

@testable import LarderRedis

/// Reads from the process's copy: quick, and never older than was said.
@Suite(.timeLimit(.minutes(1)), .serialized) struct NearCacheTests {
    private static let trackings = [NearCacheConfiguration.Tracking.keys, .prefixes]

    private func process(
        _ register: Register, _ port: Int, _ tracking: NearCacheConfiguration.Tracking = .keys
    ) throws -> Register.Process {
        try Register.Process(register, port: port, near: NearCacheConfiguration(tracking: tracking))
    }

    @Test(arguments: Self.trackings) func aNearHitAsksTheServerForNothing(
        _ tracking: NearCacheConfiguration.Tracking
    ) async throws {
        let server = try await RedisServer()
        let register = Register()
        let process = try self.process(register, server.port, tracking)
        #expect(try await process.readUntilNear(1) == 1)
        func gets() async throws -> Int {
            let stats = try await process.client.execute(RawCommand("INFO", "commandstats")).text ?? ""
            let line = stats.split(separator: "\r\n").first { $0.hasPrefix("cmdstat_get:calls=") }
            return line.flatMap { Int($0.dropFirst(18).prefix { $0 != "," }) } ?? 0
        }
        let before = try await gets()
        var near = 0
        for _ in 0..<1_000 where try await process.read.result(1).source == .nearHit { near += 1 }
        // A process that is kept from its processor for the bound asks again.
        #expect(near >= 990)
        #expect(try await gets() - before == 1_000 - near)
        #expect(process.cache.statistics["value"]?.nearHits ?? 0 >= near)
        // As the caller says.
        #expect(try await process.read.result(1, consistency: .coherent).source == .hit)
        #expect(try await process.read.result(1, consistency: .bounded(.zero)).source == .hit)
    }

    @Test func asLongAsSomebodyReadsTheProofsAreRenewed() async throws {
        let server = try await RedisServer()
        let process = try self.process(Register(), server.port)
        _ = try await process.readUntilNear(1)
        let end = ContinuousClock.now + .seconds(2)
        var (near, all) = (0, 0)
        while ContinuousClock.now < end {
            all += 1
            if try await process.read.result(1).source == .nearHit { near += 1 }
            try await Task.sleep(for: .milliseconds(5))
        }
        #expect(near > all * 9 / 10)
    }

    /// Whatever changes an entry, and whoever: readers elsewhere see it within the bound.
    @Test(arguments: Self.trackings) func whatOthersEndIsNotServedLongerThanTheBound(
        _ tracking: NearCacheConfiguration.Tracking
    ) async throws {
        let server = try await RedisServer()
        let register = Register()
        let reader = try self.process(register, server.port, tracking)
        let writer = try Register.Process(register, port: server.port)
        let key = reader.read.key(1).text
        let changes: [(String, @Sendable () async throws -> Void)] = [
            ("key", { await writer.read.invalidate(1) }),
            ("tag", { try await writer.cache.invalidate(tags: ["id:1"]) }),
            ("clear", { await writer.cache.clear() }),
            ("pattern", { await writer.cache.invalidate(matching: "value:*") }),
            ("flush", { try await writer.client.execute(RawCommand("FLUSHALL")) }),
            ("delete", { try await writer.client.execute(UNLINK(key)) }),
            ("expiry", { try await writer.client.execute(RawCommand("PEXPIRE", key, "1")) }),
            ("cut", { try await writer.client.execute(RawCommand("CLIENT", "KILL", "TYPE", "normal")) }),
        ]
        var version = 1
        for (name, change) in changes {
            #expect(try await reader.readUntilNear(1) == version, "\(name)")
            version += 1
            register[1] = version
            do { try await change() } catch {}
            if name == "cut" {
                // What is missed while there is no connection.
                try await writer.recovered()
                while await writer.read.invalidate(1) != .applied {}
            }
            let end = ContinuousClock.now + .milliseconds(300)
            while ContinuousClock.now < end {
                let isLate = ContinuousClock.now + .milliseconds(40) >= end
                let value = try await reader.read(1)
                if isLate { #expect(value == version, "\(name)") }
            }
        }
    }

    /// Not only within the bound: as soon as the server tells.
    @Test(arguments: Self.trackings) func whatOthersEndIsUsuallySeenAtOnce(
        _ tracking: NearCacheConfiguration.Tracking
    ) async throws {
        let server = try await RedisServer()
        let register = Register()
        let reader = try self.process(register, server.port, tracking)
        let writer = try Register.Process(register, port: server.port)
        var quick = 0
        for version in 2...21 {
            #expect(try await reader.readUntilNear(1) == version - 1)
            register[1] = version
            if version.isMultiple(of: 2) {
                await writer.read.invalidate(1)
            } else {
                try await writer.cache.invalidate(tags: ["id:1"])
            }
            let start = ContinuousClock.now
            while try await reader.read(1) != version { await Task.yield() }
            if ContinuousClock.now - start < .milliseconds(60) { quick += 1 }
        }
        #expect(quick > 15)
    }

    @Test(arguments: Self.trackings) func whatThisProcessEndsItNeverServesAgain(
        _ tracking: NearCacheConfiguration.Tracking
    ) async throws {
        let server = try await RedisServer()
        let register = Register()
        let process = try self.process(register, server.port, tracking)
        let ends: [@Sendable () async throws -> Void] = [
            { await process.read.invalidate(1) },
            { try await process.cache.invalidate(tags: ["id:1"]) },
            { await process.cache.clear() },
            { await process.cache.invalidate(matching: "value:*") },
        ]
        var near = 0
        for version in 2...200 {
            // Others read all the time, so that replies are under way whenever something ends.
            let readers = (0..<4).map { _ in
                Task { for _ in 0..<20 { _ = try await process.read.result(1) } }
            }
            if version % 5 == 0, try await process.readUntilNear(1) == version - 1 { near += 1 }
            register[1] = version
            try await ends[version % ends.count]()
            #expect(try await process.read(1) == version)
            for reader in readers { try await reader.value }
            #expect(try await process.read(1) == version)
        }
        #expect(near > 20)
    }

    @Test func whatWasLoadedAnewIsReadFromThenOn() async throws {
        let server = try await RedisServer()
        let register = Register()
        let process = try self.process(register, server.port)
        for version in 1...50 {
            register[1] = version
            #expect(try await process.read.refresh(1) == version)
            await process.cache.settle()
            #expect(try await process.read(1) == version)
            #expect(try await process.readUntilNear(1) == version)
        }
    }

    /// The socket stays open, and nothing is told any more.
    @Test(arguments: Self.trackings) func whileTheServerHangsNearHitsEndWithinTheBound(
        _ tracking: NearCacheConfiguration.Tracking
    ) async throws {
        let server = try await RedisServer()
        let process = try self.process(Register(), server.port, tracking)
        _ = try await process.readUntilNear(1)
        let start = ContinuousClock.now
        server.pause()
        var last = start
        while ContinuousClock.now < start + .milliseconds(600) {
            if await process.read.cached(1) != nil { last = ContinuousClock.now }
        }
        server.resume()
        #expect(last - start > .milliseconds(100) && last - start < .milliseconds(300))
    }

    /// Demoted, and cut off from the new master: it answers as before.
    @Test func aServerThatIsNoMasterAnyMoreIsLeftWithinTheBound() async throws {
        let server = try await RedisServer()
        let process = try self.process(Register(), server.port)
        _ = try await process.readUntilNear(1)
        let admin = try RedisClient(RedisClientConfiguration(port: server.port))
        try await admin.execute(RawCommand("REPLICAOF", "127.0.0.1", "1"))
        let start = ContinuousClock.now
        var last = start
        while ContinuousClock.now < start + .milliseconds(600) {
            if try await process.read.result(1).source == .nearHit { last = ContinuousClock.now }
        }
        #expect(last - start < .milliseconds(300))
        // Promoted again it has lost what others took meanwhile, and its connections have told nothing of that.
        try await admin.execute(RawCommand("REPLICAOF", "NO", "ONE"))
        #expect(try await process.readUntilNear(1) == 1)
    }

    /// A user that may not ask to be told, and a proxy that keeps what is told to itself.
    @Test func withoutBeingToldNothingIsKept() async throws {
        let server = try await RedisServer(
            RedisServer.Options(users: ["default on nopass ~* &* +@all -client|tracking"]))
        let process = try self.process(Register(), server.port)
        for _ in 0..<200 { #expect(try await process.read.result(1).source != .nearHit) }
        #expect(try await process.readUntilHit(1) == 1)
        let statistics = try #require(process.cache.statistics["value"])
        #expect(statistics.storeFailures == 0 && statistics.nearHits == 0 && statistics.loads <= 2)
    }

    /// A reply that was under way while this process changed the key may be from before.
    @Test func whatWasBeingReadDuringAChangeIsNotKept() throws {
        let near = NearCache(NearCacheConfiguration(), clock: SystemClock())
        let key = CacheKey(namespace: "shop", region: "r", 1)
        let entry = Entry(kind: .value, freshUntil: StoreTime(milliseconds: 10_000))
        func keep(_ reading: NearCache.Reading) {
            _ = near.keep(.entry(entry), reading, from: 7, of: .only, at: StoreTime(milliseconds: 0))
        }
        keep(near.begin(key))
        #expect(near.entry(for: key) == nil)
        let now = SystemClock().now
        near.withConnections { $0.trust(7, to: .only, covering: 0, of: "a", sent: now, answered: now) }
        keep(near.begin(key))
        #expect(near.entry(for: key) != nil)
        let reading = near.begin(key)
        near.drop(key)
        #expect(near.entry(for: key) == nil)
        keep(reading)
        #expect(near.entry(for: key) == nil)
        keep(near.begin(key))
        for invalidation in [KeyInvalidation.keys(["other:r:i.1", key.text]), .all] {
            #expect(near.entry(for: key) != nil)
            near.handle(invalidation)
            #expect(near.entry(for: key) == nil)
            keep(near.begin(key))
        }
        near.withConnections { $0.distrust(7) }
        #expect(near.entry(for: key) == nil)
    }

    /// The connection by which changes are told cannot be made any more; the others go on.
    @Test func withoutItsConnectionReadsGoOverOthers() async throws {
        let server = try await RedisServer()
        let register = Register()
        let process = try self.process(register, server.port)
        _ = try await process.readUntilNear(1)
        let admin = try RedisClient(RedisClientConfiguration(port: server.port))
        let clients = try await admin.execute(RawCommand("CLIENT", "LIST")).text ?? ""
        // No more than there are but for the tracked one.
        let count = clients.split(separator: "\n").count
        try await admin.execute(RawCommand("CONFIG", "SET", "maxclients", count - 1))
        let tracked = try #require(clients.split(separator: "\n").first { $0.contains(" flags=t ") })
        let id = try #require(tracked.split(separator: " ").first { $0.hasPrefix("id=") }?.dropFirst(3))
        try await admin.execute(RawCommand("CLIENT", "KILL", "ID", String(id)))
        let end = ContinuousClock.now + .milliseconds(1_500)
        var reads = 0
        while ContinuousClock.now < end {
            #expect(try await process.read.result(1).source != .miss)
            reads += 1
        }
        #expect(reads > 100)
        #expect(await process.cache.health().outages == 0)
        try await admin.execute(RawCommand("CONFIG", "SET", "maxclients", 100))
        #expect(try await process.readUntilNear(1) == 1)
    }

    @Test func whatIsLoadedAnewAndNotStoredIsReadNoMore() async throws {
        let server = try await RedisServer()
        let process = try self.process(Register(), server.port)
        let value = Register()
        let read = process.cache.function("odd", .ttl(.seconds(60))) { (id: Int) in value[id] }
            .policy { $0 == 1 ? .ttl(.seconds(60)) : .doNotStore }
        for _ in 0..<50 {
            value[1] = 1
            while try await read.result(1).source != .nearHit { try await Task.sleep(for: .milliseconds(1)) }
            value[1] = 2
            #expect(try await read.refresh(1) == 2)
            await process.cache.settle()
            #expect(try await read(1) == 2)
        }
    }

    @Test func whoseAttemptBeganWithLessIsNotTrustedForMore() {
        let near = NearCache(NearCacheConfiguration(tracking: .prefixes), clock: SystemClock())
        near.learn("one")
        let coverage = near.withConnections { $0.coverage }
        near.learn("two")
        let now = SystemClock().now
        near.withConnections {
            $0.trust(7, to: .only, covering: coverage, of: "a", sent: now, answered: now)
        }
        #expect(!near.isTold(by: .only))
    }

    @Test func theBoundIsHeldAgainstTheServerThatHasTheKey() async throws {
        let server = try await RedisServer()
        let client = try RedisClient(RedisClientConfiguration(port: server.port))
        let store = RedisStore(client)
        let cache = Cache("bound", store: store)
        let read = cache.function("r", .ttl(.seconds(60))) { (id: Int) in id }
        while try await read.result(1).source != .nearHit { try await Task.sleep(for: .milliseconds(2)) }
        try await Task.sleep(for: .milliseconds(30))
        #expect(store.near(read.key(1), within: .milliseconds(20)) == nil)
        let near = try #require(store.near(read.key(1), within: .seconds(10)))
        #expect(near.age > .milliseconds(20) && near.age < .seconds(10))
    }

    @Test func entriesEndOnTime() async throws {
        let server = try await RedisServer()
        let process = try self.process(Register(), server.port)
        let loads = Counter()
        let short = process.cache.function("short", .ttl(.milliseconds(400)).jitter(0)) { (_: Int) in loads.next() }
        while try await short.result(1).source != .nearHit { try await Task.sleep(for: .milliseconds(2)) }
        let first = try await short(1)
        let start = ContinuousClock.now
        while try await short(1) == first { try await Task.sleep(for: .milliseconds(1)) }
        #expect(ContinuousClock.now - start < .milliseconds(450))
    }

    /// Two processes hold the same keys, which are written a thousand times a second.
    @Test(arguments: Self.trackings) func writesDoNotGrowWhatTheServerRemembers(
        _ tracking: NearCacheConfiguration.Tracking
    ) async throws {
        let server = try await RedisServer()
        let register = Register()
        let processes = [
            try self.process(register, server.port, tracking), try self.process(register, server.port, tracking),
        ]
        for process in processes { for id in 0..<100 { _ = try await process.readUntilNear(id) } }
        let admin = try RedisClient(RedisClientConfiguration(port: server.port))
        let end = ContinuousClock.now + .seconds(2)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for process in processes {
                group.addTask {
                    while ContinuousClock.now < end {
                        for id in 0..<100 { _ = try await process.read(id) }
                        await Task.yield()
                    }
                }
            }
            group.addTask {
                let key = processes[0].read.key(0).text.dropLast()
                while ContinuousClock.now < end {
                    for id in 0..<10 {
                        try await admin.execute(UNLINK("\(key)\(Int.random(in: 0..<100))", "\(key)\(id)"))
                    }
                    try await Task.sleep(for: .milliseconds(15))
                }
            }
            try await group.waitForAll()
        }
        let info = try await admin.execute(INFO())
        // The keys, the log, and canaries that nobody has written to since.
        #expect(try #require(info["tracking_total_keys"].flatMap { Int($0) }) < 120)
        #expect(try #require(info["client_recent_max_output_buffer"].flatMap { Int($0) }) < 1 << 20)
        let clients = try await admin.execute(RawCommand("CLIENT", "LIST")).text ?? ""
        for client in clients.split(separator: "\n") { #expect(client.contains(" omem=0 ")) }
    }

    @Test func theCopyIsBounded() async throws {
        let server = try await RedisServer()
        let client = try RedisClient(RedisClientConfiguration(port: server.port))
        let store = RedisStore(
            client,
            configuration: RedisStoreConfiguration(
                timeout: .seconds(1), nearCache: NearCacheConfiguration(maximumBytes: 1 << 20)))
        let cache = Cache("bounded", store: store)
        let text = cache.function("text", .ttl(.seconds(60))) { (length: Int, _: Int) in
            String(repeating: "x", count: length)
        }
        for id in 0..<2_000 {
            _ = try await text(1_000, id)
            await cache.settle()
            _ = try await text(1_000, id)
        }
        let near = try #require(store.nearCache)
        #expect(near.count > 100 && near.weight <= 1 << 20)
        // Too large to be kept, not to be cached.
        for _ in 0..<5 { #expect(try await text(200_000, 1).count == 200_000) }
        #expect(try await text.result(200_000, 1).source == .hit)
    }
}

private final class Counter: Sendable {
    private let count = Register()

    func next() -> Int {
        self.count[0] += 1
        return self.count[0]
    }
}

extension Register.Process {
    /// Reads until the value comes from the copy.
    func readUntilNear(_ id: Int) async throws -> Int {
        while true {
            let result = try await self.read.result(id)
            if result.source == .nearHit { return result.value }
            try await Task.sleep(for: .milliseconds(2))
        }
    }
}
