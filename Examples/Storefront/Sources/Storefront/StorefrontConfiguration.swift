// SPDX-License-Identifier: Apache-2.0

import Foundation
import Hummingbird
import Larder
import LarderHummingbird
import Logging
import NIOSSL
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
    /// What sessions are sealed with, and what the names of their owners are made with; nil for the demo's.
    var sessionKeys: SealingKeys?
    var sessionOwnersSecret: [UInt8]?
    /// Where browsers reach the service, such as `https://shop.example`; nil for on this machine, over plain HTTP.
    var publicOrigin: String?
    /// What it serves TLS with; nil for plain HTTP.
    var tls: TLSConfiguration?
    /// Who may use the console; nil for nobody.
    var console: Console?
    /// The proxies whose word is taken for who asks.
    var trustedProxies = TrustedProxies.none
    /// How long each load of products pauses after its query has run, so that races and stampedes can be shown.
    var queryDelay = Duration.zero
    var logLevel = Logger.Level.notice
    var logFormat = LogFormat.text

    /// How messages are written.
    enum LogFormat: String, CaseIterable {
        case text, json
    }

    /// Who may use the console.
    enum Console: Equatable {
        /// Whoever is on the machine.
        case thisMachine
        /// These users, once they have logged in.
        case operators(Set<String>)
    }

    /// A variable that cannot be used.
    struct Invalid: Error, CustomStringConvertible {
        var name: String
        /// Nil for one that may hold a secret.
        var value: String?
        var problem: String

        init(name: String, value: String, expected: String) {
            self.init(name: name, value: value, problem: "expected \(expected)")
        }

        init(name: String, value: String, problem: String) {
            self.name = name
            self.value = value
            self.problem = problem
        }

        init(secret name: String, problem: String) {
            self.name = name
            self.problem = problem
        }

        var description: String { self.name + (self.value.map { "=\($0)" } ?? "") + ": \(self.problem)" }
    }

    /// Whether browsers speak TLS, with the service or with a proxy before it.
    var isReachedOverTLS: Bool { self.publicOrigin != nil || self.tls != nil }

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
        self.sealingKeys = try Self.keys("SEALING_KEYS", environment)
        self.tls = try Self.tls(environment)
        try self.readSessions(environment)
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
        if let value = environment.get("LOG_FORMAT"), !value.isEmpty {
            guard let format = LogFormat(rawValue: value.lowercased()) else {
                throw Invalid(name: "LOG_FORMAT", value: value, expected: "text or json")
            }
            self.logFormat = format
        }
    }

    private mutating func readSessions(_ environment: Environment) throws(Invalid) {
        self.sessionKeys = try Self.keys("SESSION_KEYS", environment)
        if let value = environment.get("SESSION_OWNERS_SECRET"), !value.isEmpty {
            guard let secret = Data(base64Encoded: value), secret.count >= 32 else {
                throw Invalid(secret: "SESSION_OWNERS_SECRET", problem: "expected 32 bytes or more in Base64")
            }
            self.sessionOwnersSecret = Array(secret)
        }
        guard (self.sessionKeys == nil) == (self.sessionOwnersSecret == nil) else {
            throw Invalid(secret: "SESSION_KEYS", problem: "goes together with SESSION_OWNERS_SECRET")
        }
        if let value = environment.get("PUBLIC_ORIGIN"), !value.isEmpty {
            guard let url = URL(string: value), let host = url.host(), !host.isEmpty, url.path().isEmpty,
                url.scheme == "https"
            else {
                throw Invalid(name: "PUBLIC_ORIGIN", value: value, expected: "https://host, without a path")
            }
            self.publicOrigin = value
        }
        if let value = environment.get("CONSOLE"), !value.isEmpty {
            let users = value.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            guard value == "this-machine" || users.allSatisfy({ Int($0).map { $0 > 0 } ?? false }) else {
                throw Invalid(
                    name: "CONSOLE", value: value, expected: "this-machine, or numbers of users with commas between")
            }
            self.console = value == "this-machine" ? .thisMachine : .operators(Set(users))
        }
        if let value = environment.get("TRUSTED_PROXIES"), !value.isEmpty {
            do {
                self.trustedProxies = try TrustedProxies(value.split(separator: ",").map(String.init))
            } catch {
                throw Invalid(
                    name: "TRUSTED_PROXIES", value: value, expected: "addresses or networks with commas between")
            }
        }
    }

    private static func tls(_ environment: Environment) throws(Invalid) -> TLSConfiguration? {
        func path(_ name: String) -> String? { environment.get(name).flatMap { $0.isEmpty ? nil : $0 } }
        guard let certificate = path("TLS_CERTIFICATE") else {
            guard let key = path("TLS_PRIVATE_KEY") else { return nil }
            throw Invalid(name: "TLS_PRIVATE_KEY", value: key, problem: "goes together with TLS_CERTIFICATE")
        }
        guard let key = path("TLS_PRIVATE_KEY") else {
            throw Invalid(name: "TLS_CERTIFICATE", value: certificate, problem: "goes together with TLS_PRIVATE_KEY")
        }
        let chain: [NIOSSLCertificate]
        do {
            chain = try NIOSSLCertificate.fromPEMFile(certificate)
        } catch {
            throw Invalid(name: "TLS_CERTIFICATE", value: certificate, expected: "a file with certificates as PEM")
        }
        do {
            return .makeServerConfiguration(
                certificateChain: chain.map { .certificate($0) },
                privateKey: .privateKey(try NIOSSLPrivateKey(file: key, format: .pem)))
        } catch {
            throw Invalid(name: "TLS_PRIVATE_KEY", value: key, expected: "a file with a private key as PEM")
        }
    }

    private static func keys(_ name: String, _ environment: Environment) throws(Invalid) -> SealingKeys? {
        guard let value = environment.get(name), !value.isEmpty else { return nil }
        do {
            return try SealingKeys(text: value)
        } catch {
            throw Invalid(secret: name, problem: "expected number:secret pairs with commas between: \(error)")
        }
    }
}
