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
    /// Where connections were last told to go, all of them.
    private let followed = NIOLockedValueBox<RedisAddress?>(nil)

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
        configuration.connections = 1
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
                let found = RedisAddress(host: host, port: Int(port))
                // Only who hears of a change moves those on that there are.
                self.followed.withLockedValue { followed in
                    if followed == nil { followed = found }
                }
                return found
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

    /// Has a function called whenever another server has taken over.
    func watch(_ onSwitch: @escaping @Sendable () -> Void) {
        let watchers = self.clients.withLockedValue { $0 }.map { client in
            Task { [weak self] in
                while !Task.isCancelled {
                    try? await client.subscribe(to: ["+switch-master"]) { subscription in
                        // What was said before nobody heard.
                        await self?.look(onSwitch)
                        for await element in subscription {
                            switch element {
                            case .message(let message): self?.take(String(buffer: message.payload), onSwitch)
                            case .gap: await self?.look(onSwitch)
                            }
                        }
                    }
                    try? await Task.sleep(for: .seconds(1))
                }
            }
        }
        self.watchers.withLockedValue { $0 += watchers }
    }

    private func look(_ onSwitch: @Sendable () -> Void) async {
        if let address = try? await self.address() { self.follow(address, onSwitch) }
    }

    /// Takes in an announcement: a name, the old address, the new one.
    private func take(_ announcement: String, _ onSwitch: @Sendable () -> Void) {
        let words = announcement.split(separator: " ")
        guard words.count == 5, words[0] == self.primary, let port = Int(words[4]) else { return }
        self.follow(RedisAddress(host: String(words[3]), port: port), onSwitch)
    }

    private func follow(_ address: RedisAddress, _ onSwitch: @Sendable () -> Void) {
        let isAnother = self.followed.withLockedValue { followed in
            defer { followed = address }
            return followed != nil && followed != address
        }
        if isAnother { onSwitch() }
    }

    func close() async {
        for watcher in self.watchers.withLockedValue({ $0 }) { watcher.cancel() }
        for client in self.clients.withLockedValue({ $0 }) { await client.close(within: .zero) }
    }
}
