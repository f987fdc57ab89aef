// SPDX-License-Identifier: Apache-2.0

/// What an entry tells about itself besides its header: a list of items, of which a reader skips those that it does not
/// know.
///
/// On the wire an item is one byte for its kind, four for its length (big-endian) and its bytes:
///
/// | kind | item | bytes |
/// |---|---|---|
/// | 1 | a tag; as many items as tags | UTF-8 |
/// | 2 | created: when its lease was asked for, in the store's milliseconds | 8 |
/// | 3 | how long the load took, in microseconds | 8 |
/// | 4 | schema fingerprint of the payload | 8 |
/// | 5 | entity tag of an HTTP response | ASCII |
/// | 6 | id of the key that sealed the payload | 4 |
/// | 7 | epoch of the invalidation log that the stamp belongs to | 8 |
/// | 8 | version of a written-through value | 8 |
/// | 9 | valid only while the log has not moved since the stamp | 0 |
/// | 10 | for how many milliseconds past its freshness it may be served while it is loaded anew | 8 |
/// | 11 | for how many milliseconds past its freshness it may be served when it cannot be loaded | 8 |
/// | 12 | so that even then when it was invalidated | 0 |
/// | 13 | how many milliseconds it lives after a hit | 8 |
/// | 14 | how many milliseconds it lives at most since it was created, however often it is hit | 8 |
public struct EntryMetadata: Sendable, Hashable {
    /// The names under which the entry can be invalidated.
    public var tags: [String] = []
    /// When its lease was asked for, in the store's time: the value is of then or later.
    public var created: StoreTime?
    /// How long its load took.
    public var loadDuration: Duration?
    /// Which shape of the value's type wrote the payload; nil when the region does not say.
    public var schema: UInt64?
    /// The number of the key that sealed the payload; nil when it is not sealed.
    public var sealingKey: UInt32?
    /// The log that the entry's stamp belongs to.
    public var epoch: UInt64 = 0
    /// The version of a value that was written through.
    public var version: UInt64?
    /// Whether any invalidation of tags in the namespace ends the entry, as it must for an absence without tags of its
    /// own in a region where values have tags.
    public var endsWithAnyInvalidation = false
    /// For how long past its freshness it may be served while it is loaded anew; nil for not at all.
    public var staleWhileRevalidate: Duration?
    /// For how long past its freshness it may be served when it cannot be loaded; nil for not at all.
    public var staleIfError: Duration?
    /// Whether it may be served when it cannot be loaded even if it was invalidated.
    public var servesInvalidatedOnError = false
    /// How long it lives after a hit; nil unless its life slides.
    public var idle: Duration?
    /// How long a sliding life lasts at most, since the entry was created.
    public var longestLife: Duration?

    /// Makes empty metadata.
    public init() {}

    enum Item: UInt8 {
        case tag = 1
        case created = 2
        case loadDuration = 3
        case schema = 4
        case sealingKey = 6
        case epoch = 7
        case version = 8
        case endsWithAnyInvalidation = 9
        case staleWhileRevalidate = 10
        case staleIfError = 11
        case servesInvalidatedOnError = 12
        case idle = 13
        case longestLife = 14
    }
}
