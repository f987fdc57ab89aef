// SPDX-License-Identifier: Apache-2.0

/// What is told of an entry as JSON; times in seconds.
package struct EntryReport: Encodable, Sendable {
    package struct Tag: Encodable, Sendable {
        package var name: String
        /// The number of its last invalidation that is remembered.
        package var invalidated: UInt64?
    }

    package var key: String
    package var verdict: CacheExplanation.Verdict
    package var reason: String
    package var isAbsence: Bool
    package var size: Int?
    package var age: Double?
    package var remaining: Double?
    package var loadDuration: Double?
    package var lease: Double?
    package var stamp: UInt64?
    package var tags: [Tag]

    package init(_ explanation: CacheExplanation) {
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
