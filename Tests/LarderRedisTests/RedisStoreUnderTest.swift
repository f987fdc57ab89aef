// SPDX-License-Identifier: Apache-2.0

import Larder
import LarderRedis
import LarderTesting
import NIOCore
import RedisDriver
import ServerFixtures

/// A namespace of its own on a server that cases share, for the conformance suite.
struct RedisStoreUnderTest: StoreUnderTest {
    let namespace = "case-\(UInt64.random(in: 0 ... .max))"
    private let port: Int
    private let admin: RedisClient

    init(port: Int) throws {
        self.port = port
        self.admin = try RedisClient(RedisClientConfiguration(port: port))
    }

    var clock: any CacheClock { SystemClock() }

    func connect() async throws -> any CacheStore {
        RedisStore(
            try RedisClient(RedisClientConfiguration(port: self.port)),
            configuration: RedisStoreConfiguration(timeout: .seconds(10)))
    }

    /// A server's time cannot be turned: it passes.
    func advance(by duration: Duration) async throws {
        try await self.clock.sleep(for: duration)
    }

    func plant(_ bytes: ByteBuffer, for key: CacheKey, keptFor duration: Duration) async throws {
        try await self.admin.execute(SET(key.text, bytes, for: duration))
    }

    func loseLog() async throws {
        _ = try await self.admin.execute(UNLINK("{\(self.namespace)}:inv"))
    }
}
