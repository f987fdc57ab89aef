// SPDX-License-Identifier: Apache-2.0

public import NIOCore
import Synchronization

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
        set { self.change { $0.kind = newValue } }
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
        set { self.change { $0.payload = newValue } }
    }
    /// The value that the payload was written from, or read as, where it is still at hand, so that a hit in the process decodes nothing.
    /// It is no part of what the entry is, and gone when that changes.
    var value: (any Sendable)? { self.storage.known?.value }
    /// Whether its first reader is to leave the value beside it.
    package private(set) var wantsValue: Bool {
        get { self.storage.wantsValue }
        set { self.own().wantsValue = newValue }
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

    /// Leaves a value beside the entry and all its copies, unless there is one.
    func keep(_ value: any Sendable) {
        self.storage.keep(KnownValue(value))
    }

    /// The entry as a cache in the process keeps it: with bytes of its own, which are not a part of all that came with them, and room
    /// for its value.
    package var keptNear: Entry {
        var entry = self
        entry.change { $0.payload = ByteBuffer(bytes: $0.payload.readableBytesView) }
        entry.wantsValue = true
        return entry
    }

    /// The storage, of this entry alone.
    private mutating func own() -> Storage {
        if !isKnownUniquelyReferenced(&self.storage) {
            let known = self.storage.known
            self.storage = Storage(self.storage.fields, wantsValue: self.storage.wantsValue)
            if let known { self.storage.keep(known) }
        }
        return self.storage
    }

    /// Changes what the value was.
    private mutating func change(_ change: (inout Fields) -> Void) {
        // One that others have may be left a value at any moment.
        if !isKnownUniquelyReferenced(&self.storage) || self.storage.known != nil {
            self.storage = Storage(self.storage.fields, wantsValue: self.storage.wantsValue)
        }
        change(&self.storage.fields)
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
        var wantsValue: Bool
        /// Where what is known of the value is, held once; 0 for nowhere. As `AtomicLazyReference`, which asks the runtime for its
        /// type with each look.
        private let address = Atomic<UInt>(0)

        init(_ fields: Fields, wantsValue: Bool = false) {
            self.fields = fields
            self.wantsValue = wantsValue
        }

        deinit {
            if let known = self.reference { known.release() }
        }

        var known: KnownValue? { self.reference?.takeUnretainedValue() }

        /// Holds a value, unless one is held.
        func keep(_ known: KnownValue) {
            let reference = Unmanaged.passRetained(known)
            let address = UInt(bitPattern: reference.toOpaque())
            let isKept = self.address.compareExchange(
                expected: 0, desired: address, ordering: .acquiringAndReleasing
            ).exchanged
            if !isKept { reference.release() }
        }

        // What is held is let go of with the storage and no earlier, so whoever has that can take it.
        private var reference: Unmanaged<KnownValue>? {
            UnsafeRawPointer(bitPattern: self.address.load(ordering: .acquiring)).map { Unmanaged.fromOpaque($0) }
        }
    }

    private final class KnownValue: Sendable {
        let value: any Sendable

        init(_ value: any Sendable) {
            self.value = value
        }
    }
}

extension Entry {
    /// The longest lease there is; one that seems to last longer was written under another clock.
    public static let longestLease = Duration.seconds(30)

    /// About how many bytes the entry takes in a process: payload and tags, and what was measured beside them. A value at hand counts
    /// twice its bytes.
    package var size: Int {
        self.payload.readableBytes * (self.value == nil && !self.wantsValue ? 1 : 3)
            + self.metadata.tags.reduce(Self.overhead) { $0 + $1.utf8.count + 16 }
    }

    private static let overhead = 400

    /// Whether a value may be left beside the payload: not beside what was made smaller to save room, nor what is large.
    var canKeepValue: Bool {
        self.codec.compression == .none && self.payload.readableBytes <= 1 << 20
    }
}
