// SPDX-License-Identifier: Apache-2.0

import Larder
import LarderRedis
import NIOConcurrencyHelpers
import RedisDriver
import ServerFixtures
import Testing

/// Entries on several servers, and their log on one of them.
@Suite(.serialized, .timeLimit(.minutes(2))) struct ClusterStoreTests {
    private func process(
        _ register: Register, _ cluster: RedisServerCluster, near: NearCacheConfiguration? = nil
    ) throws -> Register.Process {
        try Register.Process(register, topology: .cluster(cluster.addresses), near: near)
    }

    private func slot(_ key: String, _ process: Register.Process) async throws -> Int {
        Int(try await process.client.execute(RawCommand("CLUSTER", "KEYSLOT", key)).integer ?? 0)
    }

    @Test func aThousandEntriesAreReadInOneRoundTripToEachServer() async throws {
        let cluster = try await RedisServerCluster()
        var proxies: [FaultProxy] = []
        for server in cluster.servers {
            let proxy = try await FaultProxy(to: server.port)
            let admin = try RedisClient(RedisClientConfiguration(port: server.port))
            try await admin.execute(RawCommand("CONFIG", "SET", "cluster-announce-port", proxy.port))
            proxies.append(proxy)
        }
        // Servers hear of it from each other.
        for server in cluster.servers {
            let admin = try RedisClient(RedisClientConfiguration(port: server.port))
            while try await admin.execute(RawCommand("CLUSTER", "NODES")).text.map({ nodes in
                proxies.allSatisfy { nodes.contains(":\($0.port)@") }
            }) != true { try await Task.sleep(for: .milliseconds(20)) }
        }
        let process = try Register.Process(
            Register(), topology: .cluster(proxies.map { RedisAddress(host: "127.0.0.1", port: $0.port) }))
        let numbers = process.cache.batch("number", .ttl(.seconds(3_600))) { (ids: [Int]) in
            Dictionary(uniqueKeysWithValues: ids.map { ($0, $0) })
        }
        _ = try await numbers.values(for: 0..<1_000)
        await process.cache.settle()
        _ = try await numbers.values(for: 0..<1_000)
        // The system may cut what is sent at once in two; never does it make one of two.
        var trips: [Int] = []
        for _ in 0..<5 {
            for proxy in proxies { proxy.resetCount() }
            #expect(try await numbers.values(for: 0..<1_000).count == 1_000)
            trips.append(proxies.map(\.roundTrips).reduce(0, +))
        }
        // The log is asked along with them: whichever server has it has entries too, and gets a question of its own.
        #expect(trips.min() == 3, "\(trips)")
        #expect(process.cache.statistics["number"]?.loads == 1)
    }

    @Test(arguments: [NearCacheConfiguration.Tracking.keys, .prefixes])
    func whatIsNearOfAllServersIsKeptRight(_ tracking: NearCacheConfiguration.Tracking) async throws {
        let cluster = try await RedisServerCluster()
        let register = Register()
        let reader = try self.process(register, cluster, near: NearCacheConfiguration(tracking: tracking))
        let writer = try self.process(register, cluster)
        let ids = Array(1...12)
        var version = 1
        let ends: [@Sendable () async throws -> Void] = [
            { for id in ids { await writer.read.invalidate(id) } },
            { try await writer.cache.invalidate(tags: ["all"]) },
            { await writer.cache.clear() },
            { #expect(await writer.cache.invalidate(matching: "value:*").count > 0) },
            { try await writer.client.execute(FLUSHDB()) },
        ]
        for end in ends {
            for id in ids { #expect(try await reader.readUntilNear(id) == version) }
            version += 1
            for id in ids { register[id] = version }
            try await end()
            try await writer.recovered()
            let deadline = ContinuousClock.now + .milliseconds(300)
            while ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(1)) }
            for id in ids { #expect(try await reader.read(id) == version) }
        }
        // What this process ends itself is gone at once, wherever it is.
        for id in ids {
            _ = try await reader.readUntilNear(id)
            register[id] = 100
            await reader.read.invalidate(id)
            #expect(try await reader.read(id) == 100)
        }
        for id in ids { _ = try await reader.readUntilNear(id) }
        for id in ids { register[id] = 101 }
        await reader.cache.invalidate(matching: "*")
        for id in ids { #expect(try await reader.read(id) == 101) }
    }

    /// A replica that lacks what was acknowledged last takes the place of its master.
    @Test func aReplicaThatIsPromotedServesNothingThatWasInvalidated() async throws {
        let cluster = try await RedisServerCluster(hasReplicas: true)
        let register = Register()
        let (reader, writer) = (try self.process(register, cluster, near: .init()), try self.process(register, cluster))
        // Of each server some, and not the log.
        let home = try #require(try await self.home(of: "{register}:inv", cluster, writer))
        var ids: [Int] = []
        for id in 1...40 where try await self.home(of: writer.read.key(id).text, cluster, writer) != home {
            ids.append(id)
        }
        let doomed = try #require(try await self.home(of: writer.read.key(ids[0]).text, cluster, writer))
        for id in ids { #expect(try await reader.readUntilNear(id) == 1) }
        // All that there is is with the replica, and then nothing reaches it any more.
        let admin = try RedisClient(RedisClientConfiguration(port: cluster.servers[doomed].port))
        _ = try await admin.execute(WAIT(1, blocking: .seconds(5)))
        cluster.servers[cluster.primaries + doomed].pause()
        // What was sent would be waiting for it.
        try await admin.execute(RawCommand("CLIENT", "KILL", "TYPE", "replica"))
        for id in ids {
            register[id] = 2
            #expect(await writer.read.invalidate(id) == .applied)
        }
        await cluster.servers[doomed].kill()
        cluster.servers[cluster.primaries + doomed].resume()
        // Until it is promoted nothing can be read from it; nobody fails meanwhile.
        let end = ContinuousClock.now + .seconds(30)
        var isBack = false
        try await Task.sleep(for: .milliseconds(260))
        while !isBack, ContinuousClock.now < end {
            isBack = true
            for process in [reader, writer] {
                for id in ids {
                    let result = try await process.read.result(id)
                    #expect(result.value == 2)
                    if result.source == .miss { isBack = false }
                }
            }
        }
        #expect(isBack)
    }

    /// Slots move, with entries and with the log, under reads and writes.
    @Test func slotsMoveUnderLoadWithoutAWrongAnswer() async throws {
        let cluster = try await RedisServerCluster()
        let register = Register()
        let processes = [
            try self.process(register, cluster, near: .init()), try self.process(register, cluster, near: .init()),
        ]
        let ids = Array(1...4)
        for process in processes { for id in ids { _ = try await process.readUntilNear(id) } }
        // What was applied when: a bounded read may miss what is younger than its bound.
        let applied = NIOLockedValueBox<[Int: [(version: Int, at: ContinuousClock.Instant)]]>([:])
        let counts = NIOLockedValueBox((reads: 0, near: 0, writes: 0))
        var loads: [Load] = []
        for process in processes {
            for isBounded in [true, false] {
                loads.append {
                    let id = ids.randomElement() ?? 1
                    let lag = Duration.milliseconds(isBounded ? 300 : 0)
                    let start = ContinuousClock.now
                    let least = applied.withLockedValue { applied in
                        applied[id, default: []].filter { $0.at + lag < start }.map(\.version).max() ?? 0
                    }
                    let result = try await process.read.result(id, consistency: isBounded ? .standard : .coherent)
                    #expect(result.value >= least, "\(result.source)")
                    counts.withLockedValue { counts in
                        counts.reads += 1
                        if result.source == .nearHit { counts.near += 1 }
                    }
                    await Task.yield()
                }
            }
        }
        let versions = NIOLockedValueBox(1)
        loads.append {
            let version = versions.withLockedValue { version in
                version += 1
                return version
            }
            let id = ids[version % ids.count]
            register[id] = version
            let process = processes[version % 2]
            let outcome =
                version % 3 == 0
                ? try await process.cache.invalidate(tags: ["id:\(id)"]) : await process.read.invalidate(id)
            if outcome == .applied {
                applied.withLockedValue { $0[id, default: []].append((version, .now)) }
                counts.withLockedValue { $0.writes += 1 }
            }
            try await Task.sleep(for: .milliseconds(3))
        }
        try await underLoad(loads) {
            for key in [processes[0].read.key(1).text, "{register}:inv", processes[0].read.key(2).text] {
                let slot = try await self.slot(key, processes[0])
                let home = try #require(try await self.home(of: key, cluster, processes[0]))
                for round in 0..<3 {
                    try await cluster.move(slot: slot, from: (home + round) % 3, to: (home + round + 1) % 3)
                    try await Task.sleep(for: .milliseconds(300))
                }
            }
            // A slow machine takes longer to have seen enough.
            while counts.withLockedValue({ $0.reads < 2_000 || $0.near < 500 || $0.writes < 200 }) {
                try await Task.sleep(for: .milliseconds(20))
            }
        }
        // At rest all is as at the source, and cached.
        for process in processes {
            for id in ids { #expect(try await process.readUntilNear(id) == register[id]) }
        }
    }

    /// Which of the servers has had the slot of a key from the beginning.
    private func home(of key: String, _ cluster: RedisServerCluster, _ process: Register.Process) async throws -> Int? {
        let slot = try await self.slot(key, process)
        return (0..<cluster.primaries).first { cluster.slots(of: $0).contains(slot) }
    }
}
