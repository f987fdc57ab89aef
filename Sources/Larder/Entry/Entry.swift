// SPDX-License-Identifier: Apache-2.0

public import NIOCore

/// What a store keeps under one key.
///
/// The lease lives inside the entry, so whatever removes the value (a delete, eviction, expiry, an operator) also
/// removes the right to fill it again. On the wire, integers big-endian:
///
/// ```
/// byte 0 magic 0xCA · 1 version · 2 kind · 3 codec
/// 4..11 token · 12..19 lease until (ms) · 20..27 fresh until (ms) · 28..35 stamp (µs) · 36..39 metadata length
/// metadata · payload
/// ```
public struct Entry: Sendable, Hashable {
    /// What kind of thing the entry is.
    public enum Kind: UInt8, Sendable {
        /// Nothing but the right to fill it.
        case lease = 0
        /// A value.
        case value = 1
        /// The knowledge that there is no value.
        case absence = 2
        /// A mark that forbids filling for a while, where loads read a database that lags.
        case tombstone = 4
    }

    /// What the entry is.
    public var kind: Kind {
        get { self.storage.kind }
        set {
            self.own().kind = newValue
            self.value = nil
        }
    }
    /// How the payload is written.
    public var codec: EntryCodec {
        get { self.storage.codec }
        set { self.own().codec = newValue }
    }
    /// Who may fill or refresh the entry; nil when nobody asked.
    public var token: LeaseToken? {
        get { self.storage.token }
        set { self.own().token = newValue }
    }
    /// Until when the token is worth something; later than that, anybody may take the lease.
    public var leaseUntil: StoreTime {
        get { self.storage.leaseUntil }
        set { self.own().leaseUntil = newValue }
    }
    /// Until when the value may be served; zero when it was invalidated and kept only for the worst case.
    public var freshUntil: StoreTime {
        get { self.storage.freshUntil }
        set { self.own().freshUntil = newValue }
    }
    /// The newest invalidation its process had seen before the load began.
    public var stamp: LogSequence {
        get { self.storage.stamp }
        set { self.own().stamp = newValue }
    }
    /// Tags, times and marks.
    public var metadata: EntryMetadata {
        get { self.storage.metadata }
        set { self.own().metadata = newValue }
    }
    /// The value's bytes.
    public var payload: ByteBuffer {
        get { self.storage.payload }
        set {
            self.own().payload = newValue
            self.value = nil
        }
    }
    /// The value that the payload was written from, where it is still at hand, so that a hit in the process decodes nothing. It is no
    /// part of what the entry is, and gone when that changes.
    var value: (any Sendable)? {
        get { self.storage.value }
        set { self.own().value = newValue }
    }

    private var storage: Storage

    /// Makes an entry.
    public init(
        kind: Kind,
        codec: EntryCodec = .none,
        token: LeaseToken? = nil,
        leaseUntil: StoreTime = .zero,
        freshUntil: StoreTime = .zero,
        stamp: LogSequence = .zero,
        metadata: EntryMetadata = EntryMetadata(),
        payload: ByteBuffer = ByteBuffer()
    ) {
        self.storage = Storage(
            kind: kind, codec: codec, token: token, leaseUntil: leaseUntil, freshUntil: freshUntil, stamp: stamp,
            metadata: metadata, payload: payload, value: nil)
    }

    public static func == (left: Entry, right: Entry) -> Bool {
        let (left, right) = (left.storage, right.storage)
        return left === right
            || left.kind == right.kind && left.codec == right.codec && left.token == right.token
                && left.leaseUntil == right.leaseUntil && left.freshUntil == right.freshUntil
                && left.stamp == right.stamp && left.metadata == right.metadata && left.payload == right.payload
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(self.kind)
        hasher.combine(self.token)
        hasher.combine(self.freshUntil)
        hasher.combine(self.payload)
    }

    /// The storage, of this entry alone.
    private mutating func own() -> Storage {
        if !isKnownUniquelyReferenced(&self.storage) { self.storage = self.storage.copy() }
        return self.storage
    }

    /// All of it behind one reference: a hit passes entries on several times.
    // Sendable, since it is changed only by an entry that has it alone.
    private final class Storage: @unchecked Sendable {
        var kind: Kind
        var codec: EntryCodec
        var token: LeaseToken?
        var leaseUntil: StoreTime
        var freshUntil: StoreTime
        var stamp: LogSequence
        var metadata: EntryMetadata
        var payload: ByteBuffer
        var value: (any Sendable)?

        init(
            kind: Kind, codec: EntryCodec, token: LeaseToken?, leaseUntil: StoreTime, freshUntil: StoreTime,
            stamp: LogSequence, metadata: EntryMetadata, payload: ByteBuffer, value: (any Sendable)?
        ) {
            self.kind = kind
            self.codec = codec
            self.token = token
            self.leaseUntil = leaseUntil
            self.freshUntil = freshUntil
            self.stamp = stamp
            self.metadata = metadata
            self.payload = payload
            self.value = value
        }

        func copy() -> Storage {
            Storage(
                kind: self.kind, codec: self.codec, token: self.token, leaseUntil: self.leaseUntil,
                freshUntil: self.freshUntil, stamp: self.stamp, metadata: self.metadata, payload: self.payload,
                value: self.value)
        }
    }
}

extension Entry {
    /// The longest lease there is; one that seems to last longer was written under another clock.
    public static let longestLease = Duration.seconds(30)

    /// About how many bytes the entry takes in a process: payload and tags, and what was measured beside them. A value at hand counts
    /// twice its bytes.
    var size: Int {
        self.payload.readableBytes * (self.value == nil ? 1 : 3)
            + self.metadata.tags.reduce(Self.overhead) { $0 + $1.utf8.count + 16 }
    }

    private static let overhead = 400
}
