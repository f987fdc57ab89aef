// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// What a loader gave, on its way to the callers and into the store.
struct LoadedValue: Sendable {
    enum Content: Sendable {
        case value(ByteBuffer)
        case absence
        case notEncodable(any Error)
    }

    var content: Content
    var codec: EntryCodec
    var tags: [String]
    /// Whether the region has a rule for tags: an absence without any then ends with every invalidation.
    var isTagged: Bool
    /// The value itself, for the callers in this process.
    var object: any Sendable

    init(
        content: Content, codec: EntryCodec, tags: [String], isTagged: Bool, object: any Sendable
    ) {
        self.content = content
        self.codec = codec
        self.tags = tags
        self.isTagged = isTagged
        self.object = object
    }

    /// The entry to store; nil for what cannot be stored.
    func entry(stampedWith position: LogPosition, created: StoreTime, loadDuration: Duration) -> Entry? {
        var metadata = EntryMetadata()
        metadata.tags = self.tags
        metadata.created = created
        metadata.loadDuration = loadDuration
        metadata.epoch = position.epoch
        switch self.content {
        case .value(let payload):
            return Entry(
                kind: .value, codec: self.codec, stamp: position.head, metadata: metadata, payload: payload)
        case .absence:
            metadata.endsWithAnyInvalidation = self.isTagged && self.tags.isEmpty
            return Entry(kind: .absence, stamp: position.head, metadata: metadata)
        case .notEncodable:
            return nil
        }
    }
}
