// SPDX-License-Identifier: Apache-2.0

import Larder
import Logging

/// Caches of several processes on one server, as a scenario has it: all of the library's code but the store's, which is here.
public final class Simulation {
    /// A promise that was broken.
    public struct Failure: Error, CustomStringConvertible {
        public var message: String
        public var description: String { self.message }
    }

    /// Used by the thread of one scheduler only.
    private final class Process: @unchecked Sendable {
        let name: Int
        let store: SimulatedStore
        let cache: Cache
        let read: CacheFunction<Int, Int>
        /// Versions that were committed and not yet invalidated.
        var unfinished: [(register: Int, version: Int)] = []

        init(_ name: Int, _ store: SimulatedStore, _ cache: Cache, _ read: CacheFunction<Int, Int>) {
            self.name = name
            self.store = store
            self.cache = cache
            self.read = read
        }
    }

    /// How long a call may take, of which a wait for another process is the most.
    private static let longestCall = Duration.seconds(30)
    private static let maximumTags = 4

    private let scenario: Scenario
    private let scheduler: SimulationScheduler
    private let clock: SimulatedClock
    private let server: SimulatedServer
    private let source: SimulatedSource
    private var processes: [Process] = []
    private var calls = 0
    private var failure: Failure?
    private let isRecorded: Bool
    /// What happened, with the time.
    private(set) var history: [String] = []

    private init(_ scenario: Scenario, without taken: Guard?, isRecorded: Bool) {
        self.scenario = scenario
        self.scheduler = SimulationScheduler(seed: scenario.seed, delays: scenario.delays)
        self.clock = SimulatedClock(self.scheduler)
        self.server = SimulatedServer(self.scheduler, maximumTags: Self.maximumTags) { $0 == taken }
        self.source = SimulatedSource(scenario, self.scheduler, self.clock)
        self.isRecorded = isRecorded
    }

    /// Runs a scenario.
    ///
    /// - Parameters:
    ///   - scenario: What happens.
    ///   - taken: A guard to take out.
    /// - Returns: The first promise that was broken; nil for none.
    public static func failure(of scenario: Scenario, without taken: Guard? = nil) -> Failure? {
        Simulation(scenario, without: taken, isRecorded: false).run()
    }

    /// Runs a scenario, and tells what happened.
    public static func history(of scenario: Scenario, without taken: Guard? = nil) -> [String] {
        let simulation = Simulation(scenario, without: taken, isRecorded: true)
        let failure = simulation.run()
        return simulation.history + (failure.map { [$0.message] } ?? [])
    }

    /// The scenario without what its failure does not need.
    public static func shrunk(_ scenario: Scenario, without taken: Guard? = nil) -> Scenario {
        var scenario = scenario
        var size = max(scenario.steps.count / 2, 1)
        while true {
            var start = 0
            var isShorter = false
            while start < scenario.steps.count {
                var shorter = scenario
                shorter.steps.removeSubrange(start..<min(start + size, scenario.steps.count))
                if Self.failure(of: shorter, without: taken) != nil {
                    scenario = shorter
                    isShorter = true
                } else {
                    start += size
                }
            }
            if size == 1, !isShorter { return scenario }
            size = max(size / 2, 1)
        }
    }

    // MARK: Running

    private func run() -> Failure? {
        nonisolated(unsafe) let simulation = self  // Its tasks run on this thread, one after the other.
        do {
            try self.scheduler.run { await simulation.play() }
        } catch {
            return self.failure ?? Failure(message: "\(error)".lowercased() + ": \(self.calls) calls have not ended")
        }
        return self.failure
    }

    private func play() async {
        for name in 0..<self.scenario.processes { self.processes.append(self.process(name)) }
        for step in self.scenario.steps where self.failure == nil {
            try? await self.clock.sleep(
                until: MonotonicInstant(nanoseconds: Int64(step.milliseconds) * 1_000_000), tolerance: nil)
            self.perform(step.action)
        }
        if self.server.isDown { self.server.start(withSaved: false) }
        let end = self.clock.now.advanced(by: Self.longestCall * 2)
        while self.calls > 0, self.failure == nil {
            if self.clock.now > end { return self.fail("\(self.calls) calls have not ended") }
            try? await self.clock.sleep(for: .milliseconds(50))
        }
        if self.failure == nil { await self.checkAtRest() }
        for process in self.processes { self.end(process) }
    }

    private func process(_ name: Int) -> Process {
        let (scheduler, source) = (self.scheduler, self.source)
        let store = SimulatedStore(self.server, network: self.scenario.network)
        // Drawn by the thread of the scheduler, in an order that the seed decides.
        nonisolated(unsafe) let randomness = scheduler
        let cache = Cache(
            "simulated", store: store,
            configuration: CacheConfiguration(leaseDuration: .seconds(1), maximumTags: Self.maximumTags),
            clock: self.clock,
            random: RandomSource { randomness.random() },
            logger: Logger(label: "simulated", factory: { _ in SwiftLogNoOpLogHandler() }))
        let read = cache.function("register", self.scenario.kind.policy) { (register: Int) in
            try await source.load(register)
        }
        .tagged { _, register in ["r\(register)", "all"] }
        .versioned { UInt64($0) }
        return Process(name, store, cache, read)
    }

    private func perform(_ action: Scenario.Action) {
        switch action {
        case .read(let process, let register):
            self.call(self.processes[process]) { simulation, process in await simulation.read(register, process) }
        case .write(let process, let register, let method):
            self.call(self.processes[process]) { simulation, process in
                await simulation.write(register, method, process)
            }
        case .noise(let process, let number):
            // The log may forget other tags over it.
            self.source.invalidationBegins(of: 0..<self.scenario.registers)
            self.call(self.processes[process]) { simulation, process in
                _ = try? await process.cache.invalidate(tags: ["n\(number)"])
                simulation.record("p\(process.name) has invalidated n\(number)")
            }
        case .fault(let fault):
            self.record("\(fault)")
            self.perform(fault)
        }
    }

    private func perform(_ fault: Scenario.Fault) {
        switch fault {
        case .crash(let name):
            let dead = self.processes[name]
            self.end(dead)
            self.processes[name] = self.process(name)
        case .cut(let name): self.processes[name].store.cut()
        case .pause(let milliseconds): self.server.pause(for: .milliseconds(milliseconds))
        case .save: self.server.save()
        case .restart(let isSaved, let milliseconds):
            self.server.kill()
            for process in self.processes { process.store.cut() }
            self.scheduler.after(.milliseconds(milliseconds)) {
                if self.server.isDown { self.server.start(withSaved: isSaved) }
            }
        case .evict(let register): self.server.data.entries[self.processes[0].read.key(register)] = nil
        case .loseLog: self.server.data.log = nil
        case .flush: self.server.data = SimulatedServer.Data()
        case .stepClock(let milliseconds): self.server.clockOffset += .milliseconds(milliseconds)
        }
    }

    private func end(_ process: Process) {
        process.store.die()
        for (register, version) in process.unfinished { self.source.lose(register, version) }
        self.source.died(process)
    }

    /// Runs a call of a process beside the others.
    private func call(_ process: Process, _ body: @escaping (Simulation, Process) async -> Void) {
        self.calls += 1
        nonisolated(unsafe) let (simulation, call) = (self, body)  // Runs on this thread, as all tasks here.
        Task {
            let start = simulation.clock.now
            await call(simulation, process)
            simulation.calls -= 1
            let duration = start.duration(to: simulation.clock.now)
            if duration > Self.longestCall { simulation.fail("a call took \(duration)") }
        }
    }

    // MARK: Calls

    private func read(_ register: Int, _ process: Process) async {
        let oldest = self.source.oldest(register, for: process)
        self.record("p\(process.name) reads r\(register), not older than \(oldest)")
        do {
            let result = try await process.read.result(register)
            self.record("p\(process.name) has read r\(register) = \(result.value), \(result.source)")
            guard !process.store.isDead, self.isPromised(result.source), result.value < oldest else { return }
            self.fail(
                "p\(process.name) has read r\(register) = \(result.value) (\(result.source)), where \(oldest) was invalidated before"
            )
        } catch {
            self.record("p\(process.name) has not read r\(register): \(error)")
        }
    }

    /// Whether the policy promises that values from there are not older than their last invalidation.
    private func isPromised(_ source: CacheSource) -> Bool {
        switch self.scenario.kind {
        case .staleAfterInvalidation: source != .stale
        case .laggingSource: source == .hit
        default: true
        }
    }

    private func write(_ register: Int, _ method: Scenario.Method, _ process: Process) async {
        let isThrough = method == .through
        let write = isThrough ? await process.cache.beginWrite() : nil
        guard !process.store.isDead else { return }
        let version = self.source.commit(register)
        process.unfinished.append((register, version))
        self.record("p\(process.name) commits r\(register) = \(version)")
        try? await self.clock.sleep(for: .milliseconds(self.scheduler.random(0...20)))
        let isOfOne = method == .key || method == .tag || method == .through
        self.source.invalidationBegins(of: isOfOne ? register..<register + 1 : 0..<self.scenario.registers)
        let outcome: InvalidationOutcome
        switch method {
        case .key: outcome = await process.read.invalidate(register)
        case .tag: outcome = (try? await process.cache.invalidate(tags: ["r\(register)"])) ?? .queued
        case .commonTag: outcome = (try? await process.cache.invalidate(tags: ["all", "other"])) ?? .queued
        case .clear: outcome = await process.cache.clear()
        case .pattern: outcome = await process.cache.invalidate(matching: "register:*").outcome
        case .through:
            if let write { process.read.replace(register, with: version, in: write) }
            outcome = await write?.finish() ?? .queued
        }
        guard !process.store.isDead else { return }
        self.record("p\(process.name) has invalidated r\(register) = \(version) by \(method.rawValue): \(outcome)")
        process.unfinished.removeAll { $0 == (register, version) }
        self.source.invalidated(register, version, by: process, outcome)
    }

    // MARK: At rest

    private func checkAtRest() async {
        for process in self.processes {
            let queued = await process.cache.flush(within: .seconds(30))
            if queued > 0 { return self.fail("p\(process.name) has \(queued) invalidations that do not get through") }
        }
        // What was still under way may have been carried out by now.
        try? await self.clock.sleep(for: .milliseconds(700))
        for process in self.processes {
            for register in 0..<self.scenario.registers {
                let oldest = self.source.oldestAtRest(register)
                guard let result = try? await process.read.result(register), result.source == .hit else { continue }
                if result.value < oldest {
                    return self.fail("at rest p\(process.name) has r\(register) = \(result.value), which is \(oldest)")
                }
            }
        }
        // Without faults there is one load for each invalidation, in all processes together.
        guard !self.scenario.hasFaults, self.scenario.kind.lasts, self.scenario.slowLoads == 0 else { return }
        for register in 0..<self.scenario.registers {
            let (loads, most) = (self.source.loads[register], self.source.invalidations[register] + 1)
            if loads > most { self.fail("r\(register) was loaded \(loads) times for \(most - 1) invalidations") }
        }
    }

    private func fail(_ message: String) {
        if self.failure == nil { self.failure = Failure(message: message) }
    }

    private func record(_ event: @autoclosure () -> String) {
        guard self.isRecorded else { return }
        self.history.append("\(Double(self.scheduler.now / 1_000) / 1_000) ms  \(event())")
    }
}
