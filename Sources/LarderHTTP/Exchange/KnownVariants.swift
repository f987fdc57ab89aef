// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Larder
import NIOConcurrencyHelpers

/// What a process has learnt of the variants of URLs: a hint where they stand, and a bound on how many are stored, for whoever sends
/// requests can make as many as it likes.
///
/// The first response for a URL stands under the URL's own key, whatever it varies by; the others, each under a key of its variant.
final class KnownVariants: Sendable {
    /// The most variants of a URL that a process stores within a time.
    private static let maximumVariants = (count: 64, within: Duration.seconds(600))
    /// The most URLs that are remembered.
    private static let maximumURLs = 10_000

    private struct Known {
        var names: [HTTPField.Name]
        /// The variant that stands under the URL's own key.
        var first: Int?
        /// By their hashes: their values are as long as clients like.
        var stored: Set<Int> = []
        var since: MonotonicInstant
    }

    private let table = NIOLockedValueBox<[CacheKey: Known]>([:])

    /// The variant that a request is for, and whether it stands under the URL's own key; nil where nothing is known.
    func variant(under key: CacheKey, for request: HTTPFields) -> (variant: Variant, isFirst: Bool)? {
        guard let known = self.table.withLockedValue({ $0[key] }) else { return nil }
        let variant = Variant(known.names, of: request)
        return (variant, variant.hashValue == known.first)
    }

    /// Learns which variant stands under a URL's own key. Where nothing is known, a response for all requests is nothing to know.
    func learn(_ variant: Variant, under key: CacheKey, at now: MonotonicInstant) {
        if variant == .any, self.table.withLockedValue({ $0[key] == nil }) { return }
        self.change(key, variant.selectors.map(\.name), now) { $0.first = variant.hashValue }
    }

    /// Whether a variant may be stored besides those that are.
    func admit(_ variant: Variant, of key: CacheKey, at now: MonotonicInstant) -> Bool {
        guard !variant.selectors.isEmpty else { return true }
        return self.change(key, variant.selectors.map(\.name), now) { known in
            if known.stored.count < Self.maximumVariants.count { known.stored.insert(variant.hashValue) }
            return known.stored.contains(variant.hashValue)
        }
    }

    private func change<Result>(
        _ key: CacheKey, _ names: [HTTPField.Name], _ now: MonotonicInstant, _ body: (inout Known) -> Result
    ) -> Result {
        self.table.withLockedValue { table in
            if table[key] == nil, table.count >= Self.maximumURLs { table.removeAll() }
            var known = table[key] ?? Known(names: names, since: now)
            if known.since.duration(to: now) > Self.maximumVariants.within {
                known.stored = []
                known.since = now
            }
            known.names = names
            defer { table[key] = known }
            return body(&known)
        }
    }
}
