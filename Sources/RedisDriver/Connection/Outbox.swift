// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Between the callers of a connection and its event loop: what was handed in since the loop last looked, and how much is
/// under way in all.
struct Outbox<Waiter: Sendable>: Sendable {
    typealias Slot = CommandQueue<Waiter>.Slot

    private var slots: [Slot] = []
    private var bytes = ByteBuffer()
    /// How many commands have not been answered.
    private var commands = 0
    /// How many bytes have not been written.
    private(set) var unwritten = 0
    private var isWakeScheduled = false
    /// Why nothing more is taken.
    private(set) var refusal: RedisError?
    private let maximumCommands: Int
    private let maximumBytes: Int

    /// Whether nothing was handed in that the loop has not seen.
    var isEmpty: Bool { self.slots.isEmpty }

    /// Whether it takes more, and every command was answered.
    var isSettled: Bool { self.refusal == nil && self.commands == 0 }

    init(maximumCommands: Int, maximumBytes: Int) {
        self.maximumCommands = maximumCommands
        self.maximumBytes = maximumBytes
    }

    /// What became of a slot.
    enum Outcome {
        /// It will be sent; the loop has to be woken or not.
        case taken(needsWake: Bool)
        case refused(RedisError)
    }

    /// Takes commands; when there are no others, any number of them.
    mutating func append(_ slot: Slot, _ encoder: borrowing RedisCommandEncoder) -> Outcome {
        if let refusal { return .refused(refusal) }
        guard
            self.commands == 0 || self.commands + slot.replies <= self.maximumCommands,
            self.unwritten == 0 || self.unwritten + slot.length <= self.maximumBytes
        else { return .refused(RedisError(.overloaded, "too many commands are under way")) }
        self.commands += slot.replies
        self.unwritten += slot.length
        self.slots.append(slot)
        encoder.copy(to: &self.bytes)
        defer { self.isWakeScheduled = true }
        return .taken(needsWake: !self.isWakeScheduled)
    }

    /// What was handed in since this was last asked.
    mutating func take() -> (slots: [Slot], bytes: ByteBuffer)? {
        self.isWakeScheduled = false
        guard !self.slots.isEmpty else { return nil }
        defer {
            self.slots = []
            self.bytes = ByteBuffer()
        }
        return (self.slots, self.bytes)
    }

    /// Commands were answered, or are not sent.
    mutating func answered(_ commands: Int) {
        self.commands -= commands
    }

    /// Bytes were written, or are not sent.
    mutating func written(_ bytes: Int) {
        self.unwritten -= bytes
    }

    /// Takes nothing more; what was handed in is still there.
    mutating func refuse(_ error: RedisError) {
        self.refusal = error
    }
}
