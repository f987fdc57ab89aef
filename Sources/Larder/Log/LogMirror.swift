// SPDX-License-Identifier: Apache-2.0

import NIOConcurrencyHelpers

/// A process's mirror of its namespace's log.
final class LogMirror: Sendable {
    private let namespace: String
    private let capacity: Int
    private let state = NIOLockedValueBox(State())

    private struct State {
        var log: InvalidationLog?
        var pull: Task<Void, any Error>?
        var proof: MonotonicInstant?
    }

    init(namespace: String, capacity: Int) {
        self.namespace = namespace
        self.capacity = capacity
    }

    /// How much is known; nil for nothing.
    var position: LogPosition? {
        self.state.withLockedValue { $0.log?.position }
    }

    /// What is known, as it is now.
    var log: InvalidationLog? {
        self.state.withLockedValue { $0.log }
    }

    /// When the newest question was sent whose answer, taken in, came from a server that takes writes: everything that happened
    /// before is known. Nil when that was not seen.
    var proof: MonotonicInstant? {
        self.state.withLockedValue { $0.proof }
    }

    /// Takes in an answer; whether the mirror may judge what was read with it.
    ///
    /// - Parameters:
    ///   - answer: The answer.
    ///   - asked: The position that was sent with the question.
    ///   - proof: When the question was sent, if the answer is of a server that was seen to take writes.
    func apply(_ answer: LogAnswer, asked: LogPosition?, proof: MonotonicInstant? = nil) -> Bool {
        self.state.withLockedValue { state in
            if state.log != nil {
                let isApplied = state.log?.apply(answer, asked: asked) ?? false
                if isApplied, let proof { state.proof = max(proof, state.proof ?? proof) }
                return isApplied
            }
            guard case .changes(let changes) = answer else { return false }
            state.log = InvalidationLog(mirroring: changes, capacity: self.capacity)
            return state.log != nil
        }
    }

    /// The entry of a reading whose answer was taken in, and what it is good for; nil for nothing.
    func use(of reading: StoreReading) -> (entry: Entry, use: EntryUse)? {
        guard case .entry(let entry) = reading.record else { return nil }
        if reading.isNear { return (entry, .fresh) }
        let use = entry.use(at: reading.now, isValid: !reading.isOverruled && self.vouches(for: entry))
        return use == .nothing ? nil : (entry, use)
    }

    /// The entry of a reading if nothing that is known of has ended it, be it past its freshness.
    func validEntry(in reading: StoreReading) -> Entry? {
        guard case .entry(let entry) = reading.record, entry.kind == .value || entry.kind == .absence,
            entry.freshUntil != .zero, !reading.isOverruled, self.vouches(for: entry)
        else { return nil }
        return entry
    }

    /// The entry of a reading that is served as it is, without waiting for a load.
    func servedEntry(in reading: StoreReading) -> Entry? {
        guard let (entry, use) = self.use(of: reading) else { return nil }
        return self.serves(entry, as: use, at: reading.now) ? entry : nil
    }

    /// Whether an entry that is good for `use` is served as it is, without waiting for a load.
    func serves(_ entry: Entry, as use: EntryUse, at now: StoreTime) -> Bool {
        use > .onError || self.isPaused(entry, at: now)
    }

    /// Whether a load of the entry failed a moment ago, and nothing was invalidated since that it should be tried again for.
    func isPaused(_ entry: Entry, at now: StoreTime) -> Bool {
        entry.isPaused(at: now) && (entry.freshUntil == .zero || self.vouches(for: entry))
    }

    /// Whether nothing that is known of ends the entry.
    func vouches(for entry: Entry) -> Bool {
        self.state.withLockedValue {
            $0.log?.validates(stamp: entry.stamp, metadata: entry.metadata) ?? false
        }
    }

    /// Asks for what is missing, once for all who need it: at the first read, and when the log was lost.
    func pull(from store: GuardedStore) async throws {
        let pull = self.state.withLockedValue { state in
            if let pull = state.pull { return pull }
            let known = state.log?.position
            let pull = Task {
                defer { self.state.withLockedValue { $0.pull = nil } }
                let answer = try await store.log(of: self.namespace, since: known)
                _ = self.apply(answer, asked: known)
            }
            state.pull = pull
            return pull
        }
        try await pull.value
    }
}
