// SPDX-License-Identifier: Apache-2.0

import NIOConcurrencyHelpers
import NIOCore
import ServerFixtures
import Testing

@testable import RedisDriver

@Suite(.timeLimit(.minutes(1))) struct ConnectionPoolTests {
    private static func client(
        _ port: Int, _ change: (inout RedisClientConfiguration) -> Void = { _ in }
    ) throws -> RedisClient {
        var configuration = RedisClientConfiguration(port: port, reconnectPause: .milliseconds(10))
        change(&configuration)
        return try RedisClient(configuration)
    }

    private static func connections(_ admin: RedisClient) async throws -> Int {
        try await Int(admin.execute(INFO("clients"))["connected_clients"] ?? "") ?? 0
    }

    @Test func aCommandThatBlocksKeepsNobodyWaiting() async throws {
        let server = try await RedisServer()
        let redis = try Self.client(server.port) { $0.commandTimeout = .milliseconds(500) }
        let popped = Task { try await redis.execute(BLPOP("queue", blocking: .seconds(20))) }
        let end = ContinuousClock.now + .seconds(1)
        while ContinuousClock.now < end { try await redis.execute(PING(), timeout: .seconds(2)) }
        try await redis.execute(RPUSH("queue", ["a"]))
        #expect(try await popped.value?.element == ByteBuffer(string: "a"))
        #expect(try await redis.execute(BLPOP("queue", blocking: .milliseconds(20))) == nil)
    }

    /// Whoever gives up leaves nothing behind that would take an element and drop it.
    @Test func aBlockedCallerWhoGivesUpTakesNothing() async throws {
        let server = try await RedisServer()
        let redis = try Self.client(server.port)
        let popped = Task { try await redis.execute(BLPOP("queue", blocking: .seconds(20))) }
        while try await redis.execute(INFO("clients"))["blocked_clients"] != "1" {}
        popped.cancel()
        let error = await #expect(throws: RedisError.self) { try await popped.value }
        #expect(error?.code == .cancelled)
        while try await redis.execute(INFO("clients"))["blocked_clients"] != "0" {}
        try await redis.execute(RPUSH("queue", ["a"]))
        #expect(try await redis.execute(LLEN("queue")) == 1)
    }

    @Test func aTransactionIsCarriedOutOnlyIfNothingChanged() async throws {
        let server = try await RedisServer()
        let redis = try Self.client(server.port)
        try await redis.execute(SET("stock", 0))
        // Fifty callers who each read, and write what they read and one.
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    try await redis.watch(["stock"], attempts: 1_000) { (connection) async throws -> Void in
                        let stock = try await connection.execute(GET("stock")).flatMap { Int(String(buffer: $0)) } ?? 0
                        _ = try await connection.transaction(SET("stock", stock + 1)).get()
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await redis.execute(GET("stock")) == ByteBuffer(string: "50"))
        let aborted = await #expect(throws: RedisError.self) {
            try await redis.watch(["stock"], attempts: 3) { (connection) async throws -> Void in
                try await redis.execute(INCRBY("stock", 1))
                _ = try await connection.transaction(SET("stock", "wrong"))
            }
        }
        #expect(aborted?.code == .transactionAborted)
        #expect(try await redis.execute(GET("stock")) == ByteBuffer(string: "53"))
    }

    /// What one caller watched and left keeps no other's transaction from being carried out.
    @Test func aConnectionComesBackClean() async throws {
        let server = try await RedisServer()
        let redis = try Self.client(server.port) { $0.pool.maximumConnections = 1 }
        try await redis.withConnection { try await $0.watch("k") }
        try await redis.execute(SET("k", "changed"))
        try await redis.withConnection { (connection) async throws -> Void in
            #expect(try await connection.transaction(SET("k", "mine")).get())
        }
        // One that was given up in the midst is not used again.
        let id = try await redis.withConnection { try await $0.execute(CLIENTID()) }
        _ = try? await redis.withConnection { connection in
            try await connection.execute(BLPOP("none", blocking: .seconds(5)), timeout: .milliseconds(-4_990))
        }
        let (other, value) = try await redis.withConnection { (connection) async throws -> (Int, ByteBuffer?) in
            (try await connection.execute(CLIENTID()), try await connection.execute(GET("k")))
        }
        #expect(other != id && value == ByteBuffer(string: "mine"))
    }

    @Test func callersWaitInTimeAndInVainNoLongerThanTheyMay() async throws {
        let server = try await RedisServer()
        let redis = try Self.client(server.port) {
            $0.pool.maximumConnections = 2
            $0.pool.acquireTimeout = .milliseconds(500)
            $0.pool.idleTimeout = .milliseconds(200)
        }
        let isHeld = NIOLockedValueBox(false)
        let held = Task {
            try await redis.withConnection { (first) async throws -> Void in
                try await redis.withConnection { (second) async throws -> Void in
                    try await first.execute(PING())
                    try await second.execute(PING())
                    isHeld.withLockedValue { $0 = true }
                    try await Task.sleep(for: .seconds(30))
                }
            }
        }
        while !isHeld.withLockedValue({ $0 }) { try await Task.sleep(for: .milliseconds(5)) }
        let start = ContinuousClock.now
        let error = await #expect(throws: RedisError.self) { try await redis.withConnection { _ in } }
        #expect(error?.code == .timedOut && ContinuousClock.now - start >= .milliseconds(500))
        let waiting = Task { try await redis.withConnection { _ in } }
        waiting.cancel()
        let cancelled = await #expect(throws: RedisError.self) { try await waiting.value }
        #expect(cancelled?.code == .cancelled)
        held.cancel()
        _ = try? await held.value
        try await redis.withConnection { (connection) async throws -> Void in try await connection.execute(PING()) }
        // What nobody uses for long is closed.
        while try await Self.connections(redis) > 1 { try await Task.sleep(for: .milliseconds(20)) }
    }

    @Test func thousandsOfLeasesWithCancellationsLoseNoConnection() async throws {
        let server = try await RedisServer()
        let redis = try Self.client(server.port) {
            $0.pool.maximumConnections = 3
            $0.pool.acquireTimeout = .seconds(20)
            $0.pool.maximumWaiters = 10_000
        }
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<2_000 {
                group.addTask {
                    let task = Task {
                        try await redis.withConnection { try await $0.execute(RawCommand("ECHO", number)).integer }
                    }
                    if number.isMultiple(of: 3) { task.cancel() }
                    switch await task.result {
                    case .success(let echo): #expect(echo == Int64(number))
                    case .failure: #expect(number.isMultiple(of: 3))
                    }
                }
            }
        }
        try await redis.withConnection { (first) async throws -> Void in
            try await redis.withConnection { (second) async throws -> Void in
                try await redis.withConnection { (third) async throws -> Void in try await third.execute(PING()) }
            }
        }
        await redis.close()
        let error = await #expect(throws: RedisError.self) { try await redis.withConnection { _ in } }
        #expect(error?.code == .clientClosed)
    }
}
