// SPDX-License-Identifier: Apache-2.0

import Larder

/// What stands under the keys of a server's database, by a sample of them.
package struct KeyCensus: Sendable, Equatable {
    /// What a key is for.
    package enum Kind: String, Sendable, CaseIterable {
        /// An entry of a cache.
        case entry = "entries"
        /// What a cache knows of invalidated tags.
        case log = "logs"
        /// Sessions of a user, or what it is remembered by.
        case session = "sessions"
        /// Limits, locks, and what else Larder keeps.
        case aid = "aids"
        /// A list or a stream, which Larder has none of.
        case queue = "queues"
        case other = "others"

        /// - Parameter caches: The names of the caches that there are, as they stand in keys.
        init(of key: String, type: String, caches: Set<String>) {
            self =
                switch type {
                case "list", "stream": .queue
                case "zset" where key.hasPrefix("{") && key.hasSuffix(RedisStore.logKeyEnding): .log
                case _ where key.contains(":+session:") || key.contains(":+remembered:"): .session
                case _ where key.contains(":+"): .aid
                case "string" where KeyCensus.namespace(of: key).map(caches.contains) ?? false: .entry
                default: .other
                }
        }
    }

    /// One key, and how much memory it takes.
    package struct Sample: Sendable, Equatable {
        package var key: String
        package var kind: Kind
        /// In bytes; nil where the server does not say.
        package var size: Int?

        package init(key: String, type: String, size: Int?, caches: Set<String>) {
            self.key = key
            self.kind = Kind(of: key, type: type, caches: caches)
            self.size = size
        }
    }

    /// How many keys there are.
    package var total: Int
    package var samples: [Sample]

    package init(total: Int = 0, samples: [Sample] = []) {
        self.total = total
        self.samples = samples
    }

    /// Whether all keys were looked at.
    var isComplete: Bool { self.samples.count >= self.total }

    /// The name of the cache that a key would be of.
    static func namespace(of key: String) -> String? {
        key.firstIndex(of: ":").map { String(key[..<$0]) }
    }

    package func has(_ kind: Kind) -> Bool { self.samples.contains { $0.kind == kind } }

    /// About how many keys of a kind there are.
    package func count(of kind: Kind) -> Int {
        guard !self.samples.isEmpty else { return 0 }
        let found = self.samples.count { $0.kind == kind }
        return Int((Double(found) / Double(self.samples.count) * Double(max(self.total, self.samples.count))).rounded())
    }

    /// The samples that take the most memory, the largest first.
    package func largest(_ count: Int) -> [Sample] {
        Array(self.samples.sorted { ($0.size ?? 0, $1.key) > ($1.size ?? 0, $0.key) }.prefix(count))
    }
}
