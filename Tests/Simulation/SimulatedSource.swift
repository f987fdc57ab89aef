// SPDX-License-Identifier: Apache-2.0

import Larder

/// The source of truth: registers whose versions rise, and what was acknowledged of them.
///
/// Used by the thread of one scheduler only.
final class SimulatedSource: @unchecked Sendable {
    struct Broken: Error {}

    private let scheduler: SimulationScheduler
    private let clock: SimulatedClock
    private let scenario: Scenario
    /// When each version was committed.
    private var commits: [[Int64]]
    /// The loads that did not fail.
    private(set) var loads: [Int]
    /// The newest version whose invalidation was applied, and for each process the newest that it queued.
    private var applied: [Int]
    private var queued: [ObjectIdentifier: [Int]] = [:]
    /// The newest version that was invalidated by nobody, since its process died.
    private var lost: [Int]
    /// Writes that may have ended an entry of the register.
    private(set) var invalidations: [Int]

    init(_ scenario: Scenario, _ scheduler: SimulationScheduler, _ clock: SimulatedClock) {
        self.scenario = scenario
        self.scheduler = scheduler
        self.clock = clock
        self.commits = Array(repeating: [0], count: scenario.registers)
        self.loads = Array(repeating: 0, count: scenario.registers)
        self.applied = self.loads
        self.lost = self.loads
        self.invalidations = self.loads
    }

    /// The newest version; the first is 0.
    func version(_ register: Int) -> Int { self.commits[register].count - 1 }

    func load(_ register: Int) async throws -> Int {
        try await self.work()
        let version =
            switch self.scenario.kind {
            case .laggingSource:
                // A replica that is behind by up to half of what is held off.
                self.commits[register].lastIndex {
                    $0 <= max(self.scheduler.now - Int64(self.scheduler.random(0...300_000_000)), 0)
                } ?? 0
            default: self.version(register)
            }
        try await self.work()
        if self.scheduler.chance(self.scenario.brokenLoads) { throw Broken() }
        self.loads[register] += 1
        return version
    }

    private func work() async throws {
        let milliseconds =
            self.scheduler.chance(self.scenario.slowLoads)
            ? self.scheduler.random(100...4_000) : max(self.scheduler.random(-30...30), 0)
        try await self.clock.sleep(for: .milliseconds(milliseconds))
    }

    func commit(_ register: Int) -> Int {
        self.commits[register].append(self.scheduler.now)
        return self.version(register)
    }

    /// The newest versions of all registers.
    var versions: [Int] { self.commits.indices.map(self.version) }

    /// An invalidation may end entries of these registers from now on.
    func invalidationBegins(of registers: Range<Int>) {
        for register in registers { self.invalidations[register] += 1 }
    }

    func invalidated(_ register: Int, _ version: Int, by process: AnyObject, _ outcome: InvalidationOutcome) {
        if outcome == .applied {
            self.applied[register] = max(self.applied[register], version)
        } else {
            let queued = self.queued[ObjectIdentifier(process)]?[register] ?? 0
            self.queued[ObjectIdentifier(process), default: Array(repeating: 0, count: self.scenario.registers)][
                register] =
                max(queued, version)
        }
    }

    /// A process died before it had a version invalidated.
    func lose(_ register: Int, _ version: Int) {
        self.lost[register] = max(self.lost[register], version)
    }

    func died(_ process: AnyObject) {
        for (register, version) in (self.queued.removeValue(forKey: ObjectIdentifier(process)) ?? []).enumerated() {
            self.lose(register, version)
        }
    }

    /// The oldest version that a read may give which begins now.
    func oldest(_ register: Int, for process: AnyObject) -> Int {
        max(self.applied[register], self.queued[ObjectIdentifier(process)]?[register] ?? 0)
    }

    /// The oldest version that may be cached once everything was delivered.
    func oldestAtRest(_ register: Int) -> Int {
        let version = self.version(register)
        return self.lost[register] > self.applied[register] ? self.applied[register] : version
    }
}
