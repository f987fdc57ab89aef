// SPDX-License-Identifier: Apache-2.0

/// A store whose entries can be looked through by somebody who knows no keys.
package protocol SampledStore: CacheStore {
    /// Some of the entries of a namespace, without what makes them large. Takes a moment, however many there are.
    ///
    /// - Parameters:
    ///   - namespace: The namespace.
    ///   - pattern: Which keys.
    ///   - count: How many at most, or a few more.
    func sample(of namespace: String, matching pattern: KeyPattern, count: Int) async throws -> EntrySample
}

/// Some of the entries of a store.
package struct EntrySample: Sendable {
    /// An entry as it was found.
    package struct Item: Sendable {
        package var key: CacheKey
        /// The entry; its payload may be cut. Nil for one that is no entry, or has more tags than are read.
        package var entry: Entry?
        /// Whether its payload is whole.
        package var isWhole: Bool
        /// About how many bytes of memory it takes.
        package var size: Int
        /// For how many entries it stands.
        package var share: Double
        /// The store's time.
        package var now: StoreTime

        package init(key: CacheKey, entry: Entry?, isWhole: Bool, size: Int, share: Double = 1, now: StoreTime) {
            self.key = key
            self.entry = entry
            self.isWhole = isWhole
            self.size = size
            self.share = share
            self.now = now
        }
    }

    package var items: [Item] = []
    /// How many keys were looked at, of whatever namespace.
    package var keysSeen = 0
    /// How many there are.
    package var keyCount = 0

    package init() {}
}
