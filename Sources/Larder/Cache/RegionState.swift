// SPDX-License-Identifier: Apache-2.0

import NIOConcurrencyHelpers

/// What all users of a region in a process share.
final class RegionState: Sendable {
    let counters: RegionCounters
    let limit = LoadLimit()
    private let method: NIOLockedValueBox<InvalidationMethod>

    init(invalidatedBy method: InvalidationMethod, counters: RegionCounters) {
        self.counters = counters
        self.method = NIOLockedValueBox(method)
    }

    /// How an invalidation by key ends its entries: the strongest way that one of its users wants.
    var invalidationMethod: InvalidationMethod { self.method.withLockedValue { $0 } }

    func mustEnd(by method: InvalidationMethod) {
        self.method.withLockedValue { $0 = $0.stronger(method) }
    }
}
