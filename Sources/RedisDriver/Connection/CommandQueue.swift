// SPDX-License-Identifier: Apache-2.0

import DequeModule
import NIOCore

/// The commands of one connection whose replies have not come, in wire order.
///
/// A caller who gives up leaves a slot behind, which takes the reply when it comes: so a reply never reaches anybody
/// but the one who asked. Events in, waiters to answer out; sockets and timers are the connection's.
struct CommandQueue<Waiter: Sendable>: Sendable {
    typealias Ticket = UInt64

    private struct Slot: Sendable {
        let ticket: Ticket
        /// Nil once the caller has given up.
        var waiter: Waiter?
        var missing: Int
        var replies: [RedisReply] = []
        let queued: NIODeadline
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
    /// How many slots from the front have been handed to the socket.
    private var sent = 0
    /// Not later than the first deadline of a caller who waits.
    private(set) var earliestDeadline: NIODeadline?
    private let maximumCount: Int

    init(maximumCount: Int) {
        self.maximumCount = maximumCount
    }

    var isEmpty: Bool { self.slots.isEmpty }

    var isFull: Bool { self.slots.count >= self.maximumCount }

    /// Since when the reply that comes next has been awaited, and how long it was given; nil when none is awaited.
    var head: (queued: NIODeadline, timeout: TimeAmount)? {
        self.slots.first.map { ($0.queued, $0.deadline - $0.queued) }
    }

    mutating func append(
        _ waiter: Waiter, ticket: Ticket, replies: Int, now: NIODeadline, deadline: NIODeadline
    ) {
        self.slots.append(
            Slot(ticket: ticket, waiter: waiter, missing: replies, queued: now, deadline: deadline))
        self.earliestDeadline = min(self.earliestDeadline ?? deadline, deadline)
    }

    /// All commands were handed to the socket.
    mutating func markSent() {
        self.sent = self.slots.count
    }

    mutating func receive(_ reply: RedisReply) -> Delivery {
        guard self.sent > 0, !self.slots.isEmpty else { return .unasked }
        self.slots[0].replies.append(reply)
        self.slots[0].missing -= 1
        guard self.slots[0].missing <= 0 else { return .nothing }
        let slot = self.slots.removeFirst()
        self.sent -= 1
        return slot.waiter.map { .answer($0, slot.replies) } ?? .nothing
    }

    /// A caller gives up. Returns it, unless it was answered before, and whether its command was sent.
    mutating func abandon(_ ticket: Ticket) -> (waiter: Waiter, wasSent: Bool)? {
        guard
            let index = self.slots.firstIndex(where: { $0.ticket == ticket }), let waiter = self.slots[index].waiter
        else { return nil }
        self.slots[index].waiter = nil
        return (waiter, index < self.sent)
    }

    /// Gives up for all whose deadline has passed.
    mutating func expire(at now: NIODeadline) -> [(waiter: Waiter, wasSent: Bool)] {
        guard let earliest = self.earliestDeadline, earliest <= now else { return [] }
        var expired: [(Waiter, Bool)] = []
        self.earliestDeadline = nil
        for index in self.slots.indices {
            guard let waiter = self.slots[index].waiter else { continue }
            let deadline = self.slots[index].deadline
            if deadline <= now {
                self.slots[index].waiter = nil
                expired.append((waiter, index < self.sent))
            } else {
                self.earliestDeadline = min(self.earliestDeadline ?? deadline, deadline)
            }
        }
        return expired
    }

    /// The connection is gone: gives up for all.
    mutating func removeAll() -> [(waiter: Waiter, wasSent: Bool)] {
        let all = self.slots.enumerated().compactMap { index, slot in slot.waiter.map { ($0, index < self.sent) } }
        self.slots = []
        self.sent = 0
        self.earliestDeadline = nil
        return all
    }
}
