// SPDX-License-Identifier: Apache-2.0

#if Hummingbird
public import Hummingbird
import Larder
import NIOCore
public import RedisDriver

/// Hummingbird's persist framework on Redis or Valkey, for code that is written for it.
///
/// ```swift
/// let persist = RedisPersistDriver(redis, namespace: "shop")
/// try await persist.create(key: "invitation", value: invitation, expires: .seconds(86_400))
/// ```
///
/// Values are JSON. What the server does not do throws `RedisError`. The client is not closed with the driver.
public struct RedisPersistDriver: PersistDriver {
    private let client: RedisClient
    private let prefix: String

    /// Makes a driver.
    ///
    /// - Parameters:
    ///   - client: The client, which may be shared with caches.
    ///   - namespace: The name of the service, with which the names of its keys begin.
    public init(_ client: RedisClient, namespace: String) {
        self.client = client
        self.prefix = CacheKey(namespace: namespace, reserved: "persist").text + ":"
    }

    public func create<Object: Codable & Sendable>(key: String, value: Object, expires: Duration?) async throws {
        let bytes = try JSONCacheCodec().encode(value)
        guard try await self.client.execute(SET(self.prefix + key, bytes, for: expires, .ifMissing)) else {
            throw PersistError.duplicate
        }
    }

    public func set<Object: Codable & Sendable>(key: String, value: Object, expires: Duration?) async throws {
        let bytes = try JSONCacheCodec().encode(value)
        if let expires {
            _ = try await self.client.execute(SET(self.prefix + key, bytes, for: expires))
        } else {
            let name = RedisKey(self.prefix + key)
            _ = try await self.client.execute(RawCommand("SET", name, bytes, "KEEPTTL", keys: [name]))
        }
    }

    public func get<Object: Codable & Sendable>(key: String, as type: Object.Type) async throws -> Object? {
        try await self.client.execute(GET(self.prefix + key)).map { try Self.object(type, $0) }
    }

    public func getWithTTL<Object: Codable & Sendable>(
        key: String, as type: Object.Type
    ) async throws -> (object: Object, ttl: Duration?)? {
        let (bytes, lifetime) = try await self.client.pipeline(GET(self.prefix + key), PTTL(self.prefix + key))
        guard let bytes = try bytes.get() else { return nil }
        switch try lifetime.get() {
        case .missing: return nil
        case .endless: return (try Self.object(type, bytes), nil)
        case .limited(let left): return (try Self.object(type, bytes), left)
        }
    }

    public func remove(key: String) async throws {
        _ = try await self.client.execute(UNLINK(self.prefix + key))
    }

    private static func object<Object: Decodable>(_ type: Object.Type, _ bytes: ByteBuffer) throws -> Object {
        do {
            return try JSONCacheCodec().decode(type, from: bytes)
        } catch {
            throw PersistError.invalidConversion
        }
    }
}
#endif
