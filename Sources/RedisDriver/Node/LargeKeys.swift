// SPDX-License-Identifier: Apache-2.0

import DequeModule
import NIOConcurrencyHelpers
import Synchronization

/// Keys whose value was large when it was last read, so that the next reader is not in everybody's way.
final class LargeKeys: Sendable {
    private struct State: Sendable {
        var hashes: Set<Int> = []
        var order: Deque<Int> = []
    }

    /// How many are remembered; the one that was found first is forgotten first.
    private static let capacity = 1_024

    private let state = NIOLockedValueBox(State())
    /// Read by every command: nothing else is paid for while there are none.
    private let isEmpty = Atomic<Bool>(true)

    /// Whether a command on one key concerns one of these.
    func mayHold(_ command: some RedisCommand) -> Bool {
        guard !self.isEmpty.load(ordering: .relaxed), let key = command.keys.first else { return false }
        let hash = key.hashValue
        return self.state.withLockedValue { $0.hashes.contains(hash) }
    }

    /// Learns from a reply.
    ///
    /// - Parameter wasLarge: Whether the command's key is one of these.
    func note(_ reply: RedisReply, to command: some RedisCommand, wasLarge: Bool) {
        let isLarge = reply.length > RedisNode.bulkLength
        guard isLarge != wasLarge, !command.isBulky, let key = command.keys.first else { return }
        if isLarge { self.insert(key) } else { self.remove(key) }
    }

    private func remove(_ key: RedisKey) {
        let hash = key.hashValue
        self.state.withLockedValue { state in
            guard state.hashes.remove(hash) != nil else { return }
            state.order.removeAll { $0 == hash }
            if state.hashes.isEmpty { self.isEmpty.store(true, ordering: .relaxed) }
        }
    }

    private func insert(_ key: RedisKey) {
        let hash = key.hashValue
        self.state.withLockedValue { state in
            guard state.hashes.insert(hash).inserted else { return }
            state.order.append(hash)
            if state.order.count > Self.capacity, let first = state.order.popFirst() { state.hashes.remove(first) }
            self.isEmpty.store(false, ordering: .relaxed)
        }
    }
}
