// SPDX-License-Identifier: Apache-2.0

/// What stands under a key, and what a call for it would make of that; see ``Cache/explain(_:)``.
public struct CacheExplanation: Sendable, Hashable, CustomStringConvertible {
    /// What a call would find.
    public enum Verdict: String, Sendable, Codable {
        /// It would be a hit.
        case fresh
        /// The value would be served and loaded anew behind it.
        case staleWhileRevalidate
        /// The value would be served if it could not be loaded.
        case staleIfError
        /// Its lifetime is over.
        case expired
        /// It was invalidated: by its key, by a tag, by clearing, or because the log of invalidations was lost since.
        case invalidated
        /// There is nothing.
        case absent
        /// There is nothing yet: somebody loads it.
        case leased
        /// It was invalidated, and nothing may be stored for a while.
        case heldOff
        /// There are bytes that are no entry of this version.
        case unreadable
        /// The store could not be asked.
        case storeUnavailable
        /// The ``AccessPolicy`` of the cache does not allow whoever asks to read it.
        case denied
    }

    /// A tag of the entry.
    public struct Tag: Sendable, Hashable {
        /// Its name.
        public var name: String
        /// Its last invalidation that is remembered.
        public var invalidated: LogSequence?
    }

    /// The key.
    public var key: CacheKey
    /// What a call would find.
    public var verdict: Verdict
    /// Why, in words.
    public var reason: String
    /// Whether it says that there is no value.
    public var isAbsence = false
    /// How long ago its load began.
    public var age: Duration?
    /// How much longer it is fresh.
    public var remaining: Duration?
    /// How long its load took.
    public var loadDuration: Duration?
    /// How many bytes its value has.
    public var size: Int?
    /// The newest invalidation that its process had seen when its load began.
    public var stamp: LogSequence?
    /// Its tags.
    public var tags: [Tag] = []
    /// For how much longer somebody has the right to fill it, unless they ask for more.
    public var lease: Duration?
    /// Whether that is this process.
    public var isLeasedHere = false

    init(key: CacheKey, verdict: Verdict, reason: String) {
        self.key = key
        self.verdict = verdict
        self.reason = reason
    }

    public var description: String {
        var lines = ["\(self.key): \(self.verdict.rawValue), \(self.reason)"]
        if let age {
            lines.append("age \(Self.text(age))" + (self.remaining.map { ", fresh for \(Self.text($0))" } ?? ""))
        }
        if let size {
            lines.append("\(size) bytes" + (self.loadDuration.map { ", loaded in \(Self.text($0))" } ?? ""))
        }
        if let stamp { lines.append("stamp \(stamp.rawValue)") }
        for tag in self.tags {
            lines.append("tag \(tag.name)" + (tag.invalidated.map { ", invalidated at \($0.rawValue)" } ?? ""))
        }
        if let lease {
            lines.append("leased for \(Self.text(lease)) by " + (self.isLeasedHere ? "this process" : "another"))
        }
        return lines.joined(separator: "\n")
    }

    /// To the millisecond.
    private static func text(_ duration: Duration) -> String {
        "\((duration / .milliseconds(1)).rounded() / 1_000) s"
    }
}
