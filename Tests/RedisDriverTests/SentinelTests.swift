// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOConcurrencyHelpers
import NIOCore
import ServerFixtures
import Testing

@testable import RedisDriver

@Suite(.serialized, .timeLimit(.minutes(1))) struct SentinelTests {
    /// A server with a replica, and sentinels that watch over them.
    private struct Servers {
        let primary: RedisServer
        let replica: RedisServer
        let sentinels: [RedisSentinelServer]

        init(sentinels count: Int = 1, password: String? = nil) async throws {
            self.primary = try await RedisServer(RedisServer.Options(settings: ["repl-diskless-sync-delay": "0"]))
            self.replica = try await RedisServer(
                RedisServer.Options(settings: ["replicaof": "127.0.0.1 \(self.primary.port)"]))
            var sentinels: [RedisSentinelServer] = []
            for _ in 0..<count {
                sentinels.append(
                    try await RedisSentinelServer(of: "shop", port: self.primary.port, password: password))
            }
            self.sentinels = sentinels
            // A failover needs a replica that is known and up to date.
            for sentinel in sentinels {
                let admin = try RedisClient(
                    RedisClientConfiguration(port: sentinel.port, password: password))
                while try await admin.execute(RawCommand("SENTINEL", "REPLICAS", "shop")) == .array([]) {
                    try await Task.sleep(for: .milliseconds(20))
                }
            }
            let admin = try RedisClient(RedisClientConfiguration(port: self.replica.port))
            while try await admin.execute(INFO("replication"))["master_link_status"] != "up" {
                try await Task.sleep(for: .milliseconds(20))
            }
        }

        func client(
            password: String? = nil, _ change: (inout RedisClientConfiguration) -> Void = { _ in }
        ) throws -> RedisClient {
            var configuration = RedisClientConfiguration(
                commandTimeout: .seconds(1), reconnectPause: .milliseconds(10),
                maximumReconnectPause: .milliseconds(100))
            configuration.topology = .sentinel(
                self.sentinels.map(\.address), primary: "shop",
                credentials: password.map { RedisCredentials(password: $0) })
            change(&configuration)
            return try RedisClient(configuration)
        }
    }

    private static func port(_ client: RedisClient) async throws -> String? {
        try await client.execute(INFO("server"))["tcp_port"]
    }

    /// Writes until it succeeds.
    private static func write(_ client: RedisClient, _ key: String) async throws {
        while true {
            do {
                try await client.execute(SET(key, "v"))
                return
            } catch {
                try await Task.sleep(for: .milliseconds(10))
            }
        }
    }

    private static func error(_ body: () async throws(RedisError) -> some Any) async -> RedisError? {
        do throws(RedisError) {
            _ = try await body()
            return nil
        } catch {
            return error
        }
    }

    @Test func thePrimaryIsFoundAndAFailoverFollowedUnderLoad() async throws {
        let servers = try await Servers()
        let redis = try servers.client()
        #expect(try await Self.port(redis) == "\(servers.primary.port)")
        let load: Load = {
            let text = "\(UInt64.random(in: .min ... .max))"
            if let echo = try? await redis.execute(RawCommand("ECHO", text)) { #expect(echo.text == text) }
            _ = try? await redis.execute(SET("load", text))
        }
        try await underLoad(Array(repeating: load, count: 4)) {
            await servers.primary.kill()
            try await Self.write(redis, "after")
        }
        #expect(try await Self.port(redis) == "\(servers.replica.port)")
        await redis.close()
    }

    /// The old server lives on, as a replica: nobody is left with it.
    @Test func aSwitchWithoutALossIsFollowed() async throws {
        let servers = try await Servers()
        let redis = try servers.client()
        try await redis.execute(SET("k", "v"))
        let sentinel = try RedisClient(RedisClientConfiguration(port: servers.sentinels[0].port))
        // It takes a while to find a replica good enough.
        while (try? await sentinel.execute(RawCommand("SENTINEL", "FAILOVER", "shop"))) == nil {
            try await Task.sleep(for: .milliseconds(50))
        }
        while (try? await Self.port(redis)) != "\(servers.replica.port)" {
            try await Task.sleep(for: .milliseconds(20))
        }
        try await Self.write(redis, "after")
        try await redis.subscribe(to: ["news"]) { (subscription) async throws -> Void in
            try await redis.execute(PUBLISH("news", "on"))
            var reader = subscription.makeAsyncIterator()
            guard case .message? = await reader.next() else {
                Issue.record("not heard")
                return
            }
        }
    }

    /// No sentinel says anything: the server's own answer tells.
    @Test func aServerThatTakesNoWritesIsLeft() async throws {
        let servers = try await Servers(sentinels: 2)
        let redis = try servers.client()
        try await redis.execute(SET("k", "v"))
        let admin = try RedisClient(RedisClientConfiguration(port: servers.primary.port))
        try await admin.execute(RawCommand("REPLICAOF", "127.0.0.1", servers.replica.port))
        let error = await #expect(throws: RedisError.self) { try await redis.execute(SET("k", "w")) }
        #expect(error?.prefix == "READONLY" || error?.code == .connectionFailed)
        // It is not spoken to any more, also to read, until it takes writes again.
        while await Self.error({ () async throws(RedisError) in try await redis.execute(GET("k")) })?.code
            != .connectionFailed
        {
            try await Task.sleep(for: .milliseconds(5))
        }
        try await admin.execute(RawCommand("REPLICAOF", "NO", "ONE"))
        try await Self.write(redis, "after")
    }

    @Test func oneSentinelOfManyIsEnough() async throws {
        let servers = try await Servers(password: "hunter2")
        var configuration = RedisClientConfiguration(commandTimeout: .seconds(2))
        configuration.topology = .sentinel(
            [RedisAddress(host: "127.0.0.1", port: 1), servers.sentinels[0].address], primary: "shop",
            credentials: RedisCredentials(password: "hunter2"))
        let redis = try RedisClient(configuration)
        #expect(try await Self.port(redis) == "\(servers.primary.port)")
        configuration.topology = .sentinel(
            [servers.sentinels[0].address], primary: "shop", credentials: RedisCredentials(password: "wrong"))
        let wrong = try RedisClient(configuration)
        let error = await #expect(throws: RedisError.self) { try await wrong.execute(PING()) }
        #expect(error?.code == .connectionFailed && error.map { !"\($0)".contains("wrong") } == true)
        configuration.topology = .sentinel(
            [servers.sentinels[0].address], primary: "other", credentials: RedisCredentials(password: "hunter2"))
        let unknown = try RedisClient(configuration)
        let missing = await #expect(throws: RedisError.self) { try await unknown.execute(PING()) }
        #expect(missing?.code == .connectionFailed)
    }
}
