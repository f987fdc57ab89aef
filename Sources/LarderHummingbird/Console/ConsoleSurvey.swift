// SPDX-License-Identifier: Apache-2.0

#if Hummingbird
import Larder

/// What a console shows of what stands in a cache.
struct ConsoleSurvey: Encodable {
    struct Tag: Encodable {
        var name: String
        var entries: Int
        var bytes: Int
        var isInvalidated: Bool
    }

    var keysSeen: Int
    var keyCount: Int
    var isAll: Bool
    /// How many entries were looked at.
    var sampled: Int
    var regions: [CacheSurvey.Region]
    var largest: [SurveyedEntry]
    /// Those that most of them have, of how many.
    var tags: [Tag]
    var tagCount: Int

    init(_ survey: CacheSurvey) {
        self.keysSeen = survey.keysSeen
        self.keyCount = survey.keyCount
        self.isAll = survey.isAll
        self.sampled = survey.items.count
        self.regions = survey.regions
        self.largest = survey.largest(20).map(SurveyedEntry.init)
        let tags = survey.tags
        self.tags = tags.prefix(200).map {
            Tag(name: $0.name, entries: $0.entries, bytes: $0.bytes, isInvalidated: $0.invalidated != nil)
        }
        self.tagCount = tags.count
    }
}

/// Entries that somebody looked for.
struct ConsoleEntries: Encodable {
    var keysSeen: Int
    var keyCount: Int
    var isAll: Bool
    var entries: [SurveyedEntry]

    init(_ survey: CacheSurvey, atMost count: Int) {
        self.keysSeen = survey.keysSeen
        self.keyCount = survey.keyCount
        self.isAll = survey.isAll && survey.items.count <= count
        self.entries = survey.largest(count).map(SurveyedEntry.init)
    }
}

/// An entry, and about how much memory it takes.
struct SurveyedEntry: Encodable {
    var entry: EntryReport
    var bytes: Int

    init(_ item: CacheSurvey.Item) {
        self.entry = EntryReport(item.explanation)
        self.bytes = item.size
    }
}
#endif
