// SPDX-License-Identifier: Apache-2.0

import DequeModule
import NIOCore

/// The commands of one connection: those whose replies are awaited, in wire order, and behind them those to be sent next.
///
/// A caller who gives up on a command that was sent leaves a slot behind, which takes the replies when they come: so a
/// reply never reaches anybody but the one who asked. One that was not sent goes with its caller. Events in, waiters to
/// answer out; sockets and timers are the connection's.
struct CommandQueue<Waiter: Sendable>: Sendable {
    typealias Ticket = UInt64

    /// A caller who gives up, and whether the server may carry out the command all the same.
    typealias Abandoned = (waiter: Waiter, wasSent: Bool)

    private struct Slot: Sendable {
        let ticket: Ticket
        /// Nil once the caller has given up.
        var waiter: Waiter?
        /// What is to be sent.
        var bytes: ByteBuffer
        /// How many replies have not come.
        var missing: Int
        var replies: [RedisReply]
        /// When it was sent.
        var since: NIODeadline
        let timeout: TimeAmount
        let deadline: NIODeadline
    }

    /// What a reply leads to.
    enum Delivery {
        /// Nobody has to be told: the slot lacks further replies, or its caller has given up.
        case nothing
        case answer(Waiter, [RedisReply])
        /// Nobody has asked.
        case unasked
    }

    private var slots: Deque<Slot> = []
    /// How many slots from the front have been sent.
    private var sent = 0
    /// How many replies are to come in all.
    private var commands = 0
    /// How many bytes are to be sent.
    private(set) var unsentBytes = 0
    /// How many slots have a caller who waits.
    private var waiters = 0
    /// Not later than the first deadline of a caller who waits.
    private(set) var earliestDeadline: NIODeadline?
    private let maximumCommands: Int

    init(maximumCommands: Int) {
        self.maximumCommands = maximumCommands
    }

    /// Whether nobody waits.
    var isIdle: Bool { self.waiters == 0 }

    /// Whether there is no room for so many commands more; one batch there always is.
    func isFull(for commands: Int) -> Bool {
        self.commands > 0 && self.commands + commands > self.maximumCommands
    }

    /// Since when the reply that comes next has been awaited, and how long it was given; nil when none is awaited.
    var awaited: (since: NIODeadline, timeout: TimeAmount)? {
        self.sent > 0 ? self.slots.first.map { ($0.since, $0.timeout) } : nil
    }

    /// Takes commands to be sent, of which there is at least one.
    mutating func append(
        _ waiter: Waiter, ticket: Ticket, bytes: ByteBuffer, replies: Int, now: NIODeadline, timeout: TimeAmount
    ) {
        var slot = Slot(
            ticket: ticket, waiter: waiter, bytes: bytes, missing: replies, replies: [], since: now, timeout: timeout,
            deadline: now + timeout)
        slot.replies.reserveCapacity(replies)
        self.earliestDeadline = min(self.earliestDeadline ?? slot.deadline, slot.deadline)
        self.slots.append(slot)
        self.commands += replies
        self.unsentBytes += bytes.readableBytes
        self.waiters += 1
    }

    /// Everything that was not sent, which counts as sent from now on.
    mutating func send(at now: NIODeadline) -> [ByteBuffer] {
        var all: [ByteBuffer] = []
        all.reserveCapacity(self.slots.count - self.sent)
        for index in self.sent..<self.slots.count {
            all.append(self.slots[index].bytes)
            self.slots[index].bytes = ByteBuffer()
            self.slots[index].since = now
        }
        self.sent = self.slots.count
        self.unsentBytes = 0
        return all
    }

    mutating func receive(_ reply: RedisReply) -> Delivery {
        guard self.sent > 0 else { return .unasked }
        self.commands -= 1
        self.slots[0].missing -= 1
        if self.slots[0].waiter != nil { self.slots[0].replies.append(reply) }
        guard self.slots[0].missing == 0 else { return .nothing }
        let slot = self.slots.removeFirst()
        self.sent -= 1
        guard let waiter = slot.waiter else { return .nothing }
        self.waiters -= 1
        return .answer(waiter, slot.replies)
    }

    /// A caller gives up. Returns it, unless it was answered before.
    mutating func abandon(_ ticket: Ticket) -> Abandoned? {
        guard let index = self.slots.firstIndex(where: { $0.ticket == ticket }) else { return nil }
        return self.abandon(at: index)
    }

    private mutating func abandon(at index: Int) -> Abandoned? {
        guard let waiter = self.slots[index].waiter else { return nil }
        self.waiters -= 1
        guard index >= self.sent else {
            self.slots[index].waiter = nil
            self.slots[index].replies = []
            return (waiter, true)
        }
        let slot = self.slots.remove(at: index)
        self.commands -= slot.missing
        self.unsentBytes -= slot.bytes.readableBytes
        return (waiter, false)
    }

    /// Gives up for all whose deadline has passed.
    mutating func expire(at now: NIODeadline) -> [Abandoned] {
        guard let earliest = self.earliestDeadline, earliest <= now else { return [] }
        var expired: [Abandoned] = []
        self.earliestDeadline = nil
        // From behind, since slots that were not sent go.
        for index in self.slots.indices.reversed() where self.slots[index].waiter != nil {
            let deadline = self.slots[index].deadline
            if deadline <= now {
                if let abandoned = self.abandon(at: index) { expired.append(abandoned) }
            } else {
                self.earliestDeadline = min(self.earliestDeadline ?? deadline, deadline)
            }
        }
        return expired.reversed()
    }

    /// The connection is gone: gives up for all.
    mutating func removeAll() -> [Abandoned] {
        let all = self.slots.enumerated().compactMap { index, slot in slot.waiter.map { ($0, index < self.sent) } }
        self = CommandQueue(maximumCommands: self.maximumCommands)
        return all
    }
}
