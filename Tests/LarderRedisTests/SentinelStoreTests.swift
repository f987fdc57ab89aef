// SPDX-License-Identifier: Apache-2.0

import Larder
import LarderRedis
import RedisDriver
import ServerFixtures
import Testing

/// A server that sentinels replace.
@Suite(.timeLimit(.minutes(1))) struct SentinelStoreTests {
    @Test func afterAFailoverNothingIsServedThatWasInvalidated() async throws {
        let primary = try await RedisServer(RedisServer.Options(settings: ["repl-diskless-sync-delay": "0"]))
        let replica = try await RedisServer(
            RedisServer.Options(settings: ["replicaof": "127.0.0.1 \(primary.port)"]))
        let sentinel = try await RedisSentinelServer(of: "shop", port: primary.port)
        let watch = try RedisClient(RedisClientConfiguration(port: sentinel.port))
        while try await watch.execute(RawCommand("SENTINEL", "REPLICAS", "shop")) == .array([]) {
            try await Task.sleep(for: .milliseconds(20))
        }
        let other = try RedisClient(RedisClientConfiguration(port: replica.port))
        while try await other.execute(INFO("replication"))["master_link_status"] != "up" {
            try await Task.sleep(for: .milliseconds(20))
        }
        let register = Register()
        let topology = RedisTopology.sentinel([sentinel.address], primary: "shop")
        let (reader, writer) = (
            try Register.Process(register, topology: topology, near: .init()),
            try Register.Process(register, topology: topology)
        )
        for id in 1...20 { #expect(try await reader.readUntilNear(id) == 1) }
        _ = try await writer.client.execute(WAIT(1, blocking: .seconds(5)))
        // What is invalidated from now on the replica does not hear.
        replica.pause()
        let admin = try RedisClient(RedisClientConfiguration(port: primary.port))
        try await admin.execute(RawCommand("CLIENT", "KILL", "TYPE", "replica"))
        for id in 1...20 {
            register[id] = 2
            #expect(await writer.read.invalidate(id) == .applied)
        }
        await primary.kill()
        replica.resume()
        try await Task.sleep(for: .milliseconds(260))
        var isBack = false
        while !isBack {
            isBack = true
            for process in [reader, writer] {
                for id in 1...20 {
                    let result = try await process.read.result(id)
                    #expect(result.value == 2)
                    if result.source == .miss { isBack = false }
                }
            }
        }
        #expect(try await reader.readUntilNear(1) == 2)
    }
}
