// SPDX-License-Identifier: Apache-2.0

/// What stands in a cache, by some of its entries.
package struct CacheSurvey: Sendable {
    /// An entry.
    package struct Item: Sendable {
        package var explanation: CacheExplanation
        /// About how many bytes of memory it takes.
        package var size: Int
        /// For how many entries it stands.
        var share: Double
    }

    /// What a region takes, by estimate.
    package struct Region: Sendable, Equatable, Encodable {
        package var name: String
        package var entries: Int
        package var bytes: Int
    }

    /// A tag of the entries that were looked at.
    package struct Tag: Sendable, Equatable {
        package var name: String
        /// How many of them have it.
        package var entries: Int
        package var bytes: Int
        /// Its last invalidation that is remembered.
        package var invalidated: LogSequence?
    }

    /// Those that were looked at.
    package var items: [Item]
    /// How many keys of the store were looked at, of how many.
    package var keysSeen: Int
    package var keyCount: Int

    /// Whether all keys were looked at.
    package var isAll: Bool { self.keysSeen >= self.keyCount }

    /// Its regions, the one that takes the most first; those of keys that are cut within their names are one without.
    package var regions: [Region] {
        Dictionary(grouping: self.items, by: \.explanation.key.region).map { name, items in
            Region(
                name: name, entries: Int(items.reduce(0) { $0 + $1.share }.rounded()),
                bytes: Int(items.reduce(0) { $0 + Double($1.size) * $1.share }.rounded()))
        }.sorted { ($0.bytes, $1.name) > ($1.bytes, $0.name) }
    }

    /// The entries that take the most, the first the most.
    package func largest(_ count: Int) -> [Item] {
        Array(
            self.items.sorted { ($0.size, $1.explanation.key.text) > ($1.size, $0.explanation.key.text) }.prefix(count))
    }

    /// Their tags, the one that most have first.
    package var tags: [Tag] {
        var tags: [String: Tag] = [:]
        for item in self.items {
            for tag in item.explanation.tags {
                tags[tag.name, default: Tag(name: tag.name, entries: 0, bytes: 0, invalidated: tag.invalidated)]
                    .entries += 1
                tags[tag.name]?.bytes += item.size
            }
        }
        return tags.values.sorted { ($0.entries, $1.name) > ($1.entries, $0.name) }
    }
}
