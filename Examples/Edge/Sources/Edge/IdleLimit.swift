// SPDX-License-Identifier: Apache-2.0

import NIOConcurrencyHelpers
import NIOCore

/// Closes a connection when the other side does nothing for some time, while it is waited for.
final class IdleLimit: Sendable {
    private let channel: any Channel
    private let limit: TimeAmount
    private let onIdle: @Sendable () -> Void
    private let timer = NIOLockedValueBox<Scheduled<Void>?>(nil)

    /// - Parameters:
    ///   - onIdle: Called before the connection is closed.
    init(_ channel: any Channel, _ limit: Duration, onIdle: @escaping @Sendable () -> Void) {
        self.channel = channel
        self.limit = TimeAmount(limit)
        self.onIdle = onIdle
    }

    /// The other side is waited for from now on.
    func begin() {
        let timer = self.channel.eventLoop.scheduleTask(in: self.limit) { [channel, onIdle] in
            onIdle()
            channel.close(promise: nil)
        }
        self.replace(by: timer)
    }

    /// The time begins anew, if it has begun.
    func extend() {
        if self.timer.withLockedValue({ $0 != nil }) { self.begin() }
    }

    /// The other side is not waited for.
    func end() { self.replace(by: nil) }

    private func replace(by new: Scheduled<Void>?) {
        let old = self.timer.withLockedValue { timer in
            defer { timer = new }
            return timer
        }
        old?.cancel()
    }
}
