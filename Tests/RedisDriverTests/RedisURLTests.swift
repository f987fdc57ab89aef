// SPDX-License-Identifier: Apache-2.0

import RedisDriver
import Testing

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
        ("redis://h/-1", "path"), ("redis://user@h", "password"), ("redis://h?x=1", "query"), ("redis://h:p", "URL"),
    ])
    func aWrongURLNamesThePartThatIsWrong(url: String, part: String) {
        let error = #expect(throws: RedisError.self) { try RedisClientConfiguration(url: url) }
        #expect(error?.code == .invalidConfiguration)
        #expect(error?.message.contains(part) == true, "\(url): \(error?.message ?? "")")
    }

    @Test func aSecretIsNotRepeated() {
        let error = #expect(throws: RedisError.self) {
            try RedisClientConfiguration(url: "redis://u:hunter2@h:6379/notanumber")
        }
        #expect(error.map { "\($0)".contains("hunter2") } == false)
    }
}
