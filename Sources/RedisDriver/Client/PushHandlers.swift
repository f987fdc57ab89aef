// SPDX-License-Identifier: Apache-2.0

import NIOConcurrencyHelpers

/// Who is told of what the server sends unasked.
final class PushHandlers: Sendable {
    private let handlers = NIOLockedValueBox<[@Sendable (RedisValue) -> Void]>([])

    func add(_ handler: @escaping @Sendable (RedisValue) -> Void) {
        self.handlers.withLockedValue { $0.append(handler) }
    }

    func handle(_ push: RedisValue) {
        for handler in self.handlers.withLockedValue({ $0 }) { handler(push) }
    }
}
