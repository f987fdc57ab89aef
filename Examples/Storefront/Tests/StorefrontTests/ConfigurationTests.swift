// SPDX-License-Identifier: Apache-2.0

import Hummingbird
import Larder
import Logging
import RedisDriver
import Testing

@testable import Storefront

extension StorefrontTests {
    @Suite struct ConfigurationTests {
        @Test func theEnvironmentIsRead() throws {
            let configuration = try StorefrontConfiguration(
                environment: Environment(values: [
                    "HOST": "0.0.0.0", "PORT": "9000", "DATABASE_PATH": "/tmp/x", "LARDER_NAMESPACE": "n",
                    "QUERY_DELAY_MS": "250", "LOG_LEVEL": "DEBUG", "CONSOLE": "3,17",
                ]))
            #expect(configuration.console == .operators(["3", "17"]))
            #expect(configuration.host == "0.0.0.0" && configuration.port == 9_000)
            #expect(configuration.databasePath == "/tmp/x" && configuration.namespace == "n")
            #expect(configuration.redis == nil && configuration.consistency == .coherent)
            let bounded = try StorefrontConfiguration(environment: Environment(values: ["REGION_MODE": "Bounded"]))
            #expect(bounded.consistency == .standard)
            let shared = try StorefrontConfiguration(
                environment: Environment(values: ["REDIS_URL": "redis://cache:6380/2"]))
            #expect(shared.redis?.host == "cache" && shared.redis?.port == 6_380 && shared.redis?.database == 2)
            #expect(configuration.queryDelay == .milliseconds(250) && configuration.logLevel == .debug)
        }

        @Test(arguments: [
            ("PORT", "x"), ("PORT", "65536"), ("PORT", "-1"), ("QUERY_DELAY_MS", "fast"), ("QUERY_DELAY_MS", "-1"),
            ("LOG_LEVEL", "loud"), ("LOG_FORMAT", "xml"), ("REGION_MODE", "near"), ("PUBLIC_ORIGIN", "shop.example"),
            ("PUBLIC_ORIGIN", "https://shop.example/path"), ("PUBLIC_ORIGIN", "http://shop.example"),
            ("TRUSTED_PROXIES", "10.0.0.0/8,x"), ("CONSOLE", "ann"), ("CONSOLE", "1,"), ("CONSOLE", "0"),
        ])
        func whatCannotBeUsedIsNamed(_ name: String, _ value: String) {
            let error = #expect(throws: StorefrontConfiguration.Invalid.self) {
                try StorefrontConfiguration(environment: Environment(values: [name: value]))
            }
            #expect(error?.description.hasPrefix("\(name)=\(value): expected ") == true)
        }

        @Test func sealingKeysAreReadAndNotRepeated() throws {
            let secret = String(repeating: "A", count: 43) + "="
            #expect(
                try StorefrontConfiguration(
                    environment: Environment(values: ["SEALING_KEYS": "2:\(secret),1:\(secret)"])
                ).sealingKeys != nil)
            for value in ["hunter2", "1:hunter2", "x:\(secret)", "1:\(secret),1:\(secret)", "1:\(secret),"] {
                let error = #expect(throws: StorefrontConfiguration.Invalid.self) {
                    try StorefrontConfiguration(environment: Environment(values: ["SEALING_KEYS": value]))
                }
                #expect(error?.description.hasPrefix("SEALING_KEYS: expected ") == true)
                #expect(error?.description.contains("hunter2") == false)
            }
        }

        @Test func secretsOfSessionsGoTogether() throws {
            let secret = String(repeating: "A", count: 43) + "="
            let configuration = try StorefrontConfiguration(
                environment: Environment(values: [
                    "SESSION_KEYS": "1:\(secret)", "SESSION_OWNERS_SECRET": secret,
                    "PUBLIC_ORIGIN": "https://shop.example:8443", "TRUSTED_PROXIES": "10.0.0.0/8,fd00::1",
                ]))
            #expect(configuration.sessionKeys != nil && configuration.sessionOwnersSecret?.count == 32)
            #expect(configuration.publicOrigin == "https://shop.example:8443")
            for values in [
                ["SESSION_KEYS": "1:\(secret)"], ["SESSION_OWNERS_SECRET": secret],
                ["SESSION_KEYS": "1:\(secret)", "SESSION_OWNERS_SECRET": "hunter2"],
            ] {
                let error = #expect(throws: StorefrontConfiguration.Invalid.self) {
                    try StorefrontConfiguration(environment: Environment(values: values))
                }
                #expect(error?.description.hasPrefix("SESSION_") == true)
                #expect(error?.description.contains("hunter2") == false)
            }
        }

        @Test func aURLThatCannotBeUsedIsNotRepeated() {
            let error = #expect(throws: StorefrontConfiguration.Invalid.self) {
                try StorefrontConfiguration(environment: Environment(values: ["REDIS_URL": "http://:hunter2@cache"]))
            }
            #expect(error?.description == "REDIS_URL: the scheme of the URL must be redis or rediss")
        }
    }
}
