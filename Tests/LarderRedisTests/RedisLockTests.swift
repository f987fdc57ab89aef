// SPDX-License-Identifier: Apache-2.0

import LarderRedis
import NIOConcurrencyHelpers
import RedisDriver
import ServerFixtures
import Testing

private let server = Task { try await RedisServer() }

@Suite(.timeLimit(.minutes(1))) struct RedisLockTests {
    private let name = "lock-\(UInt64.random(in: 0 ... .max))"

    private func client(_ port: Int? = nil) async throws -> RedisClient {
        let shared = try await server.value.port
        return try RedisClient(RedisClientConfiguration(port: port ?? shared))
    }

    private func lock(lease: Duration = .seconds(10), port: Int? = nil) async throws -> RedisLock {
        RedisLock(
            self.name, in: "locks", on: try await self.client(port), leaseDuration: lease, timeout: .seconds(5))
    }

    private var key: String { "locks:+lock:{s.\(self.name)}" }

    @Test func onlyOneIsInsideAtOnce() async throws {
        let locks = try await [self.lock(), self.lock()]
        let state = NIOLockedValueBox((inside: 0, count: 0, numbers: [Int64]()))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<20 {
                group.addTask {
                    try await locks[index % 2].withLock(waitingUpTo: .seconds(30)) { lease in
                        state.withLockedValue { state in
                            state.inside += 1
                            state.numbers.append(lease.fencingNumber)
                            #expect(state.inside == 1)
                        }
                        try await Task.sleep(for: .milliseconds(3))
                        state.withLockedValue { state in
                            state.inside -= 1
                            state.count += 1
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        let (_, count, numbers) = state.withLockedValue { $0 }
        #expect(count == 20 && numbers == numbers.sorted() && Set(numbers).count == 20)
    }

    @Test func whoDoesNotWaitIsToldThatItIsHeld() async throws {
        let lock = try await self.lock()
        try await lock.withLock { _ in
            let start = ContinuousClock.now
            await #expect { try await lock.withLock { _ in } } throws: { ($0 as? RedisLockError)?.code == .held }
            await #expect { try await lock.withLock(waitingUpTo: .milliseconds(100)) { _ in } } throws: {
                ($0 as? RedisLockError)?.code == .held
            }
            #expect(ContinuousClock.now - start < .seconds(5))
        }
        #expect(try await lock.withLock { _ in 42 } == 42)
    }

    @Test func whatTheBodyThrowsComesOutAndTheLockIsFree() async throws {
        struct Failed: Error {}
        let lock = try await self.lock()
        await #expect(throws: Failed.self) { try await lock.withLock { _ in throw Failed() } }
        try await lock.withLock { _ in }
    }

    @Test func aLeaseIsRenewedWhileTheBodyRuns() async throws {
        let lock = try await self.lock(lease: .milliseconds(600))
        try await lock.withLock { lease in
            try await Task.sleep(for: .milliseconds(2_000))
            #expect(lease.isValid)
        }
    }

    @Test func aBodyIsCancelledWhenItsLeaseIsLost() async throws {
        let lock = try await self.lock(lease: .milliseconds(600))
        let admin = try await self.client()
        let isCancelled = NIOLockedValueBox(false)
        let start = ContinuousClock.now
        await #expect {
            try await lock.withLock { lease in
                try await admin.execute(RawCommand("SET", self.key, "somebody else"))
                do {
                    try await Task.sleep(for: .seconds(20))
                } catch {
                    isCancelled.withLockedValue { $0 = true }
                    #expect(!lease.isValid)
                }
            }
        } throws: { ($0 as? RedisLockError)?.code == .lost }
        #expect(isCancelled.withLockedValue { $0 } && ContinuousClock.now - start < .seconds(5))
        // What somebody else holds is left to them.
        #expect(try await admin.execute(RawCommand("GET", self.key)).text == "somebody else")
    }

    @Test func aBodyIsCancelledWhenTheServerDoesNotAnswerUntilTheLeaseEnds() async throws {
        let server = try await RedisServer()
        let lock = try await self.lock(lease: .milliseconds(900), port: server.port)
        let start = ContinuousClock.now
        await #expect {
            try await lock.withLock { _ in
                server.pause()
                try await Task.sleep(for: .seconds(20))
            }
        } throws: { ($0 as? RedisLockError)?.code == .lost }
        #expect(ContinuousClock.now - start < .seconds(10))
        await #expect { try await lock.withLock { _ in } } throws: { ($0 as? RedisLockError)?.code == .unavailable }
        server.resume()
    }

    /// An outage that is over before the lease is costs nothing.
    @Test func aLeaseOutlastsAnOutageThatIsShorter() async throws {
        let server = try await RedisServer()
        let proxy = try await FaultProxy(to: server.port)
        let lock = RedisLock(
            self.name, in: "locks", on: try await self.client(proxy.port), leaseDuration: .milliseconds(3_000),
            timeout: .milliseconds(200))
        try await lock.withLock { lease in
            proxy.set(.hang)
            try await Task.sleep(for: .milliseconds(1_800))
            proxy.set(.none)
            try await Task.sleep(for: .milliseconds(3_000))
            #expect(lease.isValid)
        }
    }

    @Test func aBodyThatTakesItsTimeToEndHoldsTheLockUntilThen() async throws {
        let lock = try await self.lock(lease: .milliseconds(600))
        let task = Task {
            try await lock.withLock { lease in
                // As what must not be left half done: it does not look whether it is cancelled.
                let end = ContinuousClock.now + .milliseconds(1_500)
                while ContinuousClock.now < end { await Task.yield() }
                #expect(lease.isValid)
            }
        }
        try await Task.sleep(for: .milliseconds(100))
        task.cancel()
        try await task.value
    }

    @Test func aHolderThatHasDiedKeepsOthersOutForItsLeaseAlone() async throws {
        let admin = try await self.client()
        try await admin.execute(RawCommand("SET", self.key, "dead", "PX", "300"))
        let start = ContinuousClock.now
        try await self.lock().withLock(waitingUpTo: .seconds(10)) { _ in }
        #expect(ContinuousClock.now - start >= .milliseconds(200))
    }

    @Test func numbersRiseAlsoWhenTheLastIsLost() async throws {
        let lock = try await self.lock()
        let admin = try await self.client()
        var last: Int64 = 0
        for damage in [
            RawCommand("PING"), RawCommand("DEL", self.key + ":fence"), RawCommand("SET", self.key + ":fence", "x"),
            RawCommand("SET", self.key + ":fence", "1"), RawCommand("PING"),
        ] {
            try await admin.execute(damage)
            let number = try await lock.withLock { $0.fencingNumber }
            #expect(number > last)
            last = number
        }
        try await admin.execute(RawCommand("DEL", self.key + ":fence"))
        try await admin.execute(RawCommand("LPUSH", self.key + ":fence", "x"))
        #expect(try await lock.withLock { $0.fencingNumber } > last)
    }

    @Test func aCallerWhoIsCancelledLeavesTheLockFree() async throws {
        let lock = try await self.lock()
        let task = Task { try await lock.withLock { _ in try await Task.sleep(for: .seconds(20)) } }
        try await Task.sleep(for: .milliseconds(200))
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        try await lock.withLock { _ in }
    }
}
