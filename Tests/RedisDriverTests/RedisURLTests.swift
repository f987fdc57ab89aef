// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import RedisDriver

@Suite struct RedisURLTests {
    @Test func aURLSetsWhatItNames() throws {
        let plain = try RedisClientConfiguration(url: "redis://cache.local")
        #expect(plain.host == "cache.local" && plain.port == 6379 && plain.database == 0)
        #expect(plain.username == nil && plain.password == nil && plain.tls == nil)

        let full = try RedisClientConfiguration(url: "rediss://app:p%40ss@[::1]:6380/3")
        #expect(full.host == "::1" && full.port == 6380 && full.database == 3)
        #expect(full.username == "app" && full.password == "p@ss" && full.tls != nil)

        let password = try RedisClientConfiguration(url: "redis://:secret@localhost/")
        #expect(password.username == nil && password.password == "secret")
    }

    @Test(arguments: [
        ("", "scheme"), ("localhost", "scheme"), ("http://localhost", "scheme"), ("redis://", "host"),
        ("redis:///0", "host"), ("redis://h:0", "port"), ("redis://h:70000", "port"), ("redis://h/x", "path"),
        ("redis://h/-1", "path"), ("redis://user@h", "password"), ("redis://h?x=1", "query"), ("redis://h:p", "port"),
        ("redis://h/0/1", "path"), ("redis://a,b", "host"), ("redis+cluster://a,,b", "host"), ("redis://[::1", "host"),
        ("redis+cluster://a/0", "path"), ("redis+sentinel://a", "path"), ("redis+sentinel://a/n/x", "path"),
        ("redis+file://a", "scheme"), ("redis://h?connections=x", "connections"), ("redis://h?connections", "query"),
        ("redis://h?connections=1&connections=2", "twice"), ("redis://h#x", "fragment"), ("redis://%zz@h", "password"),
        ("redis://u:%zz@h", "password"), ("redis+cluster://a?readsFromReplicas=maybe", "readsFromReplicas"),
        ("redis://h?commandTimeoutMilliseconds=-1", "commandTimeoutMilliseconds"),
    ])
    func aWrongURLNamesThePartThatIsWrong(url: String, part: String) {
        let error = #expect(throws: RedisError.self) { try RedisClientConfiguration(url: url) }
        #expect(error?.code == .invalidConfiguration)
        #expect(error?.message.contains(part) == true, "\(url): \(error?.message ?? "")")
    }

    @Test func manyHostsAndOptionsAreRead() throws {
        let cluster = try RedisClientConfiguration(
            url: "rediss+cluster://u:p@a:7000,[::1]:7001,c?readsFromReplicas=true&connections=2")
        guard case .cluster(let seeds, true) = cluster.topology.kind else {
            Issue.record("no cluster")
            return
        }
        #expect(seeds.map(\.description) == ["a:7000", "[::1]:7001", "c:6379"])
        #expect(cluster.tls != nil && cluster.username == "u" && cluster.connections == 2)

        let sentinel = try RedisClientConfiguration(
            url: "redis+sentinel://a,b:5000/shop/3?sentinelPassword=s%26t&commandTimeoutMilliseconds=250"
                + "&idleTimeoutMilliseconds=1500&clientName=web")
        guard case .sentinel(let sentinels, "shop", let credentials) = sentinel.topology.kind else {
            Issue.record("no sentinels")
            return
        }
        #expect(sentinels.map(\.description) == ["a:26379", "b:5000"])
        #expect(credentials?.password == "s&t" && sentinel.database == 3 && sentinel.clientName == "web")
        #expect(sentinel.commandTimeout == .milliseconds(250) && sentinel.pool.idleTimeout == .milliseconds(1_500))
        #expect(!"\(sentinel)".contains("s&t"))
    }

    @Test func aSecretIsNotRepeated() {
        let error = #expect(throws: RedisError.self) {
            try RedisClientConfiguration(url: "redis://u:hunter2@h:6379/notanumber")
        }
        #expect(error.map { "\($0)".contains("hunter2") } == false)
    }
}
