// SPDX-License-Identifier: Apache-2.0

#if CLI
import Larder

/// What is told of an entry as JSON; times in seconds.
struct EntryReport: Encodable {
    struct Tag: Encodable {
        var name: String
        /// The number of its last invalidation that is remembered.
        var invalidated: UInt64?
    }

    var key: String
    var verdict: CacheExplanation.Verdict
    var reason: String
    var isAbsence: Bool
    var size: Int?
    var age: Double?
    var remaining: Double?
    var loadDuration: Double?
    var lease: Double?
    var stamp: UInt64?
    var tags: [Tag]

    init(_ explanation: CacheExplanation) {
        self.key = explanation.key.text
        self.verdict = explanation.verdict
        self.reason = explanation.reason
        self.isAbsence = explanation.isAbsence
        self.size = explanation.size
        self.age = explanation.age.map { $0 / .seconds(1) }
        self.remaining = explanation.remaining.map { $0 / .seconds(1) }
        self.loadDuration = explanation.loadDuration.map { $0 / .seconds(1) }
        self.lease = explanation.lease.map { $0 / .seconds(1) }
        self.stamp = explanation.stamp?.rawValue
        self.tags = explanation.tags.map { Tag(name: $0.name, invalidated: $0.invalidated?.rawValue) }
    }
}
#endif
