// SPDX-License-Identifier: Apache-2.0

import Hummingbird
import Larder
import Logging
import RedisDriver

/// What the environment says.
struct StorefrontConfiguration: Sendable {
    var host = "127.0.0.1"
    var port = 8080
    /// Where the catalogue is; made at the first start.
    var databasePath = "storefront.sqlite"
    /// The server that several processes share; nil to cache within this process.
    var redis: RedisClientConfiguration?
    /// How new what is read through the cache has to be.
    var consistency = ReadConsistency.coherent
    /// The name of the cache.
    var namespace = "storefront"
    /// What users are sealed with in the cache; nil for not at all.
    var sealingKeys: SealingKeys?
    /// How long each load of products pauses after its query has run, so that races and stampedes can be shown.
    var queryDelay = Duration.zero
    var logLevel = Logger.Level.notice

    /// A variable that cannot be used.
    struct Invalid: Error, CustomStringConvertible {
        var name: String
        /// Nil for one that may hold a secret.
        var value: String?
        var problem: String

        init(name: String, value: String, expected: String) {
            self.name = name
            self.value = value
            self.problem = "expected \(expected)"
        }

        init(secret name: String, problem: String) {
            self.name = name
            self.problem = problem
        }

        var description: String { self.name + (self.value.map { "=\($0)" } ?? "") + ": \(self.problem)" }
    }

    init() {}

    init(environment: Environment) throws(Invalid) {
        if let host = environment.get("HOST"), !host.isEmpty { self.host = host }
        if let value = environment.get("PORT") {
            guard let port = Int(value), (0...65_535).contains(port) else {
                throw Invalid(name: "PORT", value: value, expected: "a number from 0 to 65535")
            }
            self.port = port
        }
        if let path = environment.get("DATABASE_PATH"), !path.isEmpty { self.databasePath = path }
        if let namespace = environment.get("LARDER_NAMESPACE"), !namespace.isEmpty { self.namespace = namespace }
        if let url = environment.get("REDIS_URL"), !url.isEmpty {
            do {
                self.redis = try RedisClientConfiguration(url: url)
            } catch {
                throw Invalid(secret: "REDIS_URL", problem: error.message)
            }
        }
        if let value = environment.get("REGION_MODE"), !value.isEmpty {
            switch value.lowercased() {
            case "coherent": self.consistency = .coherent
            case "bounded": self.consistency = .standard
            default: throw Invalid(name: "REGION_MODE", value: value, expected: "coherent or bounded")
            }
        }
        if let value = environment.get("SEALING_KEYS"), !value.isEmpty {
            guard let keys = SealingKeys(environmentValue: value) else {
                throw Invalid(
                    secret: "SEALING_KEYS",
                    problem: "expected number:secret pairs with commas between, secrets of 32 bytes or more in Base64")
            }
            self.sealingKeys = keys
        }
        if let value = environment.get("QUERY_DELAY_MS") {
            guard let delay = Int(value), (0...60_000).contains(delay) else {
                throw Invalid(name: "QUERY_DELAY_MS", value: value, expected: "milliseconds from 0 to 60000")
            }
            self.queryDelay = .milliseconds(delay)
        }
        if let value = environment.get("LOG_LEVEL") {
            guard let level = Logger.Level(rawValue: value.lowercased()) else {
                throw Invalid(
                    name: "LOG_LEVEL", value: value,
                    expected: "one of " + Logger.Level.allCases.map(\.rawValue).joined(separator: ", "))
            }
            self.logLevel = level
        }
    }
}
