// SPDX-License-Identifier: Apache-2.0

import LarderTesting

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Runs tasks on one thread, in an order and at times that a seed decides: the same seed, the same run.
///
/// All that a thread enqueues while it runs a scheduler comes here, by a hook of the Swift runtime; other threads are left alone.
/// Time is virtual: it moves on when nothing can run, and now and then before, as it does for a process that has to wait
/// for a processor.
final class SimulationScheduler {
    typealias Original = @convention(thin) (UnownedJob) -> Void
    typealias Hook = @convention(thin) (UnownedJob, Original) -> Void

    /// Nothing can run, and nothing will.
    struct Stuck: Error {}
    /// It goes on and on.
    struct Endless: Error {}

    private struct Timer {
        var time: MonotonicInstantValue
        var number: Int
        var action: () -> Void
    }
    typealias MonotonicInstantValue = Int64

    /// Nanoseconds since the start.
    private(set) var now: Int64 = 0
    private var generator: SeededGenerator
    private var delays: Double
    private var ready: [UnownedJob] = []
    private var timers: [Timer] = []
    private var lastTimer = 0
    private let executor = Executor()

    /// How far time moves on at most, in nanoseconds, though something can run.
    private static let longestDelay: Int64 = 200_000_000
    /// How many steps a run may take.
    private static let maximumSteps = 200_000

    /// - Parameters:
    ///   - seed: What decides.
    ///   - delays: How likely it is at each step that time moves on though something can run.
    init(seed: UInt64, delays: Double) {
        self.generator = SeededGenerator(seed: seed)
        self.delays = delays
    }

    // MARK: Random numbers

    func random() -> UInt64 { self.generator.next() }

    func random(_ range: ClosedRange<Int>) -> Int { .random(in: range, using: &self.generator) }

    func chance(_ share: Double) -> Bool { .random(in: 0..<1, using: &self.generator) < share }

    // MARK: Time

    /// From now on whatever can run does so at once.
    func calmDown() { self.delays = 0 }

    func at(_ time: Int64, _ action: @escaping () -> Void) {
        self.lastTimer += 1
        let timer = Timer(time: max(time, self.now), number: self.lastTimer, action: action)
        let index = self.timers.partitioningIndex { ($0.time, $0.number) < (timer.time, timer.number) }
        self.timers.insert(timer, at: index)
    }

    func after(_ duration: Duration, _ action: @escaping () -> Void) {
        self.at(self.now + Int64(duration / .nanoseconds(1)), action)
    }

    // MARK: Running

    /// Runs `body`, and all that comes of it, until it returns.
    func run(_ body: @escaping @Sendable () async -> Void) throws {
        Self.installHook()
        pthread_setspecific(Self.key, Unmanaged.passUnretained(self).toOpaque())
        defer { pthread_setspecific(Self.key, nil) }
        let end = Flag()
        Task {
            await body()
            end.isSet = true
        }
        var steps = 0
        while !end.isSet {
            steps += 1
            if steps > Self.maximumSteps { throw Endless() }
            let isDelayed = self.timers.last.map { $0.time - self.now < Self.longestDelay && self.chance(self.delays) }
            if !self.ready.isEmpty, isDelayed != true {
                let index = self.random(0...self.ready.count - 1)
                self.ready.swapAt(index, self.ready.count - 1)
                self.ready.removeLast().runSynchronously(on: self.executor.asUnownedSerialExecutor())
            } else if let timer = self.timers.popLast() {
                self.now = timer.time
                timer.action()
            } else {
                throw Stuck()
            }
        }
    }

    /// Jobs run as if on it; what they enqueue goes through the hook.
    private final class Executor: SerialExecutor {
        func enqueue(_ job: consuming ExecutorJob) {
            let job = UnownedJob(job)
            SimulationScheduler.current?.ready.append(job)
        }
    }

    /// Used by the thread of one scheduler only.
    private final class Flag: @unchecked Sendable {
        var isSet = false
    }

    // MARK: The hook

    private static var current: SimulationScheduler? {
        pthread_getspecific(Self.key).map { Unmanaged.fromOpaque($0).takeUnretainedValue() }
    }

    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        pthread_key_create(&key, nil)
        return key
    }()

    private static func installHook() { _ = Self.hook }

    private static let hook: Void = {
        guard let symbol = dlsym(dlopen(nil, RTLD_NOW), "swift_task_enqueueGlobal_hook") else {
            fatalError("this Swift runtime has no hook for enqueued tasks")
        }
        symbol.assumingMemoryBound(to: Hook?.self).pointee = { job, original in
            if let scheduler = SimulationScheduler.current {
                scheduler.ready.append(job)
            } else {
                original(job)
            }
        }
    }()
}

extension Array {
    /// Where elements stop to satisfy `isLater`, in an array that is sorted by it.
    fileprivate func partitioningIndex(_ isBefore: (Element) -> Bool) -> Int {
        var (low, high) = (0, self.count)
        while low < high {
            let middle = (low + high) / 2
            if isBefore(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
