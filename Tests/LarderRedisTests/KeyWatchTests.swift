// SPDX-License-Identifier: Apache-2.0

import Larder
import LarderRedis
import LarderTesting
import RedisDriver
import ServerFixtures
import Testing

/// Waiters are woken by the server.
@Suite(.timeLimit(.minutes(1))) struct KeyWatchTests {
    private let key = CacheKey(namespace: "watch", region: "r", 1)

    private func store(_ port: Int) throws -> RedisStore {
        RedisStore(
            try RedisClient(RedisClientConfiguration(port: port)),
            configuration: RedisStoreConfiguration(timeout: .seconds(10)))
    }

    /// How long a wait of up to ten seconds takes while `change` happens.
    private func wait(
        on store: RedisStore, from image: EntryImage?, _ change: () async throws -> Void
    ) async throws -> Duration {
        let start = ContinuousClock.now
        async let isTold = store.awaitChange(of: self.key, from: image, within: .seconds(10))
        try await change()
        #expect(try await isTold)
        return ContinuousClock.now - start
    }

    @Test func everyChangeOfAKeyWakesItsWaiters() async throws {
        let server = try await RedisServer()
        let (store, other) = (try self.store(server.port), try self.store(server.port))
        _ = try await other.log(of: "watch", since: nil)
        func image() async throws -> EntryImage? { try await other.read(self.key, since: nil).record.image }
        let changes: [@Sendable () async throws -> Void] = [
            { _ = try await other.acquire(self.key, seen: nil, token: LeaseToken(), for: .seconds(5)) },
            { try await other.invalidate(self.key, by: .remove) },
            { try await other.invalidate(self.key, by: .holdOff(.milliseconds(500))) },
            {},
        ]
        for change in changes {
            let seen = try await image()
            #expect(try await self.wait(on: store, from: seen, change) < .seconds(5))
        }
        // What is no longer as it was seen is not waited for.
        _ = try await other.acquire(self.key, seen: nil, token: LeaseToken(), for: .seconds(5))
        #expect(try await self.wait(on: store, from: nil) {} < .seconds(5))
    }

    @Test func aWaitEndsByItself() async throws {
        let server = try await RedisServer()
        let store = try self.store(server.port)
        #expect(try await store.awaitChange(of: self.key, from: nil, within: .milliseconds(50)))
    }

    @Test func aUserWhoMayNotTrackIsAnError() async throws {
        let server = try await RedisServer()
        let admin = try RedisClient(RedisClientConfiguration(port: server.port))
        try await admin.execute(RawCommand("ACL", "SETUSER", "default", "-client|tracking"))
        await #expect(throws: StoreRefusal.self) {
            try await self.store(server.port).awaitChange(of: self.key, from: nil, within: .seconds(10))
        }
    }
}
