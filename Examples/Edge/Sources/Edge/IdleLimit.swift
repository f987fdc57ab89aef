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
    init(_ channel: any Channel, _ limit: Duration, onIdle: @escaping @Sendable () -> Void = {}) {
        self.channel = channel
        self.limit = TimeAmount(limit)
        self.onIdle = onIdle
    }

    /// The other side is waited for from now on.
    func begin() {
        self.timer.withLockedValue { timer in
            timer?.cancel()
            timer = self.scheduled()
        }
    }

    /// The time begins anew, if it has begun.
    func extend() {
        self.timer.withLockedValue { timer in
            guard let old = timer else { return }
            old.cancel()
            timer = self.scheduled()
        }
    }

    /// The other side is not waited for.
    func end() {
        self.timer.withLockedValue { timer in
            timer?.cancel()
            timer = nil
        }
    }

    private func scheduled() -> Scheduled<Void> {
        self.channel.eventLoop.scheduleTask(in: self.limit) { [channel, onIdle] in
            onIdle()
            channel.close(promise: nil)
        }
    }
}
