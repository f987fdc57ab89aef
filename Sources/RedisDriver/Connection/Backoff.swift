// SPDX-License-Identifier: Apache-2.0

/// How long to wait before the next attempt to connect: twice as long after each failure, and random below that, so that
/// the processes of a fleet do not come all at once.
struct Backoff: Sendable {
    let shortest: Duration
    let longest: Duration
    private var attempts = 0

    init(shortest: Duration, longest: Duration) {
        self.shortest = max(shortest, .milliseconds(1))
        self.longest = max(longest, self.shortest)
    }

    /// A connection was made.
    mutating func succeeded() {
        self.attempts = 0
    }

    /// An attempt failed, or a connection was lost.
    ///
    /// - Parameter draw: A random number from 0 to 1.
    /// - Returns: The pause, at least half of what it may be.
    mutating func failed(draw: Double) -> Duration {
        let doubled = self.shortest * Double(1 << min(self.attempts, 30))
        self.attempts += 1
        return min(doubled, self.longest) * (0.5 + 0.5 * min(max(draw, 0), 1))
    }
}
