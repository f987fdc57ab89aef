// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// When a silent connection is given up, and when one that nobody uses is checked.
struct Liveness: Sendable {
    private let commandTimeout: TimeAmount
    private let stallTimeout: TimeAmount?
    private let checkInterval: TimeAmount?
    /// When something last arrived.
    var lastArrival = NIODeadline.now()
    /// When a reply last was complete.
    var lastReply = NIODeadline.now()

    init(_ configuration: RedisClientConfiguration) {
        self.commandTimeout = configuration.commandTimeout.asTimeout
        self.stallTimeout = configuration.stallTimeout?.asTimeout
        self.checkInterval = configuration.healthCheckInterval?.asTimeout
    }

    /// How long a reply may stay away that was given so much time.
    func patience(for timeout: TimeAmount) -> TimeAmount {
        guard let stallTimeout else { return max(timeout, self.commandTimeout) * 2 }
        // What was given more time than usual may be silent for so much longer.
        return stallTimeout + max(timeout - self.commandTimeout, .nanoseconds(0))
    }

    /// When the connection is given up unless something arrives, while a reply is awaited.
    ///
    /// - Parameters:
    ///   - since: When the command was sent.
    ///   - timeout: How much time it was given.
    func stallDeadline(since: NIODeadline, timeout: TimeAmount) -> NIODeadline {
        let patience = self.patience(for: timeout)
        // A reply that never ends is no better than none, though bytes of it arrive.
        return min(
            max(since, self.lastArrival) + patience, max(since, self.lastReply) + patience * Self.longestReply)
    }

    /// How many times as long as for a first byte to wait for the last one.
    private static let longestReply: Int64 = 10

    /// When the server is asked for a sign of life, while nothing is awaited: nothing else would show that it is gone.
    var checkDeadline: NIODeadline? { self.checkInterval.map { self.lastArrival + $0 } }
}
