// SPDX-License-Identifier: Apache-2.0

import DequeModule
import NIOCore

/// The commands of one connection: those whose replies are awaited, in wire order, and behind them those to be sent.
///
/// A caller who gives up on a command that was sent leaves a slot behind, which takes the replies when they come: so a
/// reply never reaches anybody but the one who asked. One that was not sent goes with its caller. Events in, waiters to
/// answer out; sockets and timers are the connection's.
struct CommandQueue<Waiter: Sendable>: Sendable {
    /// Commands that are sent together and whose replies come together.
    struct Slot: Sendable {
        let ticket: UInt64
        /// Nil once the caller has given up.
        fileprivate(set) var waiter: Waiter?
        /// How many bytes it takes.
        let length: Int
        /// How many replies it is to get.
        let replies: Int
        /// When it was sent.
        fileprivate var since: NIODeadline
        let timeout: TimeAmount
        let deadline: NIODeadline

        init(ticket: UInt64, waiter: Waiter, length: Int, replies: Int, deadline: NIODeadline, timeout: TimeAmount) {
            self.ticket = ticket
            self.waiter = waiter
            self.length = length
            self.replies = replies
            self.since = deadline - timeout
            self.timeout = timeout
            self.deadline = deadline
        }
    }

    /// A caller who gives up.
    struct Abandoned: Sendable {
        let waiter: Waiter
        /// Whether the server may carry out the command all the same.
        let wasSent: Bool
        /// How many replies it lacks.
        let replies: Int
        /// How many bytes it takes.
        let length: Int
    }

    /// What a reply leads to.
    enum Delivery {
        /// Nobody has to be told: the slot lacks further replies, or its caller has given up.
        case nothing
        case answer(Waiter, last: RedisReply, before: [RedisReply])
        /// Nobody has asked.
        case unasked
    }

    private var slots: Deque<Slot> = []
    /// The tickets of the slots, apart from them: whoever gives up is looked for among thousands.
    private var tickets: Deque<UInt64> = []
    /// How many slots from the front have been sent.
    private var sent = 0
    /// How many replies the first slot has got.
    private var received = 0
    /// What these are, but for the last, as long as somebody wants them.
    private var replies: [RedisReply] = []
    /// How many replies the first slot is to get, which is asked for with each.
    private var wanted = 0
    /// How many replies to what was sent are to come.
    private var awaitedReplies = 0
    /// What is to be sent, those who gave up on it included.
    private var unsent = ByteBuffer()
    /// Whether `unsent` holds something that nobody waits for.
    private var hasGaps = false
    /// How many slots have a caller who waits.
    private var waiters = 0
    /// How many slots that were sent have none.
    private(set) var abandoned = 0
    /// Not later than the first deadline of a caller who waits.
    private(set) var earliestDeadline: NIODeadline?
    /// How many replies may be awaited at once; one batch there always may.
    private let window: Int

    init(window: Int) {
        self.window = window
    }

    /// Whether nobody waits.
    var isIdle: Bool { self.waiters == 0 }

    /// Whether there is something to be sent, and room for it.
    var canSend: Bool { self.sent < self.slots.count && self.hasRoom(for: self.slots[self.sent]) }

    /// Since when the reply that comes next has been awaited, and how long it was given; nil when none is awaited.
    var awaited: (since: NIODeadline, timeout: TimeAmount)? {
        self.sent > 0 ? self.slots.first.map { ($0.since, $0.timeout) } : nil
    }

    private func hasRoom(for slot: Slot) -> Bool {
        self.awaitedReplies == 0 || self.awaitedReplies + slot.replies <= self.window
    }

    /// Takes commands to be sent, whose bytes stand one behind the other.
    mutating func append(_ slots: [Slot], _ bytes: ByteBuffer) {
        for slot in slots { self.earliestDeadline = min(self.earliestDeadline ?? slot.deadline, slot.deadline) }
        if self.slots.isEmpty { self.wanted = slots.first?.replies ?? 0 }
        self.slots.append(contentsOf: slots)
        self.tickets.append(contentsOf: slots.lazy.map(\.ticket))
        self.waiters += slots.count
        if self.unsent.readableBytes == 0 {
            self.unsent = bytes
        } else {
            self.unsent.writeImmutableBuffer(bytes)
        }
    }

    /// What was not sent and there is room for, which counts as sent from now on; nil when that is nothing.
    mutating func send(at now: NIODeadline) -> ByteBuffer? {
        guard self.sent < self.slots.count else { return nil }
        var length = 0
        var wanted = self.hasGaps ? ByteBuffer() : nil
        while self.sent < self.slots.count {
            let slot = self.slots[self.sent]
            if slot.waiter == nil {
                self.slots.remove(at: self.sent)
                self.tickets.remove(at: self.sent)
                if self.sent == 0 { self.wanted = self.slots.first?.replies ?? 0 }
                self.unsent.moveReaderIndex(forwardBy: slot.length)
                continue
            }
            guard self.hasRoom(for: slot) else { break }
            self.slots[self.sent].since = now
            self.sent += 1
            self.awaitedReplies += slot.replies
            if wanted == nil {
                length += slot.length
            } else if let bytes = self.unsent.readSlice(length: slot.length) {
                wanted?.writeImmutableBuffer(bytes)
            }
        }
        if self.sent == self.slots.count {
            self.hasGaps = false
            if wanted == nil {
                defer { self.unsent = ByteBuffer() }
                return self.unsent
            }
        }
        return wanted ?? self.unsent.readSlice(length: length)
    }

    mutating func receive(_ reply: RedisReply) -> Delivery {
        guard self.sent > 0 else { return .unasked }
        self.awaitedReplies -= 1
        self.received += 1
        guard self.received == self.wanted else {
            if self.received == 1 { self.replies.reserveCapacity(self.wanted) }
            self.replies.append(reply)
            return .nothing
        }
        let slot = self.slots.removeFirst()
        self.tickets.removeFirst()
        let replies = self.replies
        if !replies.isEmpty { self.replies = [] }
        self.received = 0
        self.wanted = self.slots.first?.replies ?? 0
        self.sent -= 1
        guard let waiter = slot.waiter else {
            self.abandoned -= 1
            return .nothing
        }
        self.waiters -= 1
        return .answer(waiter, last: reply, before: replies)
    }

    /// A caller gives up. Returns it, unless it was answered before.
    mutating func abandon(_ ticket: UInt64) -> Abandoned? {
        self.index(of: ticket).flatMap { self.abandon(at: $0) }
    }

    /// Tickets rise, but for callers who overtook each other between drawing one and coming here.
    private func index(of ticket: UInt64) -> Int? {
        var range = 0..<self.tickets.count
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            range =
                self.tickets[middle] < ticket ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
        let near = max(range.lowerBound - 32, 0)..<min(range.lowerBound + 32, self.tickets.count)
        return near.first { self.tickets[$0] == ticket } ?? self.tickets.firstIndex(of: ticket)
    }

    private mutating func abandon(at index: Int) -> Abandoned? {
        let slot = self.slots[index]
        guard let waiter = slot.waiter else { return nil }
        self.slots[index].waiter = nil
        self.waiters -= 1
        if index < self.sent {
            self.abandoned += 1
        } else {
            self.hasGaps = true
        }
        return Abandoned(waiter: waiter, wasSent: index < self.sent, replies: slot.replies, length: slot.length)
    }

    /// Gives up for all whose deadline has passed.
    mutating func expire(at now: NIODeadline) -> [Abandoned] {
        guard let earliest = self.earliestDeadline, earliest <= now else { return [] }
        var expired: [Abandoned] = []
        self.earliestDeadline = nil
        for index in self.slots.indices where self.slots[index].waiter != nil {
            let deadline = self.slots[index].deadline
            if deadline <= now {
                if let abandoned = self.abandon(at: index) { expired.append(abandoned) }
            } else {
                self.earliestDeadline = min(self.earliestDeadline ?? deadline, deadline)
            }
        }
        return expired
    }

    /// The connection is gone: gives up for all.
    mutating func removeAll() -> [Abandoned] {
        let all = self.slots.indices.compactMap { self.abandon(at: $0) }
        self = CommandQueue(window: self.window)
        return all
    }
}
