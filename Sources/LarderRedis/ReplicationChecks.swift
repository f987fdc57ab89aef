// SPDX-License-Identifier: Apache-2.0

import Larder

/// When the server behind each connection is asked for its part in replication: one that was demoted, and cut off from the new master,
/// answers reads as before, for ever; and one that was promoted again has lost what it took before.
struct ReplicationChecks: Sendable {
    private var asked: [Int: MonotonicInstant] = [:]

    /// How often.
    static let interval = Duration.milliseconds(250)

    /// Whether a question over a connection should ask, which then counts as done.
    mutating func isDue(over connection: Int, at now: MonotonicInstant) -> Bool {
        if let last = self.asked[connection], last.duration(to: now) < Self.interval { return false }
        self.asked[connection] = now
        return true
    }

    /// The question over a connection was not answered: the next one asks again.
    mutating func failed(over connection: Int) {
        self.asked[connection] = nil
    }
}
