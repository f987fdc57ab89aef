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
        /// How many replies it was to get.
        let replies: Int
        /// How many bytes it takes.
        let length: Int
    }

    /// What a reply leads to.
    enum Delivery {
        /// Nobody has to be told: the slot lacks further replies, or its caller has given up.
        case nothing
        case answer(Waiter, RedisReply)
        case answers(Waiter, [RedisReply])
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
    /// What these are, as long as somebody wants them and there are to be several.
    private var replies: [RedisReply] = []
    private var isFirstWanted = true
    /// How many replies the first slot is to get, which is asked for with each.
    private var wanted = 0
    /// How many replies to what was sent are to come.
    private var awaitedReplies = 0
    /// What is to be sent, those who gave up on it included.
    private var unsent = ByteBuffer()
    /// How many bytes of it nobody waits for.
    private var unwanted = 0
    /// How many slots have a caller who waits.
    private var waiters = 0
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
    var canSend: Bool {
        guard self.sent < self.slots.count else { return false }
        let next = self.slots[self.sent]
        return next.waiter == nil || self.hasRoom(for: next)
    }

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
            // What was sent from the front would be kept as long as there is always something behind it.
            if self.unsent.readerIndex > self.unsent.readableBytes { self.unsent.discardReadBytes() }
            self.unsent.writeImmutableBuffer(bytes)
        }
    }

    /// What was not sent and there is room for, which counts as sent from now on; nil when that is nothing.
    ///
    /// - Parameter limit: How many bytes it may be; one slot it always may.
    mutating func send(at now: NIODeadline, upTo limit: Int = .max) -> ByteBuffer? {
        self.removeUnwanted()
        var length = 0
        while self.sent < self.slots.count {
            let slot = self.slots[self.sent]
            guard self.hasRoom(for: slot), length == 0 || length + slot.length <= limit else { break }
            self.slots[self.sent].since = now
            self.sent += 1
            self.awaitedReplies += slot.replies
            length += slot.length
        }
        guard length > 0 else { return nil }
        guard self.sent == self.slots.count else { return self.unsent.readSlice(length: length) }
        defer { self.unsent = ByteBuffer() }
        return self.unsent
    }

    /// Forgets what was not sent and nobody waits for.
    private mutating func removeUnwanted() {
        guard self.unwanted > 0 else { return }
        var bytes = ByteBuffer()
        var slots: [Slot] = []
        for slot in self.slots[self.sent...] {
            guard let piece = self.unsent.readSlice(length: slot.length), slot.waiter != nil else { continue }
            bytes.writeImmutableBuffer(piece)
            slots.append(slot)
        }
        self.slots.removeSubrange(self.sent...)
        self.tickets.removeSubrange(self.sent...)
        self.slots.append(contentsOf: slots)
        self.tickets.append(contentsOf: slots.lazy.map(\.ticket))
        if self.sent == 0 {
            self.wanted = self.slots.first?.replies ?? 0
            self.isFirstWanted = true
        }
        self.unsent = bytes
        self.unwanted = 0
    }

    mutating func receive(_ reply: RedisReply) -> Delivery {
        guard self.sent > 0 else { return .unasked }
        self.awaitedReplies -= 1
        self.received += 1
        if self.wanted > 1 {
            if self.isFirstWanted {
                if self.received == 1 { self.replies.reserveCapacity(min(self.wanted, 1_024)) }
                self.replies.append(reply)
            }
            guard self.received == self.wanted else { return .nothing }
        }
        let slot = self.slots.removeFirst()
        self.tickets.removeFirst()
        self.received = 0
        self.wanted = self.slots.first?.replies ?? 0
        self.isFirstWanted = self.wanted < 2 || self.slots.first?.waiter != nil
        self.sent -= 1
        guard let waiter = slot.waiter else { return .nothing }
        self.waiters -= 1
        guard slot.replies > 1 else { return .answer(waiter, reply) }
        defer { self.replies = [] }
        return .answers(waiter, self.replies)
    }

    /// A caller gives up. Returns it, unless it was answered before.
    mutating func abandon(_ ticket: UInt64) -> Abandoned? {
        let abandoned = self.index(of: ticket).flatMap { self.abandon(at: $0) }
        // In proportion, so that many who give up one by one cost no more than all at once.
        if self.unwanted > self.unsent.readableBytes / 2 { self.removeUnwanted() }
        return abandoned
    }

    /// Tickets rise, but for callers who overtook each other between drawing one and coming here.
    private func index(of ticket: UInt64) -> Int? {
        var range = 0..<self.tickets.count
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            range =
                self.tickets[middle] < ticket ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
        let near =
            max(range.lowerBound - Self.overtakers, 0)..<min(range.lowerBound + Self.overtakers, self.tickets.count)
        return near.first { self.tickets[$0] == ticket }
    }

    /// By so many at most. A caller who was overtaken by more, and then gives up, waits for the reply or its deadline.
    private static var overtakers: Int { 1_024 }

    private mutating func abandon(at index: Int) -> Abandoned? {
        let slot = self.slots[index]
        guard let waiter = slot.waiter else { return nil }
        self.slots[index].waiter = nil
        self.waiters -= 1
        if index < self.sent {
            if index == 0 {
                self.isFirstWanted = false
                self.replies = []
            }
        } else {
            self.unwanted += slot.length
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
        self.removeUnwanted()
        return expired
    }

    /// The connection is gone: gives up for all.
    mutating func removeAll() -> [Abandoned] {
        let all = self.slots.indices.compactMap { self.abandon(at: $0) }
        self = CommandQueue(window: self.window)
        return all
    }
}
