// SPDX-License-Identifier: Apache-2.0

import Larder

/// A server with entries and a log, which may lose them, stop, die and start again with what it once had.
final class SimulatedServer {
    /// What is lost when it dies, unless it was saved.
    struct Data {
        var entries: [CacheKey: EntrySlot.Content] = [:]
        var log: InvalidationLog?
        /// The run of the server that made the log.
        var logRun: UInt64 = 0
    }

    let scheduler: SimulationScheduler
    let isWithout: (Guard) -> Bool
    let maximumTags: Int
    let tellsWholeLog: Bool
    var data = Data()
    private(set) var run: UInt64 = 1
    private(set) var isDown = false
    /// How far its clock was moved.
    var clockOffset: Duration = .zero
    private var pausedUntil: Int64 = 0
    private var fullUntil: Int64 = 0
    private var saved = Data()

    init(
        _ scheduler: SimulationScheduler, maximumTags: Int, tellsWholeLog: Bool, isWithout: @escaping (Guard) -> Bool
    ) {
        self.scheduler = scheduler
        self.maximumTags = maximumTags
        self.tellsWholeLog = tellsWholeLog
        self.isWithout = isWithout
    }

    /// What its clock shows.
    var now: StoreTime {
        StoreTime(milliseconds: 1_800_000_000_000 + UInt64(self.scheduler.now / 1_000_000)).advanced(
            by: .seconds(3_600) + self.clockOffset)
    }

    /// Runs `body` once it goes on.
    func whenAwake(_ body: @escaping () -> Void) {
        if self.scheduler.now < self.pausedUntil {
            self.scheduler.at(self.pausedUntil) { self.whenAwake(body) }
        } else {
            body()
        }
    }

    // MARK: What happens to it

    func pause(for duration: Duration) {
        self.pausedUntil = self.scheduler.now + Int64(duration / .nanoseconds(1))
    }

    func refuseWrites(for duration: Duration) {
        self.fullUntil = self.scheduler.now + Int64(duration / .nanoseconds(1))
    }

    /// Whether it takes nothing new.
    var isFull: Bool { self.scheduler.now < self.fullUntil }

    func save() { self.saved = self.data }

    func kill() { self.isDown = true }

    /// Starts it as another run, with what was saved or with nothing.
    func start(withSaved isSaved: Bool) {
        self.isDown = false
        self.run += 1
        self.data = isSaved ? self.saved : Data()
    }

    // MARK: What it is asked

    func change<Result>(_ key: CacheKey, _ body: (inout EntrySlot, StoreTime) -> Result) -> Result {
        let now = self.now
        var slot = EntrySlot(self.content(of: key))
        let result = body(&slot, now)
        self.data.entries[key] = slot.content
        return result
    }

    func content(of key: CacheKey) -> EntrySlot.Content? {
        guard let content = self.data.entries[key], content.until > self.now else { return nil }
        return content
    }

    func changes(since position: LogPosition?) -> LogAnswer {
        if let position, let log = self.data.log, position.epoch != log.position.epoch, !self.tellsWholeLog {
            return .lost
        }
        return self.wholeChanges(since: position)
    }

    private func wholeChanges(since position: LogPosition?) -> LogAnswer {
        guard let log = self.data.log else { return .lost }
        var answer = log.changes(since: position)
        if self.isWithout(.forgettingRaisesFloor), case .changes(var changes) = answer, changes.isComplete {
            let kept = changes.tags.sorted { $0.value > $1.value }.prefix(self.maximumTags)
            changes.tags = Dictionary(uniqueKeysWithValues: kept.map { ($0.key, $0.value) })
            answer = .changes(changes)
        }
        return answer
    }

    /// The log for a reader on a new connection; made anew when it is lost, behind the reader, or of another run.
    func recoverLog(since position: LogPosition?) -> LogAnswer {
        let isOfThisRun = self.data.logRun == self.run || self.isWithout(.logOfRunOnly)
        if isOfThisRun, self.data.log != nil {
            let answer = self.wholeChanges(since: position)
            if answer != .lost { return answer }
        }
        self.makeLog(above: position)
        return self.changes(since: nil)
    }

    func appendToLog(_ body: (inout InvalidationLog, StoreTime) -> Void) {
        if self.data.log == nil { self.makeLog(above: nil) }
        guard var log = self.data.log else { return }
        body(&log, self.now)
        self.data.log = log
    }

    private func makeLog(above position: LogPosition?) {
        if self.isWithout(.newLogEndsEverything) {
            self.data.log = InvalidationLog(epoch: 1, now: .zero, capacity: self.maximumTags)
        } else {
            let top = max(self.data.log?.position.head ?? .zero, position?.head ?? .zero)
            let epoch = self.scheduler.random() | 1
            let capacity = self.isWithout(.forgettingRaisesFloor) ? 1_000_000 : self.maximumTags
            self.data.log = InvalidationLog(
                epoch: epoch, now: self.now, above: LogPosition(epoch: epoch, head: top), capacity: capacity)
        }
        self.data.logRun = self.run
    }
}
