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
    public var kind: Kind
    /// How the payload is written.
    public var codec: EntryCodec
    /// Who may fill or refresh the entry; nil when nobody asked.
    public var token: LeaseToken?
    /// Until when the token is worth something; later than that, anybody may take the lease.
    public var leaseUntil: StoreTime
    /// Until when the value may be served; zero when it was invalidated and kept only for the worst case.
    public var freshUntil: StoreTime
    /// The newest invalidation its process had seen before the load began.
    public var stamp: LogSequence
    /// Tags, times and marks.
    public var metadata: EntryMetadata
    /// The value's bytes.
    public var payload: ByteBuffer

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
        self.kind = kind
        self.codec = codec
        self.token = token
        self.leaseUntil = leaseUntil
        self.freshUntil = freshUntil
        self.stamp = stamp
        self.metadata = metadata
        self.payload = payload
    }
}

extension Entry {
    /// The longest lease there is; one that seems to last longer was written under another clock.
    public static let longestLease = Duration.seconds(30)

    /// About how many bytes the entry takes in a process: payload and tags, and what was measured beside them.
    var size: Int {
        self.payload.readableBytes + self.metadata.tags.reduce(Self.overhead) { $0 + $1.utf8.count + 16 }
    }

    private static let overhead = 400
}
