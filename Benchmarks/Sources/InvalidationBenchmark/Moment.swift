// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// When something happened last.
final class Moment: Sendable {
    private let clock: ContinuousClock
    private let noted: Mutex<ContinuousClock.Instant>

    init(_ clock: ContinuousClock) {
        self.clock = clock
        self.noted = Mutex(clock.now)
    }

    func note() {
        let now = self.clock.now
        self.noted.withLock { $0 = now }
    }

    var time: ContinuousClock.Instant { self.noted.withLock { $0 } }
}
