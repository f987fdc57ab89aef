// SPDX-License-Identifier: Apache-2.0

import NIOConcurrencyHelpers

/// The right to do what a lock is for, as long as it lasts.
public final class RedisLease: Sendable {
    /// A number above that of every holder before, for the resource itself to refuse who comes late: it remembers the highest that it has
    /// seen and takes nothing from lower ones.
    public let fencingNumber: Int64
    private let deadline: NIOLockedValueBox<ContinuousClock.Instant>

    init(fencingNumber: Int64, deadline: ContinuousClock.Instant) {
        self.fencingNumber = fencingNumber
        self.deadline = NIOLockedValueBox(deadline)
    }

    /// Whether the lease lasts, as far as this process can tell.
    public var isValid: Bool { ContinuousClock.now < self.end }

    /// When it ends unless it is renewed.
    var end: ContinuousClock.Instant { self.deadline.withLockedValue { $0 } }

    func extend(to deadline: ContinuousClock.Instant) {
        self.deadline.withLockedValue { $0 = max($0, deadline) }
    }

    func lose() {
        self.deadline.withLockedValue { $0 = .now }
    }
}
