// SPDX-License-Identifier: Apache-2.0

#if CLI
import ArgumentParser
import Foundation
import Larder
import LarderRedis
import RedisDriver

/// The server that a command asks.
struct Server: ParsableArguments {
    @Option(help: "The server to ask, if REDIS_URL does not say. Others on this machine can see a password in it.")
    var url: String?

    /// What waits for an operator may take longer than what waits for a request.
    private static let timeout = Duration.seconds(10)

    /// Nil when nothing says which server.
    var givenURL: String? { self.url ?? ProcessInfo.processInfo.environment["REDIS_URL"] }

    /// How the server is reached; its description names it without the password.
    func configuration() throws -> RedisClientConfiguration {
        guard let url = self.givenURL else {
            throw ValidationError("say which server to ask: set REDIS_URL, or give --url")
        }
        do {
            return try RedisClientConfiguration(url: url)
        } catch {
            throw Tool.failure("the URL of the server: \(error.message)", .usage)
        }
    }

    /// Asks the server.
    ///
    /// - Throws: What `body` throws, and an exit code when the server cannot be asked, which is said then.
    func withClient<Answer>(_ body: (RedisClient) async throws -> Answer) async throws -> Answer {
        var configuration = try self.configuration()
        do {
            configuration.commandTimeout = max(configuration.commandTimeout, Self.timeout)
            let client = try RedisClient(configuration)
            try await client.execute(PING())
            let answer = try await body(client)
            await client.close()
            return answer
        } catch let error as RedisError {
            throw Tool.failure("the server cannot be asked: \(error)", .unavailable)
        }
    }

    /// Opens a cache that there is on the server. It knows nothing of the service's regions, and keeps nothing in the process.
    ///
    /// - Parameters:
    ///   - namespace: Its name.
    ///   - onEvent: Told what happens in it.
    ///   - body: What to do with it.
    func withCache<Answer>(
        _ namespace: String, onEvent: (@Sendable (CacheEvent) -> Void)? = nil,
        _ body: (Cache, RedisClient) async throws -> Answer
    ) async throws -> Answer {
        try await self.withClient { client in
            // Asking for one would make it.
            guard try await client.execute(EXISTS(RedisKey(RedisStore.logKey(namespace)))) > 0 else {
                throw Tool.failure(
                    "there is no cache \(namespace) on this server, or nothing in it that is valid", .finding)
            }
            // How many tags are remembered is for the service to say: this forgets none.
            let tags = 100_000_000
            let store = RedisStore(
                client,
                configuration: RedisStoreConfiguration(timeout: Self.timeout, maximumTags: tags, nearCache: nil))
            let cache = Cache(
                namespace, store: store, configuration: CacheConfiguration(maximumTags: tags, onEvent: onEvent))
            return try await body(cache, client)
        }
    }
}
#endif
