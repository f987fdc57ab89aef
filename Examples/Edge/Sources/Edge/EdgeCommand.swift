// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Larder
import LarderHTTP
import LarderRedis
import Logging
import NIOCore
import RedisDriver

/// A caching reverse proxy.
@main
struct EdgeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "larder-edge",
        abstract: "A caching reverse proxy.",
        discussion:
            "Passes requests on to one origin and caches what comes, as RFC 9111 allows, in the process or on Redis.")

    enum Profile: String, ExpressibleByArgument, CaseIterable {
        case standard, shared
    }

    @Option(help: "Where to listen.")
    var listen: HostPort = HostPort(host: "127.0.0.1", port: 8081)

    @Option(help: "The origin: http://host:port.")
    var origin: OriginURL

    @Option(help: "The Redis or Valkey server to cache on; in the process without it.")
    var redis: String?

    @Option(help: "The rules: standard for a service's own responses, shared for a shared cache by the letter.")
    var profile = Profile.shared

    @Flag(help: "Write a line for each request.")
    var accessLog = false

    private static let write: @Sendable (String) -> Void = { line in
        print(line)
        // At once, wherever it goes.
        fflush(nil)
    }

    func run() async throws {
        var logger = Logger(label: "larder-edge", factory: { StreamLogHandler.standardError(label: $0) })
        logger.logLevel = .warning
        let client: RedisClient?
        do {
            client = try self.redis.map { try RedisClient(RedisClientConfiguration(url: $0), logger: logger) }
        } catch {
            throw ValidationError("--redis: \(error)")
        }
        let cache =
            client.map { Cache("edge", store: .redis($0), logger: logger) }
            ?? Cache("edge", store: .embedded, logger: logger)
        let http = HTTPCache(
            cache, configuration: HTTPCacheConfiguration(self.profile == .shared ? .sharedCache : .standard))
        let server = try await EdgeServer(
            http, origin: OriginConnector(host: self.origin.host, port: self.origin.port), listeningOn: self.listen,
            accessLog: self.accessLog ? Self.write : nil)
        Self.write("listening on http://\(HostPort(host: self.listen.host, port: server.port))")
        await StopSignal.wait()
        await server.stop(within: .seconds(10))
        await client?.close()
    }
}
