// SPDX-License-Identifier: Apache-2.0

import Larder
import LarderRedis
import LarderTesting
import NIOConcurrencyHelpers
import RedisDriver

extension RedisStoreConfiguration {
    /// For what is no matter of time, on a machine that has much else to do.
    static let patient = RedisStoreConfiguration(timeout: .seconds(5))
}

/// A source of truth with versions, shared by processes that cache it.
final class Register: Sendable {
    private let state = NIOLockedValueBox<(values: [Int: Int], loads: Int, gate: Gate?)>(([:], 0, nil))

    subscript(id: Int) -> Int {
        get { self.state.withLockedValue { $0.values[id] ?? 1 } }
        set { self.state.withLockedValue { $0.values[id] = newValue } }
    }

    var loads: Int { self.state.withLockedValue { $0.loads } }

    /// Loads that begin from now on stop at this gate once they have read.
    func hold(at gate: Gate?) {
        self.state.withLockedValue { $0.gate = gate }
    }

    fileprivate func load(_ id: Int) async -> Int {
        let (value, gate) = self.state.withLockedValue { state in
            state.loads += 1
            return (state.values[id] ?? 1, state.gate)
        }
        await gate?.wait()
        return value
    }

    /// A process that caches the register: a client, a cache and a function of its own.
    struct Process: Sendable {
        let client: RedisClient
        let cache: Cache
        let read: CacheFunction<Int, Int>

        init(
            _ register: Register, port: Int = 0, topology: RedisTopology? = nil, namespace: String = "register",
            store: RedisStoreConfiguration = RedisStoreConfiguration(timeout: .milliseconds(500)),
            configuration: CacheConfiguration = CacheConfiguration(),
            commandTimeout: Duration = .seconds(1),
            near: NearCacheConfiguration? = nil
        ) throws {
            var store = store
            store.nearCache = near
            var client = RedisClientConfiguration(
                port: port, connectTimeout: store.timeout * 0.6, commandTimeout: commandTimeout,
                reconnectPause: .milliseconds(10), maximumReconnectPause: .milliseconds(100))
            if let topology { client.topology = topology }
            self.client = try RedisClient(client)
            self.cache = Cache(
                namespace, store: .redis(self.client, configuration: store), configuration: configuration)
            self.read = self.cache.function("value", .ttl(.seconds(3_600))) { (id: Int) in await register.load(id) }
                .tagged { _, id in ["all", "id:\(id)"] }
        }

        /// Reads until the value comes from the store.
        func readUntilHit(_ id: Int) async throws -> Int {
            while true {
                let result = try await self.read.result(id)
                if result.source == .hit { return result.value }
                try await Task.sleep(for: .milliseconds(2))
            }
        }

        /// Waits until the store is asked again and nothing is queued.
        func recovered() async throws {
            while true {
                let health = await self.cache.health()
                if health.state == .up, health.queuedInvalidations == 0 { return }
                try await Task.sleep(for: .milliseconds(5))
            }
        }
    }
}
