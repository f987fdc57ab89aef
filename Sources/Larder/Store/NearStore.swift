// SPDX-License-Identifier: Apache-2.0

/// A store that keeps a copy of what it has read in the process, and is told by its server when that changes.
///
/// What it is told comes in the order of what the server does, so an answer of the server proves that everything it did before was
/// told, as long as it is the one that takes writes. How long ago such a question was sent is how old the copy can be.
package protocol NearStore: CacheStore {
    /// What the copy holds of a key; nil when that is nothing, or may be older than `bound`.
    func near(_ key: CacheKey, within bound: Duration) -> NearReading?

    /// Reads as the store does otherwise, and keeps what it finds.
    func readKeeping(_ key: CacheKey, since position: LogPosition?) async throws -> StoreReading

    /// Reads entries of one namespace together, and keeps what it finds.
    func readKeeping(_ keys: [CacheKey], since position: LogPosition?) async throws -> [StoreReading]

    /// Proves anew what is kept of the server that has `key`, and what is known of the log.
    ///
    /// - Parameters:
    ///   - key: A key; nil to prove what is known of the log alone.
    ///   - namespace: Whose log.
    ///   - position: How much of the log the caller knows.
    func prove(_ key: CacheKey?, in namespace: String, since position: LogPosition?) async throws -> LogAnswer

    /// Has a function called when the server tells that something was added to the log of a namespace. A hint: nothing is
    /// told until the log is asked again.
    func onLogChange(of namespace: String, _ handler: @escaping @Sendable () -> Void)
}

/// What a copy holds of a key.
package struct NearReading: Sendable {
    /// The entry.
    package var entry: Entry
    /// The store's time.
    package var now: StoreTime
    /// How long ago the question was sent that proves it.
    package var age: Duration

    /// Makes a reading.
    package init(entry: Entry, now: StoreTime, age: Duration) {
        self.entry = entry
        self.now = now
        self.age = age
    }
}
