// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// What a loader gave, on its way to the callers and into the store.
struct LoadedValue: Sendable {
    /// The value itself, for the callers in this process.
    var object: any Sendable
    /// Whether the value says that there is none.
    var isAbsence: Bool
    var codec: EntryCodec
    var schema: UInt64?
    /// How long it lives.
    var policy: CachePolicy
    var tags: [String]
    /// The version of a value that may be written through.
    var version: UInt64?
    /// Whether the region has a rule for tags: an absence without any then ends with every invalidation.
    var isTagged: Bool
    /// Whether stores in the process may keep the value itself.
    var isKept: Bool
    var transform: PayloadTransform
    /// Writes the value; called at most once for the store, and for each caller who wants bytes that were not stored.
    var encode: @Sendable () throws -> ByteBuffer
    /// The bytes, once they were written.
    var payload: ByteBuffer?

    /// The entry to store under a key.
    ///
    /// - Throws: When the value cannot be written.
    mutating func entry(
        under key: CacheKey, stampedWith position: LogPosition, created: StoreTime?, loadDuration: Duration?
    ) throws -> Entry {
        var metadata = EntryMetadata()
        metadata.tags = self.tags
        metadata.created = created
        metadata.loadDuration = loadDuration
        metadata.epoch = position.epoch
        metadata.version = self.version
        if self.isAbsence {
            metadata.endsWithAnyInvalidation = self.isTagged && self.tags.isEmpty
            return try self.finished(Entry(kind: .absence, stamp: position.head, metadata: metadata), under: key)
        }
        metadata.schema = self.schema
        let payload = try self.encode()
        self.payload = payload
        guard payload.readableBytes <= self.transform.maximumSize else {
            throw ValueTooLarge(bytes: payload.readableBytes)
        }
        let entry = try self.finished(
            Entry(kind: .value, codec: self.codec, stamp: position.head, metadata: metadata, payload: payload),
            under: key)
        // Not beside what was made smaller to save room.
        if self.isKept, entry.canKeepValue { entry.keep(self.object) }
        return entry
    }

    private func finished(_ entry: Entry, under key: CacheKey) throws -> Entry {
        var entry = entry
        self.policy.mark(&entry)
        try self.transform.apply(to: &entry, under: key)
        return entry
    }
}

/// A value that is larger than may be stored.
struct ValueTooLarge: Error, CustomStringConvertible {
    var bytes: Int

    var description: String { "it has \(self.bytes) bytes, more than may be stored" }
}
