// SPDX-License-Identifier: Apache-2.0

/// The rules for tags, the names under which entries are invalidated together.
enum CacheTag {
    /// The longest tag, in bytes of UTF-8.
    static let maximumLength = 512
    /// How many tags one entry, or one invalidation, may carry.
    static let maximumCount = 1_000

    static func check(_ tags: [String]) throws(CacheError) {
        guard tags.count <= Self.maximumCount else {
            throw CacheError(.invalidTag, "\(tags.count) tags; an entry carries at most \(Self.maximumCount)")
        }
        for tag in tags {
            guard !tag.isEmpty else {
                throw CacheError(.invalidTag, "an empty tag; to end everything, use clear()")
            }
            guard tag.utf8.count <= Self.maximumLength else {
                throw CacheError(
                    .invalidTag, "a tag of \(tag.utf8.count) bytes; it has at most \(Self.maximumLength)")
            }
        }
    }
}
