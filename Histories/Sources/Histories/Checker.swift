// SPDX-License-Identifier: Apache-2.0

/// Judges what all workers did: one pass over what happened in its order.
struct Checker {
    /// What was found of the calls that began in a part of the run.
    struct Window {
        var name: String
        /// Nanoseconds that reads that ask the server may lag, where it may take so long to be found out.
        var lag: UInt64 = 0
        var start: UInt64
        var end: UInt64
        var reads = 0
        var hits = 0
        var nearHits = 0
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
    /// worker has invalidated itself, applied or queued.
    private struct Known {
        var applied: UInt32 = 0
        var own: [UInt32]
    }

    /// What happens to what is known, or is judged by it.
    private struct Moment {
        enum Kind: Int {
            /// What others had invalidated by then has to be seen.
            case reachOfRead
            case startOfRead
            case endOfWrite
        }

        var time: UInt64
        var kind: Kind
        var worker: Int32
        var event: Int32
    }

    /// How long ago an invalidation by others may have been applied that a bounded read does not see: 250 ms, and 50 for what the
    /// machine takes.
    private static let lag: UInt64 = 300_000_000

    /// Checks that no read gave less than what had been invalidated before it began, or for a bounded one so long before that: by
    /// anybody, or by its own worker, who sees its own invalidations at once.
    mutating func check(_ workers: [[Event]]) {
        // Ends come before the starts of the same moment only if they are earlier: equal counts as at the same time.
        var moments: [Moment] = []
        for (worker, events) in workers.enumerated() {
            self.operations += events.count
            for (index, event) in events.enumerated() {
                func add(_ kind: Moment.Kind, at time: UInt64) {
                    moments.append(Moment(time: time, kind: kind, worker: Int32(worker), event: Int32(index)))
                }
                switch event.kind {
                case .read, .boundedRead:
                    let lag = max(event.kind == .boundedRead ? Self.lag : 0, self.window(of: event)?.lag ?? 0)
                    add(.reachOfRead, at: event.start - lag)
                    add(.startOfRead, at: event.start)
                case .applied, .queued: add(.endOfWrite, at: event.end)
                case .failedRead: self.count(event, isStale: false)
                }
            }
        }
        moments.sort { ($0.time, $0.kind.rawValue) < ($1.time, $1.kind.rawValue) }
        var known = Array(
            repeating: Known(own: Array(repeating: 0, count: workers.count)), count: Registers.count)
        var oldest = workers.map { [UInt32](repeating: 0, count: $0.count) }
        for moment in moments {
            let (worker, index) = (Int(moment.worker), Int(moment.event))
            let event = workers[worker][index]
            let register = Int(event.register)
            switch moment.kind {
            case .endOfWrite:
                if event.kind == .applied { known[register].applied = max(known[register].applied, event.version) }
                known[register].own[worker] = max(known[register].own[worker], event.version)
                self.count(event, isStale: false)
            case .reachOfRead:
                oldest[worker][index] = known[register].applied
            case .startOfRead:
                let oldest = max(oldest[worker][index], known[register].own[worker])
                self.count(event, isStale: event.version < oldest)
                if event.version < oldest, self.examples.count < 10 {
                    self.examples.append(
                        "worker \(worker) at \(event.start) has read r\(register) = \(event.version)"
                            + " (\(event.kind), \(event.source)), where \(oldest) was invalidated before")
                }
            }
        }
        for index in self.windows.indices { self.windows[index].durations.sort() }
    }

    private func window(of event: Event) -> Window? {
        self.windows.first { ($0.start..<$0.end).contains(event.start) }
    }

    private mutating func count(_ event: Event, isStale: Bool) {
        if isStale { self.stale += 1 }
        guard let index = self.windows.firstIndex(where: { ($0.start..<$0.end).contains(event.start) }) else { return }
        switch event.kind {
        case .read, .boundedRead:
            self.windows[index].reads += 1
            if event.source == .store { self.windows[index].hits += 1 }
            if event.source == .near { self.windows[index].nearHits += 1 }
            self.windows[index].durations.append(event.end - event.start)
        case .failedRead: self.windows[index].failed += 1
        case .applied: self.windows[index].invalidations += 1
        case .queued: self.windows[index].queued += 1
        }
        if isStale { self.windows[index].stale += 1 }
    }
}
