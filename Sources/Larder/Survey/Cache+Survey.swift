// SPDX-License-Identifier: Apache-2.0

import NIOConcurrencyHelpers
import NIOCore

extension Cache {
    /// Looks through some of the entries, for somebody who may ``AccessPolicy/Operation/operate`` the cache.
    ///
    /// - Parameters:
    ///   - pattern: Which keys, without the name of the cache.
    ///   - tag: Of those only such as have it; nil for all.
    ///   - count: How many at most, or a few more.
    /// - Throws: When the store does not answer, cannot be looked through, or it is not allowed.
    package func survey(matching pattern: KeyPattern = "*", tag: String? = nil, count: Int) async throws -> CacheSurvey
    {
        try self.access?.checkEverything(.operate)
        let sample = try await self.store.sample(of: self.name, matching: pattern, count: count)
        // What is known of the log has to be as new as what is judged by it.
        let asked = self.mirror.position
        _ = self.mirror.apply(try await self.store.log(of: self.name, since: asked), asked: asked)
        let leases = self.leases.withLockedValue { $0 }
        let items = sample.items.map { item in
            var reading = StoreReading(
                record: item.entry.map { .entry($0) } ?? .unreadable(EntryImage(bytes: ByteBuffer())), log: .quiet,
                now: item.now)
            if let entry = item.entry { reading.isOverruled = self.store.ends(entry, under: item.key) }
            var explanation = self.mirror.explanation(of: reading, for: item.key, heldHere: leases)
            if !item.isWhole { explanation.size = nil }
            return CacheSurvey.Item(explanation: explanation, size: item.size, share: item.share)
        }
        return CacheSurvey(
            items: tag.map { tag in items.filter { $0.explanation.tags.contains { $0.name == tag } } } ?? items,
            keysSeen: sample.keysSeen, keyCount: sample.keyCount)
    }

    /// Which keys are asked for and how long that takes, from now on for a while; and as far as somebody has asked so before, of the
    /// last seconds.
    package func watchRequests(for duration: Duration) -> WatchedRequests {
        self.watch.look(for: duration, self.clock)
    }

    /// What is kept in the process; nil when that is nothing.
    package var localContents: LocalContents? { self.store.localContents }

    /// Whether the store is not asked, because it did not answer.
    package var isStoreOut: Bool { self.store.isOut }
}
