// SPDX-License-Identifier: Apache-2.0

/// What stands under one key of a store that runs in the process, and the operations on it.
///
/// These few functions are the lease protocol; scripts do the same on a server.
package struct EntrySlot: Sendable {
    /// What stands there and until when it is kept; nil for nothing.
    package private(set) var content: Content?

    package struct Content: Sendable {
        package var record: StoredRecord
        package var until: StoreTime

        init(_ entry: Entry, until: StoreTime) {
            self.init(record: .entry(entry), until: until)
        }

        package init(record: StoredRecord, until: StoreTime) {
            self.record = record
            self.until = until
        }
    }

    package init(_ content: Content?) {
        self.content = content
    }

    /// The entry, unless there is none or its bytes cannot be read.
    private var entry: Entry? {
        if case .entry(let entry) = self.content?.record { entry } else { nil }
    }

    package mutating func acquire(seen: EntryImage?, token: LeaseToken, for lease: Duration, now: StoreTime)
        -> LeaseAnswer
    {
        let record = self.content?.record ?? .absent
        guard record.image == seen else { return .changed(record) }
        let leaseUntil = now.advanced(by: min(lease, Entry.longestLease))
        guard var entry, let kept = self.content?.until else {
            self.content = Content(Entry(kind: .lease, token: token, leaseUntil: leaseUntil), until: leaseUntil)
            return .granted
        }
        if entry.kind == .tombstone { return .heldOff(now.duration(to: kept)) }
        if entry.token != nil, entry.isLeased(at: now) {
            return .held(now.duration(to: entry.leaseUntil))
        }
        entry.token = token
        entry.leaseUntil = leaseUntil
        self.content = Content(entry, until: max(kept, leaseUntil))
        return .granted
    }

    package mutating func fill(_ entry: Entry, lifetime: EntryLifetime, token: LeaseToken, now: StoreTime) -> Bool {
        guard self.entry?.token == token else { return false }
        self.store(entry, lifetime: lifetime, now: now)
        return true
    }

    package mutating func renew(token: LeaseToken, for lease: Duration, now: StoreTime) -> Bool {
        guard var entry, let kept = self.content?.until, entry.token == token else { return false }
        entry.leaseUntil = now.advanced(by: min(lease, Entry.longestLease))
        self.content = Content(entry, until: max(kept, entry.leaseUntil))
        return true
    }

    package mutating func release(token: LeaseToken, _ reason: LeaseRelease, now: StoreTime) {
        guard let entry, entry.token == token else { return }
        switch reason {
        case .unloaded(let pause):
            self.endLease(
                of: entry, pausedUntil: pause > .zero ? now.advanced(by: min(pause, Entry.longestLease)) : .zero)
        case .unstored:
            self.content = nil
        }
    }

    package mutating func slide(stamp: LogSequence, lifetime: EntryLifetime, until end: StoreTime, now: StoreTime) {
        guard var entry, let kept = self.content?.until, entry.kind == .value || entry.kind == .absence else { return }
        let freshUntil = min(now.advanced(by: lifetime.fresh), end)
        guard entry.stamp == stamp, entry.freshUntil > now, entry.freshUntil < freshUntil else { return }
        entry.freshUntil = freshUntil
        self.content = Content(
            entry, until: max(kept, freshUntil.advanced(by: lifetime.kept - lifetime.fresh)))
    }

    package mutating func write(_ entry: Entry, lifetime: EntryLifetime, now: StoreTime) -> Bool {
        if self.entry?.kind == .tombstone { return false }
        guard
            let old = self.entry, old.kind == .value, old.freshUntil != .zero, let oldVersion = old.metadata.version,
            let version = entry.metadata.version, oldVersion < version
        else {
            self.content = nil
            return false
        }
        self.store(entry, lifetime: lifetime, now: now)
        return true
    }

    package mutating func invalidate(by method: InvalidationMethod, now: StoreTime) {
        switch method {
        case .remove:
            self.content = nil
        case .expire:
            guard var entry else {
                self.content = nil
                return
            }
            entry.freshUntil = .zero
            self.endLease(of: entry)
        case .holdOff(let duration):
            var until = now.advanced(by: duration)
            if self.entry?.kind == .tombstone, let kept = self.content?.until { until = max(until, kept) }
            self.content = Content(Entry(kind: .tombstone), until: until)
        }
    }

    private mutating func endLease(of entry: Entry, pausedUntil pause: StoreTime = .zero) {
        var entry = entry
        entry.token = nil
        entry.leaseUntil = pause
        self.content = entry.kind == .lease ? nil : self.content.map { Content(entry, until: $0.until) }
    }

    private mutating func store(_ entry: Entry, lifetime: EntryLifetime, now: StoreTime) {
        var entry = entry
        entry.token = nil
        entry.leaseUntil = .zero
        entry.freshUntil = now.advanced(by: lifetime.fresh)
        self.content = Content(entry, until: now.advanced(by: lifetime.kept))
    }
}
