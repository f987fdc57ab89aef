// SPDX-License-Identifier: Apache-2.0

import Foundation
import Larder
import LarderRedis
import LarderTesting
import NIOCore
import RedisDriver
import ServerFixtures
import Testing

/// A cache on a server to which things happen: nothing comes back to life, and nothing fails.
@Suite(.timeLimit(.minutes(1))) struct RedisFaultTests {
    // MARK: Data that is lost, or comes back

    @Test func afterFlushAllNothingIsServedFromBefore() async throws {
        let server = try await RedisServer()
        let register = Register()
        let process = try Register.Process(register, port: server.port)
        #expect(try await process.readUntilHit(1) == 1)
        let gate = Gate()
        register.hold(at: gate)
        let loading = Task { try await process.read(2) }
        await gate.arrivals()
        register.hold(at: nil)

        _ = try await process.client.execute(RawCommand("FLUSHALL"))
        register[1] = 2
        register[2] = 2
        #expect(try await process.readUntilHit(1) == 2)
        // The load from before the flush lost its lease: its value is for who asked before, and not stored.
        gate.open()
        #expect(try await loading.value == 1)
        #expect(try await process.readUntilHit(2) == 2)
    }

    @Test func aServerThatStartsEmptyServesNothingFromBefore() async throws {
        let server = try await RedisServer()
        let register = Register()
        let process = try Register.Process(register, port: server.port)
        #expect(try await process.readUntilHit(1) == 1)
        await server.kill()
        register[1] = 2
        #expect(try await process.read(1) == 2)
        try await server.restart()
        try await process.recovered()
        #expect(try await process.readUntilHit(1) == 2)
    }

    /// What an old snapshot holds was invalidated since: entries by key and by tag, and a lease whose token would fill.
    @Test(arguments: [true, false]) func aServerThatStartsFromAnOldSnapshotServesNothingOfIt(
        isProcessNew: Bool
    ) async throws {
        let server = try await RedisServer()
        let register = Register()
        let old = try Register.Process(
            register, port: server.port, configuration: CacheConfiguration(leaseDuration: .seconds(30)))
        for id in 1...2 { #expect(try await old.readUntilHit(id) == 1) }
        let gate = Gate()
        register.hold(at: gate)
        let loading = Task { try await old.read(3) }
        await gate.arrivals()
        register.hold(at: nil)
        _ = try await old.client.execute(RawCommand("SAVE"))

        for id in 1...3 { register[id] = 2 }
        #expect(await old.read.invalidate(1) == .applied)
        #expect(try await old.cache.invalidate(tags: ["id:2"]) == .applied)
        #expect(await old.read.invalidate(3) == .applied)
        await server.kill()
        try await server.restart()

        let reader = isProcessNew ? try Register.Process(register, port: server.port) : old
        try await old.recovered()
        try await reader.recovered()
        // Reads first: the snapshot's log is as old as its entries.
        for id in 1...2 { #expect(try await reader.read(id) == 2) }
        // The token is alive again in the snapshot, and the fill is carried out; nobody is served what it stored.
        gate.open()
        #expect(try await loading.value == 1)
        #expect(try await reader.readUntilHit(3) == 2)
        #expect(try await old.readUntilHit(3) == 2)
    }

    /// The same token, and a caller who joined its load after the invalidation: the fill is carried out and the snapshot's
    /// log is quiet, but it says nothing about what happened since.
    @Test func whoJoinedALoadIsNotServedWhatAnOldSnapshotLetItFill() async throws {
        let server = try await RedisServer()
        let register = Register()
        let reader = try Register.Process(
            register, port: server.port, configuration: CacheConfiguration(leaseDuration: .seconds(30)))
        let writer = try Register.Process(register, port: server.port)
        _ = try await reader.readUntilHit(0)
        _ = try await writer.readUntilHit(0)
        let gate = Gate()
        register.hold(at: gate)
        let first = Task { try await reader.read(1) }
        await gate.arrivals()
        register.hold(at: nil)
        _ = try await writer.client.execute(RawCommand("SAVE"))
        register[1] = 2
        #expect(await writer.read.invalidate(1) == .applied)
        let requests = reader.cache.statistics["value"]?.requests ?? 0
        let joiner = Task { try await reader.read(1) }
        while reader.cache.statistics["value"]?.requests == requests { await Task.yield() }
        while reader.cache.waiting < 2 { await Task.yield() }

        await server.kill()
        try await server.restart()
        while (try? await reader.client.execute(PING())) == nil { try await Task.sleep(for: .milliseconds(5)) }
        gate.open()
        #expect(try await first.value == 1)
        #expect(try await joiner.value == 2)
    }

    @Test func aServerThatBecameAReplicaIsNotTrustedOnceItSaysSo() async throws {
        let server = try await RedisServer()
        let register = Register()
        let process = try Register.Process(register, port: server.port)
        #expect(try await process.readUntilHit(1) == 1)
        _ = try await process.client.execute(RawCommand("REPLICAOF", "127.0.0.1", "1"))
        // Elsewhere the new master is written to, and told to forget the entry; this server does not hear of it.
        register[1] = 2
        #expect(try await process.cache.invalidate(tags: ["other"]) == .queued)
        #expect(try await process.read(1) == 2)
        _ = try await process.client.execute(RawCommand("REPLICAOF", "NO", "ONE"))
        try await process.recovered()
        #expect(try await process.readUntilHit(2) == 1)
    }

    /// A process that only reads is refused nothing, and has to ask.
    @Test func aServerThatBecameAReplicaIsFoundOutByReadersToo() async throws {
        let server = try await RedisServer()
        let register = Register()
        let process = try Register.Process(register, port: server.port)
        #expect(try await process.readUntilHit(1) == 1)
        let admin = try RedisClient(RedisClientConfiguration(port: server.port))
        try await admin.execute(RawCommand("REPLICAOF", "127.0.0.1", "1"))
        register[1] = 2
        let start = ContinuousClock.now
        while try await process.read(1) == 1 { try await Task.sleep(for: .milliseconds(2)) }
        // Each connection is asked four times a second.
        #expect(ContinuousClock.now - start < .seconds(1))
        for _ in 0..<20 { #expect(try await process.read(1) == 2) }
        #expect(await process.cache.health().state == .down)
        try await admin.execute(RawCommand("REPLICAOF", "NO", "ONE"))
        try await process.recovered()
        #expect(try await process.readUntilHit(1) == 2)
    }

    /// Two servers take turns as master. The first finds the log that it made itself, copied to the other and back, and an entry that
    /// was removed here after it was copied.
    @Test func aServerThatIsPromotedAgainServesNothingFromBefore() async throws {
        let (one, other) = (try await RedisServer(), try await RedisServer())
        let register = Register()
        let first = try Register.Process(register, port: one.port)
        let (adminOfOne, adminOfOther) = (
            try RedisClient(RedisClientConfiguration(port: one.port)),
            try RedisClient(RedisClientConfiguration(port: other.port))
        )
        #expect(try await first.readUntilHit(1) == 1)
        try await adminOfOther.execute(RawCommand("REPLICAOF", "127.0.0.1", "\(one.port)"))
        while try await adminOfOther.execute(RawCommand("EXISTS", first.read.key(1).text)).integer != 1 {
            try await Task.sleep(for: .milliseconds(10))
        }
        // The copy stands still from here on.
        try await adminOfOther.execute(RawCommand("REPLICAOF", "NO", "ONE"))
        register[1] = 2
        #expect(await first.read.invalidate(1) == .applied)
        try await adminOfOne.execute(RawCommand("REPLICAOF", "127.0.0.1", "\(other.port)"))
        while try await adminOfOne.execute(RawCommand("EXISTS", first.read.key(1).text)).integer != 1 {
            try await Task.sleep(for: .milliseconds(10))
        }
        try await adminOfOne.execute(RawCommand("REPLICAOF", "NO", "ONE"))
        // Its connections were verified before.
        #expect(try await first.read(1) == 2)
        for process in [
            try Register.Process(register, port: one.port), try Register.Process(register, port: other.port),
        ] {
            #expect(try await process.readUntilHit(1) == 2)
        }
    }

    @Test func scriptsThatWereFlushedAreSentAgain() async throws {
        let server = try await RedisServer()
        let register = Register()
        let process = try Register.Process(register, port: server.port)
        for id in 1...20 {
            #expect(try await process.readUntilHit(id) == 1)
            _ = try await process.client.execute(RawCommand("SCRIPT", "FLUSH"))
            register[id] = 2
            #expect(try await process.cache.invalidate(tags: ["id:\(id)"]) == .applied)
            #expect(try await process.read(id) == 2)
        }
    }

    @Test func aServerThatEvictsServesNothingThatWasInvalidated() async throws {
        let server = try await RedisServer(
            .init(settings: ["maxmemory": "3mb", "maxmemory-policy": "allkeys-lru"]))
        let register = Register()
        let process = try Register.Process(register, port: server.port)
        let padding = process.cache.function("padding", .ttl(.seconds(3_600))) { (id: Int) in
            String(repeating: "x", count: 20_000)
        }
        var stale = 0
        for round in 1...300 {
            for id in 1...3 { if try await process.read(id) < register[id] { stale += 1 } }
            _ = try await padding(round)
            let id = round % 3 + 1
            register[id] = round + 1
            if round.isMultiple(of: 2) {
                #expect(try await process.cache.invalidate(tags: ["id:\(id)"]) == .applied)
            } else {
                #expect(await process.read.invalidate(id) == .applied)
            }
        }
        #expect(stale == 0)
        let info = try await process.client.execute(RawCommand("INFO", "stats")).text ?? ""
        #expect(!info.contains("evicted_keys:0\r"), "nothing was evicted")
    }

    @Test func aServerOutOfMemoryIsInvalidatedAllTheSame() async throws {
        let server = try await RedisServer()
        let register = Register()
        let process = try Register.Process(register, port: server.port)
        #expect(try await process.readUntilHit(1) == 1)
        #expect(try await process.readUntilHit(2) == 1)
        _ = try await process.client.execute(RawCommand("CONFIG", "SET", "maxmemory", "1"))
        register[1] = 2
        register[2] = 2
        #expect(await process.read.invalidate(1) == .applied)
        #expect(try await process.cache.invalidate(tags: ["id:2"]) == .applied)
        #expect(try await process.read(1) == 2)
        #expect(try await process.read(2) == 2)
    }

    // MARK: A server that is out

    /// The fault, and how it ends.
    enum Outage: String, CaseIterable {
        case killed, paused

        func begin(_ server: RedisServer) async {
            switch self {
            case .killed: await server.kill()
            case .paused: server.pause()
            }
        }

        func end(_ server: RedisServer) async throws {
            switch self {
            case .killed: try await server.restart()
            case .paused: server.resume()
            }
        }
    }

    @Test(arguments: Outage.allCases) func everyCallIsAnsweredWhileTheServerIsOut(outage: Outage) async throws {
        let server = try await RedisServer()
        let register = Register()
        let (one, other) = (
            try Register.Process(register, port: server.port, store: RedisStoreConfiguration()),
            try Register.Process(register, port: server.port, store: RedisStoreConfiguration())
        )
        #expect(try await one.readUntilHit(1) == 1)
        #expect(try await other.readUntilHit(1) == 1)

        // In the middle of a load.
        let gate = Gate()
        register.hold(at: gate)
        let loading = Task { try await one.read(2) }
        await gate.arrivals()
        await outage.begin(server)
        register.hold(at: nil)
        gate.open()
        #expect(try await loading.value == 1)
        for _ in 0..<50 {
            let start = ContinuousClock.now
            #expect(try await one.read(1) == 1)
            #expect(ContinuousClock.now - start < .milliseconds(300))
        }

        // A write made meanwhile holds at once where it was made.
        register[1] = 2
        let start = ContinuousClock.now
        #expect(await one.read.invalidate(1) == .queued)
        #expect(try await one.cache.invalidate(tags: ["id:2"]) == .queued)
        #expect(ContinuousClock.now - start < .milliseconds(300))
        #expect(try await one.read(1) == 2)

        try await outage.end(server)
        try await one.recovered()
        try await other.recovered()
        #expect(try await one.readUntilHit(1) == 2)
        #expect(try await other.readUntilHit(1) == 2)
    }

    @Test func aServerThatAnswersReadsAndRefusesWritesServesNothingThatWasInvalidated() async throws {
        let server = try await RedisServer()
        let register = Register()
        let process = try Register.Process(register, port: server.port)
        for id in 1...2 { #expect(try await process.readUntilHit(id) == 1) }
        _ = try await process.client.execute(RawCommand("CONFIG", "SET", "min-replicas-to-write", "1"))
        register[1] = 2
        register[2] = 2
        #expect(await process.read.invalidate(1) == .queued)
        #expect(try await process.cache.invalidate(tags: ["id:2"]) == .queued)
        for _ in 0..<10 {
            for id in 1...2 { #expect(try await process.read(id) == 2) }
        }
        // Reads went on all the while: what was not invalidated is a hit.
        #expect(await process.cache.health().state == .up)
        _ = try await process.client.execute(RawCommand("CONFIG", "SET", "min-replicas-to-write", "0"))
        _ = try await process.client.execute(RawCommand("SCRIPT", "FLUSH"))
        try await process.recovered()
        for id in 1...2 { #expect(try await process.readUntilHit(id) == 2) }
    }

    /// What a network, or something that is no Redis at all, may do to replies.
    static let faults: [String: FaultProxy.Fault] = [
        "cut at once": .cut(after: 0), "cut in the middle of a reply": .cut(after: 37), "byte by byte": .trickle,
        "late": .delay(.milliseconds(150)), "nothing": .hang, "half-closed": .halfClose,
        "garbage": .replace(Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8)),
        "another's reply": .replace(Array("$3\r\nabc\r\n*0\r\n".utf8)),
        "an endless string": .replace(Array("$9000000\r\nabc".utf8)),
        "replies without end": .replace(Array(String(repeating: "+OK\r\n", count: 10_000).utf8)),
    ]

    @Test(arguments: faults.keys.sorted()) func everyCallIsAnsweredRightWhateverBecomesOfReplies(
        name: String
    ) async throws {
        let fault = try #require(Self.faults[name])
        let server = try await RedisServer()
        let proxy = try await FaultProxy(to: server.port)
        let register = Register()
        let process = try Register.Process(
            register, port: proxy.port, store: RedisStoreConfiguration(), commandTimeout: .milliseconds(100))
        let other = try Register.Process(register, port: server.port)
        for id in 1...3 { #expect(try await process.readUntilHit(id) == 1) }

        proxy.set(fault)
        for round in 2...6 {
            for id in 1...3 {
                register[id] = round
                let start = ContinuousClock.now
                await process.read.invalidate(id)
                #expect(try await process.read(id) == round)
                #expect(ContinuousClock.now - start < .milliseconds(700))
            }
        }
        proxy.set(.none)
        try await process.recovered()
        for id in 1...3 {
            #expect(try await other.readUntilHit(id) == 6)
            #expect(try await process.readUntilHit(id) == 6)
        }
    }

    // MARK: Commands that arrive late

    /// An acquire that stays in the network until its connection is gone, and then is carried out: it leaves a lease that
    /// nobody fills.
    @Test func anAcquireThatArrivesLateFillsNothing() async throws {
        let server = try await RedisServer()
        let proxy = try await FaultProxy(to: server.port)
        let register = Register()
        let process = try Register.Process(
            register, port: proxy.port, store: RedisStoreConfiguration(timeout: .milliseconds(50)),
            configuration: CacheConfiguration(leaseDuration: .milliseconds(500)))
        let writer = try Register.Process(register, port: server.port)
        _ = try await process.readUntilHit(1)
        await writer.read.invalidate(1)

        proxy.holdRequests(true)
        #expect(try await process.read(1) == 1)
        while proxy.connections == 1 { try? await process.client.execute(PING(), timeout: .milliseconds(50)) }
        register[1] = 2
        await writer.read.invalidate(1)
        proxy.holdRequests(false)
        try await process.recovered()
        #expect(try await process.readUntilHit(1) == 2)
        #expect(try await writer.readUntilHit(1) == 2)
    }

    /// A server that is a little slower than the deadline: what was granted too late is given back, and does not keep the
    /// key from being filled once the server is fast again.
    @Test func leasesThatWereGrantedTooLateAreGivenBack() async throws {
        let server = try await RedisServer()
        let proxy = try await FaultProxy(to: server.port)
        let register = Register()
        let process = try Register.Process(
            register, port: proxy.port, store: RedisStoreConfiguration(timeout: .milliseconds(100)),
            configuration: CacheConfiguration(leaseDuration: .seconds(30)))
        _ = try await process.readUntilHit(0)
        for id in 1...3 {
            proxy.set(.none)
            let gate = Gate()
            register.hold(at: gate)
            // The read is fast, the acquire's answer is not.
            let key = process.read.key(id)
            _ = try? await process.client.send(timeout: .milliseconds(100)) { $0.command("GET", key.text) }
            proxy.set(.delay(.milliseconds(130)))
            let reading = Task { try await process.read(id) }
            await gate.arrivals()
            proxy.set(.none)
            gate.open()
            #expect(try await reading.value == 1)
            register.hold(at: nil)
            try await process.recovered()
            let start = ContinuousClock.now
            #expect(try await process.readUntilHit(id) == 1)
            #expect(ContinuousClock.now - start < .seconds(2))
        }
    }

    /// Something gave the bare lease of a process that died a long life: what counts is when the lease ends.
    @Test func aLeaseThatIsKeptTooLongBlocksNobody() async throws {
        let server = try await RedisServer()
        let register = Register()
        let process = try Register.Process(register, port: server.port)
        _ = try await process.readUntilHit(0)
        let store = RedisStore(process.client, configuration: RedisStoreConfiguration(timeout: .seconds(1)))
        let key = process.read.key(1)
        #expect(try await store.acquire(key, seen: nil, token: LeaseToken(), for: .milliseconds(200)) == .granted)
        _ = try await process.client.execute(RawCommand("PEXPIRE", key.text, "1800000"))
        let start = ContinuousClock.now
        #expect(try await process.readUntilHit(1) == 1)
        #expect(ContinuousClock.now - start < .seconds(3))
    }
}
