// SPDX-License-Identifier: Apache-2.0

import NIOConcurrencyHelpers
import Synchronization

/// Notes which keys are asked for and how long that takes, while somebody looks; else it costs a request one look at a flag.
final class RequestWatch: Sendable {
    /// The stretch that is being noted, and the one before it.
    private struct Notes: Sendable {
        var until: MonotonicInstant
        var earlier = WatchedRequests()
        var earlierStart: MonotonicInstant
        var current = WatchedRequests()
        var start: MonotonicInstant

        init(at now: MonotonicInstant) {
            self.until = now
            self.start = now
            self.earlierStart = now
        }

        /// Begins another stretch when one is over.
        mutating func turn(at now: MonotonicInstant) {
            let length = self.start.duration(to: now)
            guard length >= RequestWatch.stretch else { return }
            // What is older than two of them says nothing of now.
            self.earlier = length < RequestWatch.stretch * 2 ? self.current : WatchedRequests()
            self.earlierStart = length < RequestWatch.stretch * 2 ? self.start : now
            self.current = WatchedRequests()
            self.start = now
        }
    }

    private static let stretch = Duration.seconds(5)

    private let isOn = Atomic<Bool>(false)
    private let notes = NIOLockedValueBox<Notes?>(nil)

    /// When a request begins; nil while nobody looks.
    func begin(_ clock: any CacheClock) -> MonotonicInstant? {
        self.isOn.load(ordering: .relaxed) ? clock.now : nil
    }

    /// A request that began while somebody looked has been answered.
    func end(
        _ begun: MonotonicInstant, _ key: CacheKey, in region: String, from source: CacheSource, _ clock: any CacheClock
    ) {
        let now = clock.now
        self.notes.withLockedValue { notes in
            guard let until = notes?.until, now < until else {
                self.isOn.store(false, ordering: .relaxed)
                notes = nil
                return
            }
            notes?.turn(at: now)
            notes?.current.note(key, in: region, from: source, begun.duration(to: now))
        }
    }

    /// What was noted of the last five to ten seconds, if somebody has looked since; notes go on for a while.
    func look(for duration: Duration, _ clock: any CacheClock) -> WatchedRequests {
        let now = clock.now
        return self.notes.withLockedValue { notes in
            var current = notes.flatMap { now < $0.until ? $0 : nil } ?? Notes(at: now)
            current.turn(at: now)
            current.until = now.advanced(by: duration)
            notes = current
            self.isOn.store(true, ordering: .relaxed)
            let start = current.earlierStart
            return current.earlier.followed(by: current.current, within: start.duration(to: now))
        }
    }
}
