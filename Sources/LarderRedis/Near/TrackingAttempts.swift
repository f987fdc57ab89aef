// SPDX-License-Identifier: Apache-2.0

import Larder

/// When to try to have a server tell of changes: one at a time, and not again for a while where it does not.
struct TrackingAttempts: Sendable {
    private var isUnderWay = false
    private var pausedUntil: MonotonicInstant?

    /// How long after a failure.
    static let pause = Duration.seconds(1)

    /// Whether to try now; who is told yes has to say how it ended.
    mutating func begin(at now: MonotonicInstant) -> Bool {
        guard !self.isUnderWay, self.pausedUntil.map({ $0 <= now }) ?? true else { return false }
        self.isUnderWay = true
        return true
    }

    mutating func end(hasSucceeded: Bool, at now: MonotonicInstant) {
        self.isUnderWay = false
        if hasSucceeded { self.pausedUntil = nil } else { self.pause(at: now) }
    }

    /// Nothing was heard.
    mutating func pause(at now: MonotonicInstant) {
        self.pausedUntil = now.advanced(by: Self.pause)
    }
}
