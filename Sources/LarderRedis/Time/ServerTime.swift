// SPDX-License-Identifier: Apache-2.0

import Larder

/// What time it is on the server, from what it said last.
///
/// The estimate is never behind the server's clock, and ahead of it by at most the time a round trip took: an entry may
/// end that much early.
struct ServerTime: Sendable {
    private struct Sample: Sendable {
        var server: StoreTime
        var sent: MonotonicInstant
        var roundTrip: Duration
    }

    private var sample: Sample?

    /// After how long a sample should be replaced: clocks drift.
    static let goodFor = Duration.seconds(30)

    /// Takes in a time that the server answered with.
    mutating func learn(_ server: StoreTime, sent: MonotonicInstant, received: MonotonicInstant) {
        let roundTrip = sent.duration(to: received)
        // A slow answer tells less than a fast one from a while ago, unless the clocks have parted since.
        if let old = self.sample, roundTrip > old.roundTrip, !self.isStale(at: received) {
            let expected = old.server.advanced(by: old.sent.duration(to: received))
            let difference = max(expected.duration(to: server), server.duration(to: expected))
            if difference <= roundTrip + old.roundTrip { return }
        }
        self.sample = Sample(server: server, sent: sent, roundTrip: roundTrip)
    }

    /// The time on the server; nil when it has not said anything yet.
    func now(at instant: MonotonicInstant) -> StoreTime? {
        self.sample.map { $0.server.advanced(by: $0.sent.duration(to: instant)) }
    }

    /// Whether the server should be asked again.
    func isStale(at instant: MonotonicInstant) -> Bool {
        guard let sample else { return true }
        return sample.sent.duration(to: instant) > Self.goodFor
    }
}
