// SPDX-License-Identifier: Apache-2.0

import DequeModule

/// The invalidations of one namespace: for each tag the sequence of its last one, a floor under all, and a head
/// alone at the top.
///
/// The same value serves as the log itself, which mints sequences, and as a process's mirror of it. Both forget the
/// oldest tags past a capacity by raising the floor to them: that invalidates more than was asked, never less.
/// A log that was lost is made anew with another epoch, which ends every entry stamped before.
package struct InvalidationLog: Sendable {
    /// The log's epoch and head.
    package private(set) var position: LogPosition
    /// What was loaded before this sequence is not valid.
    package private(set) var floor: LogSequence
    private var sequences: [String: LogSequence]
    /// Tags by rising sequence, with outdated pairs left in until there are too many.
    private var order: Deque<(tag: String, sequence: LogSequence)>
    private let capacity: Int

    /// Makes a new log, in which everything loaded so far is invalid.
    ///
    /// - Parameters:
    ///   - epoch: A random number, other than that of any log before.
    ///   - now: The store's time.
    ///   - known: The position of a log that this one replaces, whose sequences stay below.
    ///   - capacity: How many tags the log remembers.
    package init(epoch: UInt64, now: StoreTime, above known: LogPosition? = nil, capacity: Int) {
        let aboveKnown = LogSequence(rawValue: min(known?.head.next.rawValue ?? 0, .max / 2))
        self.floor = max(LogSequence(at: now), aboveKnown)
        self.position = LogPosition(epoch: epoch, head: self.floor.next)
        self.sequences = [:]
        self.order = []
        self.capacity = max(capacity, 1)
    }

    /// Makes a mirror from a whole log; nil from a part of one.
    package init?(mirroring changes: LogChanges, capacity: Int) {
        guard changes.isComplete else { return nil }
        self.position = changes.position
        self.floor = changes.floor
        self.sequences = [:]
        self.order = []
        self.capacity = max(capacity, 1)
        self.merge(changes.tags)
    }

    /// How many tags the log remembers now.
    package var count: Int { self.sequences.count }

    /// Whether an entry is still what its source would give.
    ///
    /// - Parameters:
    ///   - stamp: What its process had seen of the log before the load began.
    ///   - metadata: The entry's epoch and tags.
    package func validates(stamp: LogSequence, metadata: EntryMetadata) -> Bool {
        guard metadata.epoch == self.position.epoch, stamp >= self.floor else { return false }
        if metadata.endsWithAnyInvalidation, stamp < self.position.head { return false }
        return metadata.tags.allSatisfy { tag in self.sequences[tag].map { stamp >= $0 } ?? true }
    }

    /// The last invalidation of a tag that is remembered.
    func sequence(of tag: String) -> LogSequence? { self.sequences[tag] }

    /// Why an entry is not what its source would give, in words; nil when it is.
    func objection(to stamp: LogSequence, metadata: EntryMetadata) -> String? {
        if metadata.epoch != self.position.epoch { return "the log of invalidations was lost since it was loaded" }
        if stamp < self.floor { return "everything was cleared since it was loaded" }
        if let tag = metadata.tags.first(where: { self.sequences[$0].map { stamp < $0 } ?? false }) {
            return "its tag \(tag) was invalidated"
        }
        return self.validates(stamp: stamp, metadata: metadata)
            ? nil : "something was invalidated since it was not found"
    }

    // MARK: The log itself

    /// Invalidates everything that carries one of `tags` and was loaded before now.
    package mutating func invalidate(tags: [String], now: StoreTime) {
        let sequence = self.mint(now)
        self.merge(Dictionary(tags.map { ($0, sequence) }, uniquingKeysWith: { first, _ in first }))
    }

    /// Invalidates everything that was loaded before now.
    package mutating func clear(now: StoreTime) {
        self.floor = self.mint(now)
    }

    /// What happened since `known`: all there is for a reader who knows nothing, or another log; lost for one who
    /// knows more than there is.
    package func changes(since known: LogPosition?) -> LogAnswer {
        if known == self.position { return .quiet }
        if let known, known.epoch == self.position.epoch, known.head > self.position.head { return .lost }
        guard let known, known.epoch == self.position.epoch else {
            return .changes(
                LogChanges(position: self.position, floor: self.floor, tags: self.sequences, isComplete: true))
        }
        var tags: [String: LogSequence] = [:]
        for (tag, sequence) in self.order.reversed() {
            if sequence < known.head { break }
            if tags[tag] == nil { tags[tag] = sequence }
        }
        return .changes(LogChanges(position: self.position, floor: self.floor, tags: tags, isComplete: false))
    }

    private mutating func mint(_ now: StoreTime) -> LogSequence {
        let sequence = max(self.position.head.next, LogSequence(at: now))
        self.position = LogPosition(epoch: self.position.epoch, head: sequence.next)
        return sequence
    }

    // MARK: A mirror of it

    /// Takes in an answer, and says whether this mirror may now judge what was read together with it.
    ///
    /// - Parameters:
    ///   - answer: What the store said.
    ///   - asked: The position that was sent with the question.
    /// - Returns: False when the answer is of another log than this mirror's, and not a whole newer one: an answer
    ///   that was on its way while the log was replaced says nothing about today's.
    package mutating func apply(_ answer: LogAnswer, asked: LogPosition?) -> Bool {
        switch answer {
        case .lost:
            return false
        case .quiet:
            return asked?.epoch == self.position.epoch
        case .changes(let changes) where changes.position.epoch == self.position.epoch:
            if let asked, asked.epoch == self.position.epoch, changes.position.head < asked.head { return false }
            self.floor = max(self.floor, changes.floor)
            self.merge(changes.tags)
            if changes.position.head > self.position.head {
                self.position = changes.position
            }
            return true
        case .changes(let changes):
            guard
                asked?.epoch == self.position.epoch,
                let successor = InvalidationLog(mirroring: changes, capacity: self.capacity)
            else { return false }
            self = successor
            return true
        }
    }

    // MARK: Both

    private mutating func merge(_ tags: [String: LogSequence]) {
        var isSorted = true
        for (tag, sequence) in tags.sorted(by: { $0.value < $1.value }) {
            if let old = self.sequences[tag], old >= sequence { continue }
            self.sequences[tag] = sequence
            if let last = self.order.last, last.sequence > sequence { isSorted = false }
            self.order.append((tag, sequence))
        }
        if !isSorted {
            self.order.sort { $0.sequence < $1.sequence }
        }
        while self.sequences.count > self.capacity, let (tag, sequence) = self.order.popFirst() {
            guard self.sequences[tag] == sequence else { continue }
            self.sequences[tag] = nil
            self.floor = max(self.floor, sequence)
        }
        if self.order.count > 2 * self.sequences.count + 16 {
            self.order.removeAll { self.sequences[$0.tag] != $0.sequence }
        }
    }
}
