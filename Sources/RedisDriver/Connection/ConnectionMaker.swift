// SPDX-License-Identifier: Apache-2.0

import Logging
import NIOCore
import NIOSSL
import Synchronization

/// What all connections to one place are made of.
struct ConnectionMaker: Sendable {
    var destination: RedisDestination
    var configuration: RedisClientConfiguration
    var tls: NIOSSLContext?
    var logger: Logger
    var telemetry: RedisTelemetry?

    private static let lastID = Atomic<UInt64>(0)

    /// A number that no other connection of the process has.
    static func newID() -> UInt64 { Self.lastID.wrappingAdd(1, ordering: .relaxed).newValue }

    /// A connection that has yet to be connected.
    func make(
        _ id: UInt64, on eventLoop: any EventLoop, _ observer: RedisConnection.Observer
    ) -> RedisConnection {
        RedisConnection(id: id, on: eventLoop, self.configuration, observer, telemetry: self.telemetry)
    }

    func connect(_ connection: RedisConnection) {
        connection.connect(to: self.destination, tls: self.tls)
    }
}
