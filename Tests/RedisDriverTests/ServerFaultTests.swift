// SPDX-License-Identifier: Apache-2.0

import Foundation
import LarderTesting
import NIOConcurrencyHelpers
import NIOCore
import ServerFixtures
import Testing

@testable import RedisDriver

/// Whatever becomes of the server, each caller gets its own value or an error in time, and the client goes on.
@Suite(.timeLimit(.minutes(2))) struct ServerFaultTests {
    private static func client(
        _ port: Int, _ change: (inout RedisClientConfiguration) -> Void = { _ in }
    ) throws -> RedisClient {
        var configuration = RedisClientConfiguration(
            port: port, commandTimeout: .milliseconds(500), reconnectPause: .milliseconds(5),
            maximumReconnectPause: .milliseconds(50))
        change(&configuration)
        return try RedisClient(configuration)
    }

    /// Reads values that tell their key while something happens to the server.
    private static func read(
        from client: RedisClient, callers: Int = 8, while fault: @escaping @Sendable () async throws -> Void
    ) async throws {
        let keys = (0..<100).map { "key:\($0)" }
        for key in keys { try await client.execute(SET(key, key)) }
        let slowest = NIOLockedValueBox(Duration.zero)
        let load: Load = {
            let key = keys.randomElement() ?? ""
            let start = ContinuousClock.now
            if let value = try? await client.execute(GET(key)) {
                #expect(value == ByteBuffer(string: key))
            } else {
                try await Task.sleep(for: .milliseconds(1))
            }
            let time = ContinuousClock.now - start
            slowest.withLockedValue { $0 = max($0, time) }
        }
        try await underLoad(Array(repeating: load, count: callers)) {
            try await fault()
            // It goes on by itself.
            while (try? await client.execute(GET("key:0"))) == nil { try await Task.sleep(for: .milliseconds(5)) }
        }
        #expect(slowest.withLockedValue { $0 } < .seconds(3), "a caller was kept far beyond its deadline")
    }

    /// What the server refuses with.
    private static func prefix(_ body: () async throws -> some Any) async -> String? {
        do {
            _ = try await body()
            return nil
        } catch {
            return (error as? RedisError)?.prefix
        }
    }

    @Test func connectionsAreKilledAgainAndAgain() async throws {
        let server = try await RedisServer()
        let admin = try Self.client(server.port) { $0.clientName = "admin" }
        try await Self.read(from: try Self.client(server.port)) {
            for _ in 0..<100 {
                _ = try await admin.execute(RawCommand("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"))
                try await Task.sleep(for: .milliseconds(5))
            }
        }
    }

    @Test func theServerStandsStillForFiveSeconds() async throws {
        let server = try await RedisServer()
        try await Self.read(from: try Self.client(server.port)) {
            server.pause()
            try await Task.sleep(for: .seconds(5))
            server.resume()
        }
    }

    @Test func theServerIsKilledAndStartedAgain() async throws {
        let server = try await RedisServer()
        let client = try Self.client(server.port)
        try await Self.read(from: client) {
            try await client.execute(RawCommand("SAVE"), timeout: .seconds(10))
            await server.kill()
            try await Task.sleep(for: .milliseconds(200))
            try await server.restart()
        }
    }

    @Test(arguments: ["cut", "trickle", "delay", "garbage"])
    func repliesAreHarmedOnTheirWay(name: String) async throws {
        let server = try await RedisServer()
        let proxy = try await FaultProxy(to: server.port)
        try await Self.read(from: try Self.client(proxy.port)) {
            for round in 0..<20 {
                switch name {
                case "cut": proxy.set(.cut(after: 3 * round))
                case "trickle": proxy.set(.trickle)
                case "delay": proxy.set(.delay(.milliseconds(20)))
                default: proxy.set(.replace(Array("$5\r\nab\r\n*x".utf8)))
                }
                try await Task.sleep(for: .milliseconds(20))
                proxy.set(.none)
                try await Task.sleep(for: .milliseconds(10))
            }
        }
    }

    /// A hundred thousand callers give up at random among others on two shared connections.
    @Test func callersGiveUpAtRandomAndNobodyElseIsHarmed() async throws {
        let server = try await RedisServer()
        let client = try Self.client(server.port) {
            $0.connections = 2
            $0.commandTimeout = .seconds(60)
        }
        let outcomes = NIOLockedValueBox((answered: 0, cancelled: 0))
        await withTaskGroup(of: Void.self) { group in
            for caller in 0..<200 {
                group.addTask {
                    var random = SeededGenerator(seed: UInt64(caller))
                    for number in 0..<1_000 {
                        let text = "\(caller):\(number)"
                        let task = Task { try await client.execute(RawCommand("ECHO", text)).text }
                        let givesUp = Bool.random(using: &random)
                        if givesUp {
                            for _ in 0..<Int.random(in: 0..<3, using: &random) { await Task.yield() }
                            task.cancel()
                        }
                        switch await task.result {
                        case .success(let echo):
                            #expect(echo == text)
                            outcomes.withLockedValue { $0.answered += 1 }
                        case .failure(let error):
                            #expect(givesUp && (error as? RedisError)?.code == .cancelled)
                            outcomes.withLockedValue { $0.cancelled += 1 }
                        }
                    }
                }
            }
        }
        let (answered, cancelled) = outcomes.withLockedValue { $0 }
        #expect(answered + cancelled == 200_000 && cancelled > 50_000)
        #expect(try await Int(client.execute(INFO("stats"))["total_connections_received"] ?? "") ?? 0 <= 3)
    }

    @Test func scriptsAreFlushedUnderLoad() async throws {
        let server = try await RedisServer()
        let client = try Self.client(server.port)
        let script = RedisScript("return ARGV[1]")
        let load: Load = {
            let text = "\(UInt64.random(in: .min ... .max))"
            let echo = try await client.evaluate(script, keys: ["k"], arguments: [text])
            #expect(echo.text == text)
        }
        try await underLoad(Array(repeating: load, count: 8)) {
            for _ in 0..<200 { try await client.execute(RawCommand("SCRIPT", "FLUSH")) }
        }
    }

    @Test func aServerThatRefusesSaysWhyAndIsUsedAgain() async throws {
        let server = try await RedisServer(
            RedisServer.Options(settings: ["lua-time-limit": "50", "enable-protected-configs": "yes"]))
        let admin = try Self.client(server.port)
        let client = try Self.client(server.port)
        try await admin.execute(RawCommand("CONFIG", "SET", "maxmemory", "1"))
        #expect(await Self.prefix { try await client.execute(SET("k", "v")) } == "OOM")
        try await admin.execute(RawCommand("CONFIG", "SET", "maxmemory", "0"))
        try await admin.execute(RawCommand("CONFIG", "SET", "min-replicas-to-write", "1"))
        #expect(await Self.prefix { try await client.execute(SET("k", "v")) } == "NOREPLICAS")
        try await admin.execute(RawCommand("CONFIG", "SET", "min-replicas-to-write", "0"))
        try await admin.execute(RawCommand("REPLICAOF", "127.0.0.1", "1"))
        #expect(await Self.prefix { try await client.execute(SET("k", "v")) } == "READONLY")
        try await admin.execute(RawCommand("REPLICAOF", "NO", "ONE"))
        // It cannot save, and says so at the next write.
        try await admin.execute(RawCommand("CONFIG", "SET", "save", "3600 1"))
        try await admin.execute(RawCommand("CONFIG", "SET", "dir", "/proc"))
        _ = try? await admin.execute(RawCommand("BGSAVE"))
        while await Self.prefix({ try await client.execute(SET("k", "v")) }) != "MISCONF" {
            try await Task.sleep(for: .milliseconds(5))
        }
        try await admin.execute(RawCommand("CONFIG", "SET", "save", ""))
        let busy = Task {
            try await admin.evaluate(
                RedisScript("while true do end"), keys: [], arguments: [], timeout: .seconds(20))
        }
        while await Self.prefix({ try await client.execute(GET("k")) }) != "BUSY" {}
        try await client.execute(RawCommand("SCRIPT", "KILL"))
        await #expect(throws: RedisError.self) { try await busy.value }
        #expect(try await client.execute(SET("k", "v")))
    }

    @Test func aServerThatIsLoadingOrFullIsWaitedFor() async throws {
        let server = try await RedisServer(
            RedisServer.Options(settings: [
                "maxclients": "11", "key-load-delay": "300", "loading-process-events-interval-bytes": "1024",
            ]))
        let first = try Self.client(server.port)
        for number in 0..<2_000 { try await first.execute(SET("key:\(number)", number)) }
        let others = try (0..<10).map { _ in try Self.client(server.port) }
        for other in others { try await other.execute(PING()) }
        let late = try Self.client(server.port)
        let error = await #expect(throws: RedisError.self) { try await late.execute(PING()) }
        #expect(error?.code == .connectionFailed)
        for other in others { await other.close() }
        while (try? await late.execute(PING())) == nil { try await Task.sleep(for: .milliseconds(5)) }
        // It takes long to load what it saved, and answers LOADING meanwhile.
        try await first.execute(RawCommand("SAVE"), timeout: .seconds(10))
        await server.kill()
        let restart = Task { try await server.restart() }
        var prefixes: Set<String> = []
        while (try? await first.execute(PING())) == nil || prefixes.isEmpty {
            if let prefix = await Self.prefix({ try await first.execute(GET("key:7")) }) { prefixes.insert(prefix) }
            try await Task.sleep(for: .milliseconds(5))
        }
        #expect(prefixes == ["LOADING"])
        while (try? await first.execute(GET("key:7"))) != ByteBuffer(string: "7") {
            try await Task.sleep(for: .milliseconds(5))
        }
        try await restart.value
    }

    @Test func aPasswordIsChangedWhileItIsUsed() async throws {
        let server = try await RedisServer(RedisServer.Options(users: ["app on >old ~* &* +@all"]))
        let password = NIOLockedValueBox("old")
        let asked = NIOLockedValueBox(0)
        let client = try Self.client(server.port) {
            $0.credentials = {
                asked.withLockedValue { $0 += 1 }
                return RedisCredentials(username: "app", password: password.withLockedValue { $0 })
            }
        }
        try await client.execute(PING())
        let admin = try Self.client(server.port)
        try await admin.execute(RawCommand("ACL", "SETUSER", "app", "resetpass", ">new"))
        password.withLockedValue { $0 = "new" }
        try await client.reauthenticate()
        try await client.execute(PING())
        #expect(try await client.execute(RawCommand("ACL", "WHOAMI")).text == "app")
        // A connection that is made anew asks again.
        let before = asked.withLockedValue { $0 }
        try await admin.execute(RawCommand("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"))
        while (try? await client.execute(PING())) == nil { try await Task.sleep(for: .milliseconds(5)) }
        #expect(asked.withLockedValue { $0 } > before)
        // A wrong one closes what there is, and is not repeated.
        password.withLockedValue { $0 = "hunter2" }
        try await client.reauthenticate()
        var failure: RedisError?
        while failure?.code != .connectionFailed {
            do { try await client.execute(PING()) } catch { failure = error }
        }
        #expect(failure.map { !"\($0)".contains("hunter2") } == true && failure?.prefix == "WRONGPASS")
    }

    @Test func aConnectionThatIsNotUsedIsFoundDead() async throws {
        let server = try await RedisServer()
        let proxy = try await FaultProxy(to: server.port)
        let client = try Self.client(proxy.port) {
            $0.healthCheckInterval = .milliseconds(50)
            $0.commandTimeout = .milliseconds(50)
        }
        while (try? await client.execute(PING())) == nil {}
        let before = proxy.connections
        proxy.set(.hang)
        // Nobody sends anything.
        while proxy.connections == before { try await Task.sleep(for: .milliseconds(5)) }
        proxy.set(.none)
        while (try? await client.execute(PING())) == nil { try await Task.sleep(for: .milliseconds(5)) }
    }

    @Test func whatIsLargeGoesApart() async throws {
        let server = try await RedisServer()
        let client = try Self.client(server.port) { $0.commandTimeout = .seconds(10) }
        let node = try client.servers.node
        let small = try node.connection(for: .any).id
        let large = ByteBuffer(repeating: 1, count: 1 << 20)
        try await client.execute(SET("large", large))
        #expect(node.connections.count == 2, "a large value went over the common connection")
        #expect(try await client.execute(GET("large")) == large)
        #expect(node.largeKeys.mayHold(GET("large")) && !node.largeKeys.mayHold(GET("small")))
        #expect(try await client.execute(GET("large")) == large)
        try await client.execute(SET("large", "small now"))
        #expect(try await client.execute(GET("large")) == ByteBuffer(string: "small now"))
        #expect(!node.largeKeys.mayHold(GET("large")))
        #expect(try node.connection(for: .any).id == small)
    }

    @Test func keysOfAnyBytesAndNoneTooLong() async throws {
        let server = try await RedisServer()
        let client = try Self.client(server.port) { $0.commandTimeout = .seconds(10) }
        for bytes in [[], [0], [13, 10], [0, 13, 10, 255, 0], Array(repeating: 7, count: 70_000)] as [[UInt8]] {
            let key = RedisKey(ByteBuffer(bytes: bytes))
            try await client.execute(SET(key, ByteBuffer(bytes: bytes)))
            #expect(try await client.execute(GET(key)) == ByteBuffer(bytes: bytes))
        }
        let error = await #expect(throws: RedisError.self) {
            try await client.execute(GET(ByteBuffer(repeating: 0, count: (512 << 20) + 1)))
        }
        #expect(error?.code == .invalidCommand && error?.mayHaveRun == false)
    }
}
