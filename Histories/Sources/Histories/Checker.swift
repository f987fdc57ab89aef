// SPDX-License-Identifier: Apache-2.0

/// Judges what all workers did: one pass over what happened in its order.
struct Checker {
    /// What was found of the calls that began in a part of the run.
    struct Window {
        var name: String
        var start: UInt64
        var end: UInt64
        var reads = 0
        var hits = 0
        var failed = 0
        var stale = 0
        /// Nanoseconds, of reads and of writes.
        var durations: [UInt64] = []
        var invalidations = 0
        var queued = 0

        /// The duration that all but a share of the calls did not exceed, in milliseconds.
        func duration(_ share: Double) -> Double {
            guard !self.durations.isEmpty else { return 0 }
            let index = min(Int(Double(self.durations.count) * share), self.durations.count - 1)
            return Double(self.durations[index]) / 1e6
        }
    }

    private(set) var windows: [Window]
    private(set) var operations = 0
    /// The first stale reads, in words.
    private(set) var examples: [String] = []

    /// Of all calls, also those before the first part.
    private(set) var stale = 0

    init(_ windows: [Window]) {
        self.windows = windows
    }

    /// What is known of a register when something happens: the newest version whose invalidation was applied, and the newest that each
    /// worker has queued.
    private struct Known {
        var applied: UInt32 = 0
        var queued: [UInt32]
    }

    /// Checks that no read gave less than what had been invalidated before it began: by anybody, or queued by its own worker.
    mutating func check(_ workers: [[Event]]) {
        // Ends come before the starts of the same moment only if they are earlier: equal counts as at the same time.
        var moments: [(time: UInt64, isEnd: Bool, worker: Int, event: Int)] = []
        for (worker, events) in workers.enumerated() {
            self.operations += events.count
            for (index, event) in events.enumerated() {
                switch event.kind {
                case .read: moments.append((event.start, false, worker, index))
                case .applied, .queued: moments.append((event.end, true, worker, index))
                case .failedRead: self.count(event, isStale: false)
                }
            }
        }
        moments.sort { ($0.time, $0.isEnd ? 1 : 0) < ($1.time, $1.isEnd ? 1 : 0) }
        var known = Array(
            repeating: Known(queued: Array(repeating: 0, count: workers.count)), count: Registers.count)
        for moment in moments {
            let event = workers[moment.worker][moment.event]
            let register = Int(event.register)
            switch event.kind {
            case .applied:
                known[register].applied = max(known[register].applied, event.version)
                self.count(event, isStale: false)
            case .queued:
                known[register].queued[moment.worker] = max(known[register].queued[moment.worker], event.version)
                self.count(event, isStale: false)
            default:
                let oldest = max(known[register].applied, known[register].queued[moment.worker])
                self.count(event, isStale: event.version < oldest)
                if event.version < oldest, self.examples.count < 10 {
                    self.examples.append(
                        "worker \(moment.worker) at \(event.start) has read r\(register) = \(event.version)"
                            + " (\(event.isHit ? "hit" : "load")), where \(oldest) was invalidated before")
                }
            }
        }
        for index in self.windows.indices { self.windows[index].durations.sort() }
    }

    private mutating func count(_ event: Event, isStale: Bool) {
        if isStale { self.stale += 1 }
        guard let index = self.windows.firstIndex(where: { ($0.start..<$0.end).contains(event.start) }) else { return }
        switch event.kind {
        case .read:
            self.windows[index].reads += 1
            if event.isHit { self.windows[index].hits += 1 }
            self.windows[index].durations.append(event.end - event.start)
        case .failedRead: self.windows[index].failed += 1
        case .applied: self.windows[index].invalidations += 1
        case .queued: self.windows[index].queued += 1
        }
        if isStale { self.windows[index].stale += 1 }
    }
}
