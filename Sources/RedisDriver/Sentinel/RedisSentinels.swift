// SPDX-License-Identifier: Apache-2.0

import Logging
import NIOConcurrencyHelpers
import NIOCore

/// The sentinels of a server: they know which one takes writes, and tell when another takes its place.
final class RedisSentinels: Sendable {
    private let primary: String
    /// The one that answered last comes first.
    private let clients: NIOLockedValueBox<[RedisClient]>
    private let watchers = NIOLockedValueBox<[Task<Void, Never>]>([])

    /// - Parameter configuration: What connections to the server are made with.
    init(
        _ addresses: [RedisAddress], primary: String, credentials: RedisCredentials?,
        _ configuration: RedisClientConfiguration, on group: any EventLoopGroup, logger: Logger
    ) throws(RedisError) {
        var configuration = configuration
        configuration.topology = .standalone
        configuration.username = credentials?.username
        configuration.password = credentials?.password
        configuration.credentials = nil
        configuration.database = 0
        configuration.setup = []
        configuration.slowCommandThreshold = nil
        configuration.pool.minimumConnections = 0
        var clients: [RedisClient] = []
        for address in addresses {
            configuration.host = address.host
            configuration.port = address.port
            clients.append(try RedisClient(configuration, eventLoopGroup: group, logger: logger))
        }
        self.primary = primary
        self.clients = NIOLockedValueBox(clients)
    }

    deinit {
        for watcher in self.watchers.withLockedValue({ $0 }) { watcher.cancel() }
    }

    /// Where the server is that takes writes.
    func address() async throws(RedisError) -> RedisAddress {
        var failure: RedisError?
        for client in self.clients.withLockedValue({ $0 }) {
            do throws(RedisError) {
                let address = try await client.execute(
                    RawCommand("SENTINEL", "GET-MASTER-ADDR-BY-NAME", self.primary), timeout: Self.patience)
                guard case .array(let parts) = address, parts.count == 2, let host = parts[0].text,
                    let port = parts[1].integer, (1...65_535).contains(port)
                else { throw RedisError(.connectionFailed, "the sentinels do not know the server by this name") }
                self.prefer(client)
                return RedisAddress(host: host, port: Int(port))
            } catch {
                failure = error
            }
        }
        throw RedisError(.connectionFailed, "no sentinel can be asked for the server", cause: failure)
    }

    /// How long one of them may take, so that there is time for another.
    private static let patience = Duration.milliseconds(250)

    private func prefer(_ client: RedisClient) {
        self.clients.withLockedValue { clients in
            guard let index = clients.firstIndex(where: { $0 === client }), index > 0 else { return }
            clients.insert(clients.remove(at: index), at: 0)
        }
    }

    /// Has a function called whenever another server may have taken over.
    func watch(_ onSwitch: @escaping @Sendable () -> Void) {
        let prefix = self.primary + " "
        let watchers = self.clients.withLockedValue { $0 }.map { client in
            Task {
                while !Task.isCancelled {
                    try? await client.subscribe(to: ["+switch-master"]) { subscription in
                        for await element in subscription {
                            switch element {
                            case .message(let message):
                                if String(buffer: message.payload).hasPrefix(prefix) { onSwitch() }
                            // What was said meanwhile nobody heard.
                            case .gap: onSwitch()
                            }
                        }
                    }
                    try? await Task.sleep(for: .seconds(1))
                }
            }
        }
        self.watchers.withLockedValue { $0 += watchers }
    }

    func close() async {
        for watcher in self.watchers.withLockedValue({ $0 }) { watcher.cancel() }
        for client in self.clients.withLockedValue({ $0 }) { await client.close(within: .zero) }
    }
}
