// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Larder
import NIOConcurrencyHelpers

/// What a process has learnt of the variants of URLs: a hint, and a bound on how many are stored, for whoever sends requests can make
/// as many as it likes.
final class VariantNames: Sendable {
    /// The most variants of a URL that a process stores within a time.
    private static let maximumVariants = (count: 64, within: Duration.seconds(600))
    /// The most URLs that are remembered.
    private static let maximumURLs = 10_000

    private struct Known {
        var names: [HTTPField.Name]
        /// By their hashes: their values are as long as clients like.
        var variants: Set<Int> = []
        var since: MonotonicInstant
    }

    private let table = NIOLockedValueBox<[ResponseKey: Known]>([:])

    /// The fields that the responses for a URL depend on, as far as is known.
    func names(for key: ResponseKey) -> [HTTPField.Name]? {
        self.table.withLockedValue { $0[key]?.names }
    }

    /// Whether a variant may be stored besides those that are; learns what it depends on.
    func admit(_ variant: Variant, of key: ResponseKey, at now: MonotonicInstant) -> Bool {
        guard !variant.selectors.isEmpty else { return true }
        return self.table.withLockedValue { table in
            if table[key] == nil, table.count >= Self.maximumURLs { table.removeAll() }
            let names = variant.selectors.map(\.name)
            var known = table[key] ?? Known(names: names, since: now)
            defer { table[key] = known }
            if known.since.duration(to: now) > Self.maximumVariants.within { known = Known(names: names, since: now) }
            known.names = names
            if known.variants.count < Self.maximumVariants.count { known.variants.insert(variant.hashValue) }
            return known.variants.contains(variant.hashValue)
        }
    }
}
