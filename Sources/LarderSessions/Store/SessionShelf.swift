// SPDX-License-Identifier: Apache-2.0

import Larder
import NIOCore

/// The sessions of one owner, and what can happen to them: the rules that every store keeps.
struct SessionShelf: Sendable {
    private(set) var records: [SessionDigest: SessionRecord] = [:]
    private var terms: SessionTerms?

    var isEmpty: Bool { self.records.isEmpty }

    mutating func create(
        _ digest: SessionDigest, payload: ByteBuffer, authenticates: Bool, at now: StoreTime, _ terms: SessionTerms
    ) -> SessionCreation {
        self.terms = terms
        self.removeExpired(at: now, terms)
        var ended: [SessionDigest] = []
        let excess = self.records.count - max(terms.maximumPerOwner, 1) + 1
        if excess > 0 {
            if terms.refusesExcess { return .refused }
            ended = self.records.sorted { $0.value.head.created < $1.value.head.created }.prefix(excess).map(\.key)
            for digest in ended { self.records[digest] = nil }
        }
        let head = SessionRecord.Head(
            version: 1, created: now, used: now, authenticated: authenticates ? now : nil,
            end: now.advanced(by: terms.absoluteTimeout))
        self.records[digest] = SessionRecord(head: head, payload: payload)
        return .created(head, ended: ended)
    }

    mutating func read(_ digest: SessionDigest, at now: StoreTime, _ terms: SessionTerms) -> SessionReading {
        guard var record = self.records[digest] else { return .none }
        record.head.hold(to: now, terms)
        guard now < record.head.deadline(terms) else {
            self.records[digest] = nil
            return .expired
        }
        if record.head.used.duration(to: now) >= terms.touchInterval { record.head.used = now }
        self.records[digest] = record
        return .found(record, now: now)
    }

    mutating func save(
        _ digest: SessionDigest, payload: ByteBuffer, over version: UInt64, at now: StoreTime, _ terms: SessionTerms
    ) -> SessionChange {
        self.change(digest, version, now, terms) { shelf, record in
            record.payload = payload
            shelf.records[digest] = record
        }
    }

    mutating func rotate(
        _ digest: SessionDigest, to other: SessionDigest, payload: ByteBuffer, over version: UInt64,
        authenticates: Bool, at now: StoreTime, _ terms: SessionTerms
    ) -> SessionChange {
        self.change(digest, version, now, terms) { shelf, record in
            if authenticates {
                record.head.created = now
                record.head.authenticated = now
                record.head.end = now.advanced(by: terms.absoluteTimeout)
            }
            record.payload = payload
            shelf.records[digest] = nil
            shelf.records[other] = record
        }
    }

    private mutating func change(
        _ digest: SessionDigest, _ version: UInt64, _ now: StoreTime, _ terms: SessionTerms,
        _ body: (inout SessionShelf, inout SessionRecord) -> Void
    ) -> SessionChange {
        guard case .found(var record, _) = self.read(digest, at: now, terms) else { return .none }
        guard record.head.version == version else { return .conflict(record, now: now) }
        record.head.version += 1
        record.head.used = now
        body(&self, &record)
        return .done(record.head, now: now)
    }

    mutating func remove(_ digest: SessionDigest, at version: UInt64?, _ now: StoreTime) -> SessionChange {
        guard let record = self.records[digest] else { return .none }
        if let version, record.head.version != version { return .conflict(record, now: now) }
        self.records[digest] = nil
        return .done(record.head, now: now)
    }

    mutating func removeAll(but kept: SessionDigest?) -> [SessionDigest] {
        let ended = self.records.keys.filter { $0 != kept }
        for digest in ended { self.records[digest] = nil }
        return ended
    }

    mutating func removeExpired(at now: StoreTime, _ terms: SessionTerms) {
        self.records = self.records.compactMapValues { record in
            var record = record
            record.head.hold(to: now, terms)
            return now < record.head.deadline(terms) ? record : nil
        }
    }

    /// By the terms of whoever created a session here last.
    mutating func removeExpired(at now: StoreTime) {
        if let terms { self.removeExpired(at: now, terms) }
    }
}
