// SPDX-License-Identifier: Apache-2.0

public import Larder
public import NIOCore

/// Where sessions stand: all of one owner under one key, so that each of these is one step that happens or does not.
///
/// A store gives and ends; it never brings a session back. A change names the version that it is based on and is refused when there
/// is another by then, and when the session is no more.
public protocol SessionStore: Sendable {
    /// Begins a session under the key of its owner; one whose user has just proved who they are when it authenticates.
    func create(
        _ digest: SessionDigest, payload: ByteBuffer, authenticates: Bool, under key: String, _ terms: SessionTerms
    ) async throws -> SessionCreation

    /// Reads a session, and notes that it was used.
    func read(_ digest: SessionDigest, under key: String, _ terms: SessionTerms) async throws -> SessionReading

    /// Replaces the payload of a session.
    func save(
        _ digest: SessionDigest, payload: ByteBuffer, over version: UInt64, under key: String, _ terms: SessionTerms
    ) async throws -> SessionChange

    /// Lets a session go on under another name. One whose user has proved who they are begins its time anew.
    func rotate(
        _ digest: SessionDigest, to other: SessionDigest, payload: ByteBuffer, over version: UInt64,
        authenticates: Bool, under key: String, _ terms: SessionTerms
    ) async throws -> SessionChange

    /// Ends a session, if it is of a version; nil stands for any.
    func remove(_ digest: SessionDigest, at version: UInt64?, under key: String) async throws -> SessionChange

    /// Ends all sessions under a key but one that is kept, and gives those that ended.
    func removeAll(under key: String, but kept: SessionDigest?) async throws -> [SessionDigest]

    /// The sessions under a key, in no order.
    func list(under key: String, _ terms: SessionTerms) async throws -> SessionListing
}

/// What came of beginning a session.
public enum SessionCreation: Sendable, Hashable {
    /// It has begun, and these ended for it.
    case created(SessionRecord.Head, ended: [SessionDigest])
    /// There are as many as may be.
    case refused
}

/// What a store has of a session.
public enum SessionReading: Sendable, Hashable {
    /// The session, and the time.
    case found(SessionRecord, now: StoreTime)
    /// One that had come to its end, and is gone now.
    case expired
    /// Nothing.
    case none
}

/// What came of changing a session.
public enum SessionChange: Sendable, Hashable {
    /// It is done.
    case done(SessionRecord.Head, now: StoreTime)
    /// Somebody else changed it before: nothing is done.
    case conflict(SessionRecord, now: StoreTime)
    /// There is no such session any more: nothing is done.
    case none
}

/// The sessions of an owner.
public struct SessionListing: Sendable, Hashable {
    /// What there is.
    public var records: [SessionDigest: SessionRecord]
    /// When that was.
    public var now: StoreTime

    /// Makes a listing.
    public init(records: [SessionDigest: SessionRecord], now: StoreTime) {
        self.records = records
        self.now = now
    }
}
