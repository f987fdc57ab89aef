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
    private let configuration: RedisClientConfiguration
    private let admin: RedisClient

    init(_ configuration: RedisClientConfiguration) throws {
        self.configuration = configuration
        self.admin = try RedisClient(configuration)
    }

    var clock: any CacheClock { SystemClock() }

    func connect() async throws -> any CacheStore {
        RedisStore(
            try RedisClient(self.configuration),
            configuration: RedisStoreConfiguration(timeout: .seconds(10), nearCache: nil))
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
