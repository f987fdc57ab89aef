// SPDX-License-Identifier: Apache-2.0

import Larder
import Logging

/// Caches of several processes on one server, as a scenario has it: all of the library's code but the store's, which is here.
public final class Simulation {
    /// A promise that was broken.
    public struct Failure: Error, CustomStringConvertible {
        /// Which.
        public enum Promise: Sendable {
            case noStaleRead, ownValue, noStrangeError, timelyAnswer, answer, delivery, cached, oneLoad
        }

        public var promise: Promise
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
    /// A value is its version times this, and its register.
    private static let maximumRegisters = 64

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
        self.server = SimulatedServer(
            self.scheduler, maximumTags: Self.maximumTags, tellsWholeLog: scenario.tellsWholeLog
        ) { $0 == taken }
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
        let promise = Self.failure(of: scenario, without: taken)?.promise
        var scenario = scenario
        var size = max(scenario.steps.count / 2, 1)
        while true {
            var start = 0
            var isShorter = false
            while start < scenario.steps.count {
                var shorter = scenario
                shorter.steps.removeSubrange(start..<min(start + size, scenario.steps.count))
                if Self.failure(of: shorter, without: taken)?.promise == promise {
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
            return self.failure
                ?? Failure(promise: .answer, message: "\(error)".lowercased() + ": \(self.calls) calls have not ended")
        }
        return self.failure
    }

    private func play() async {
        self.record("\(self.scenario.processes) processes, policy \(self.scenario.kind)")
        for name in 0..<self.scenario.processes { self.processes.append(self.process(name)) }
        for step in self.scenario.steps where self.failure == nil {
            try? await self.clock.sleep(
                until: MonotonicInstant(nanoseconds: Int64(step.milliseconds) * 1_000_000), tolerance: nil)
            self.perform(step.action)
        }
        if self.server.isDown { self.server.start(withSaved: false) }
        let end = self.clock.now.advanced(by: Self.longestCall * 2)
        while self.calls > 0, self.failure == nil {
            if self.clock.now > end { return self.fail(.answer, "\(self.calls) calls have not ended") }
            try? await self.clock.sleep(for: .milliseconds(50))
        }
        if self.failure == nil { await self.checkAtRest() }
        for process in self.processes { self.end(process) }
    }

    private func process(_ name: Int) -> Process {
        let (scheduler, source) = (self.scheduler, self.source)
        let store = SimulatedStore(
            self.server, network: self.scenario.network, connections: self.scenario.connections)
        // Drawn by the thread of the scheduler, in an order that the seed decides.
        nonisolated(unsafe) let randomness = scheduler
        let cache = Cache(
            "simulated", store: store,
            configuration: CacheConfiguration(leaseDuration: .seconds(1), maximumTags: Self.maximumTags),
            clock: self.clock,
            random: RandomSource { randomness.random() },
            logger: Logger(label: "simulated", factory: { _ in SwiftLogNoOpLogHandler() }))
        let read = cache.function("register", self.scenario.kind.policy) { (register: Int) in
            try await source.load(register) * Self.maximumRegisters + register
        }
        .tagged { _, register in ["r\(register)", "all"] }
        .versioned { UInt64($0 / Self.maximumRegisters) }
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
        case .cut(let name): self.processes[name].store.cutOne()
        case .loseInvalidation(let name): self.processes[name].store.lossesAhead += 1
        case .delayInvalidation(let name): self.processes[name].store.delaysAhead += 1
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
        case .refuseWrites(let milliseconds): self.server.refuseWrites(for: .milliseconds(milliseconds))
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
            if duration > Self.longestCall { simulation.fail(.timelyAnswer, "a call took \(duration)") }
        }
    }

    // MARK: Calls

    private func read(_ register: Int, _ process: Process) async {
        let oldest = self.source.oldest(register, for: process)
        self.record("p\(process.name) reads r\(register), not older than \(oldest)")
        do {
            let result = try await process.read.result(register)
            let version = result.value / Self.maximumRegisters
            self.record("p\(process.name) has read r\(register) = \(version), \(result.source)")
            guard !process.store.isDead else { return }
            let found = "p\(process.name) has read r\(register) = \(version) (\(result.source))"
            if result.value % Self.maximumRegisters != register {
                self.fail(.ownValue, "\(found), which is r\(result.value % Self.maximumRegisters)'s value")
            }
            guard self.isPromised(result.source), version < oldest else { return }
            self.fail(.noStaleRead, "\(found), where \(oldest) was invalidated before")
        } catch {
            self.record("p\(process.name) has not read r\(register): \(error)")
            if !process.store.isDead, !self.isExpected(error) {
                self.fail(.noStrangeError, "p\(process.name) has not read r\(register): \(error)")
            }
        }
    }

    /// Whether a read may throw it: what its load threw, and what its policy says.
    private func isExpected(_ error: any Error) -> Bool {
        switch error {
        case is SimulatedSource.Broken: self.scenario.brokenLoads > 0
        case let error as CacheError: error.code == .loadTimeout && self.scenario.kind == .loadTimeout
        default: false
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
        try? await self.clock.sleep(for: .milliseconds(self.scheduler.random(0...self.scenario.longestThought)))
        let isOfOne = method == .key || method == .tag || method == .through
        self.source.invalidationBegins(of: isOfOne ? register..<register + 1 : 0..<self.scenario.registers)
        let ended = isOfOne ? [(register, version)] : Array(self.source.versions.enumerated()).map { ($0, $1) }
        let outcome: InvalidationOutcome
        switch method {
        case .key: outcome = await process.read.invalidate(register)
        case .tag: outcome = (try? await process.cache.invalidate(tags: ["r\(register)"])) ?? .queued
        case .commonTag: outcome = (try? await process.cache.invalidate(tags: ["all", "other"])) ?? .queued
        case .clear: outcome = await process.cache.clear()
        case .pattern: outcome = await process.cache.invalidate(matching: "register:*").outcome
        case .through:
            if let write {
                process.read.replace(register, with: version * Self.maximumRegisters + register, in: write)
            }
            outcome = await write?.finish() ?? .queued
        }
        guard !process.store.isDead else { return }
        self.record("p\(process.name) has invalidated r\(register) = \(version) by \(method.rawValue): \(outcome)")
        process.unfinished.removeAll { $0 == (register, version) }
        for (register, version) in ended { self.source.invalidated(register, version, by: process, outcome) }
    }

    // MARK: At rest

    private func checkAtRest() async {
        self.scheduler.calmDown()
        for process in self.processes {
            process.store.calmDown()
            let queued = await process.cache.flush(within: .seconds(30))
            if queued > 0 {
                return self.fail(.delivery, "p\(process.name) has \(queued) invalidations that do not get through")
            }
        }
        // What was still under way may have been carried out by now.
        try? await self.clock.sleep(for: .milliseconds(700))
        for process in self.processes {
            for register in 0..<self.scenario.registers {
                guard await self.checkAtRest(register, process) else { return }
            }
        }
        // Without faults there is one load for each invalidation, in all processes together.
        guard !self.scenario.hasFaults, self.scenario.kind.lasts, self.scenario.slowLoads == 0 else { return }
        for register in 0..<self.scenario.registers {
            let (loads, most) = (self.source.loads[register], self.source.invalidations[register] + 1)
            if loads > most {
                self.fail(.oneLoad, "r\(register) was loaded \(loads) times for \(most - 1) invalidations")
            }
        }
    }

    /// How long a value may fail to be cached when nothing stands in the way but a lease that a step of the clock has prolonged.
    private static let longestColdness = Duration.seconds(60)

    /// Whether a register is cached, and as it is.
    private func checkAtRest(_ register: Int, _ process: Process) async -> Bool {
        let oldest = self.source.oldestAtRest(register)
        let end = self.clock.now.advanced(by: Self.longestColdness)
        while self.clock.now < end {
            let result = try? await process.read.result(register)
            self.record("at rest p\(process.name) reads r\(register): \(result.map { "\($0)" } ?? "nothing")")
            if let result, result.source == .hit {
                let version = result.value / Self.maximumRegisters
                if version >= oldest { return true }
                self.fail(.noStaleRead, "at rest p\(process.name) has r\(register) = \(version), which is \(oldest)")
                return false
            }
            try? await self.clock.sleep(for: .milliseconds(50))
        }
        self.fail(.cached, "at rest p\(process.name) does not keep r\(register)")
        return false
    }

    private func fail(_ promise: Failure.Promise, _ message: String) {
        if self.failure == nil { self.failure = Failure(promise: promise, message: message) }
    }

    private func record(_ event: @autoclosure () -> String) {
        guard self.isRecorded else { return }
        self.history.append("\(Double(self.scheduler.now / 1_000) / 1_000) ms  \(event())")
    }
}
