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
        get { self.storage.fields.kind }
        set {
            self.own().fields.kind = newValue
            self.value = nil
        }
    }
    /// How the payload is written.
    public var codec: EntryCodec {
        get { self.storage.fields.codec }
        set { self.own().fields.codec = newValue }
    }
    /// Who may fill or refresh the entry; nil when nobody asked.
    public var token: LeaseToken? {
        get { self.storage.fields.token }
        set { self.own().fields.token = newValue }
    }
    /// Until when the token is worth something; later than that, anybody may take the lease.
    public var leaseUntil: StoreTime {
        get { self.storage.fields.leaseUntil }
        set { self.own().fields.leaseUntil = newValue }
    }
    /// Until when the value may be served; zero when it was invalidated and kept only for the worst case.
    public var freshUntil: StoreTime {
        get { self.storage.fields.freshUntil }
        set { self.own().fields.freshUntil = newValue }
    }
    /// The newest invalidation its process had seen before the load began.
    public var stamp: LogSequence {
        get { self.storage.fields.stamp }
        set { self.own().fields.stamp = newValue }
    }
    /// Tags, times and marks.
    public var metadata: EntryMetadata {
        get { self.storage.fields.metadata }
        set { self.own().fields.metadata = newValue }
    }
    /// The value's bytes.
    public var payload: ByteBuffer {
        get { self.storage.fields.payload }
        set {
            self.own().fields.payload = newValue
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
            Fields(
                kind: kind, codec: codec, token: token, leaseUntil: leaseUntil, freshUntil: freshUntil, stamp: stamp,
                metadata: metadata, payload: payload))
    }

    public static func == (left: Entry, right: Entry) -> Bool {
        left.storage === right.storage || left.storage.fields == right.storage.fields
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(self.storage.fields)
    }

    /// The storage, of this entry alone.
    private mutating func own() -> Storage {
        if !isKnownUniquelyReferenced(&self.storage) {
            self.storage = Storage(self.storage.fields, value: self.storage.value)
        }
        return self.storage
    }

    /// What the entry is.
    private struct Fields: Hashable {
        var kind: Kind
        var codec: EntryCodec
        var token: LeaseToken?
        var leaseUntil: StoreTime
        var freshUntil: StoreTime
        var stamp: LogSequence
        var metadata: EntryMetadata
        var payload: ByteBuffer
    }

    /// All of it behind one reference: a hit passes entries on several times.
    // Sendable, since it is changed only by an entry that has it alone.
    private final class Storage: @unchecked Sendable {
        var fields: Fields
        var value: (any Sendable)?

        init(_ fields: Fields, value: (any Sendable)? = nil) {
            self.fields = fields
            self.value = value
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
