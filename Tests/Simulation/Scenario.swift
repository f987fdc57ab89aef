// SPDX-License-Identifier: Apache-2.0

import Larder
import LarderTesting

/// What happens in a simulation, and when: drawn from a seed, and then perhaps shortened.
public struct Scenario: Sendable {
    /// How values are invalidated by a write.
    enum Method: String, CaseIterable, Sendable {
        case key, tag, commonTag, clear, pattern, through
    }

    enum Fault: Sendable {
        case crash(Int)
        case cut(Int)
        /// The next invalidation or write of a process is lost on its way.
        case loseInvalidation(Int)
        /// The answer to the next one is late, but comes.
        case delayInvalidation(Int)
        case pause(milliseconds: Int)
        case save
        case restart(isSaved: Bool, afterMilliseconds: Int)
        case evict(Int)
        case loseLog
        case flush
        case stepClock(milliseconds: Int)
        /// It is out of memory: it invalidates, and takes nothing else.
        case refuseWrites(milliseconds: Int)
    }

    enum Action: Sendable {
        case read(process: Int, register: Int)
        case write(process: Int, register: Int, Method)
        /// An invalidation of a tag that nothing carries, which fills the log.
        case noise(process: Int, Int)
        case fault(Fault)
    }

    struct Step: Sendable {
        var milliseconds: Int
        var action: Action
    }

    /// What the values live by, and where they come from.
    enum Kind: CaseIterable, Sendable {
        case plain, long, staleWhileRevalidate, staleIfError, staleAfterInvalidation, laggingSource, sliding, early
        case oneLoadAtATime, loadTimeout

        /// Whether nothing but an invalidation ends a value.
        var lasts: Bool { self == .long || self == .oneLoadAtATime }

        var policy: CachePolicy {
            switch self {
            case .plain: .ttl(.seconds(2))
            case .long: .ttl(.seconds(3_600))
            case .staleWhileRevalidate: .ttl(.milliseconds(500)).staleWhileRevalidate(for: .seconds(3))
            case .staleIfError:
                .ttl(.milliseconds(500)).staleIfError(for: .seconds(3), retryingAfter: .milliseconds(300))
            case .staleAfterInvalidation: .ttl(.seconds(2)).staleIfError(for: .seconds(5), afterInvalidation: true)
            case .laggingSource: .ttl(.seconds(5)).holdOff(.milliseconds(600))
            case .sliding: .sliding(idle: .seconds(1), atMost: .seconds(4))
            case .early: .ttl(.seconds(1)).refreshedEarly(eagerness: 10)
            case .oneLoadAtATime: .ttl(.seconds(3_600)).maximumLoads(1)
            case .loadTimeout:
                .ttl(.seconds(1)).staleIfError(for: .seconds(3)).loadTimeout(
                    soft: .milliseconds(20), hard: .milliseconds(400))
            }
        }
    }

    public let seed: UInt64
    let kind: Kind
    let processes: Int
    let registers: Int
    let network: SimulatedStore.Network
    /// Of each process.
    let connections: Int
    /// Milliseconds from a commit to its invalidation.
    let longestThought: Int
    let hasFaults: Bool
    /// Whether a log tells those who know another all of itself.
    let tellsWholeLog: Bool
    /// How likely it is at each step that time moves on though something can run.
    let delays: Double
    /// The share of loads that fail.
    let brokenLoads: Double
    /// The share of loads that are slow.
    let slowLoads: Double
    var steps: [Step]

    /// Draws a scenario.
    public init(seed: UInt64) {
        var random = SeededGenerator(seed: seed &* 0x9E37_79B9_7F4A_7C15 &+ 1)
        func number(_ range: ClosedRange<Int>) -> Int { .random(in: range, using: &random) }
        func chance(_ share: Double) -> Bool { Double.random(in: 0..<1, using: &random) < share }
        self.seed = seed
        let kind = Kind.allCases[number(0...Kind.allCases.count - 1)]
        let processes = number(1...3)
        let registers = number(1...3)
        self.kind = kind
        self.processes = processes
        self.registers = registers
        self.hasFaults = chance(0.7)
        self.network = SimulatedStore.Network(
            slow: self.hasFaults && chance(0.5) ? 0.03 : 0, duplicated: self.hasFaults && chance(0.3) ? 0.2 : 0,
            unscheduled: self.hasFaults && chance(0.3) ? 0.2 : 0)
        self.connections = number(1...3)
        self.longestThought = chance(0.3) ? 300 : 20
        self.tellsWholeLog = chance(0.5)
        self.delays = self.hasFaults ? (chance(0.3) ? 0.3 : 1 / 64) : 0
        self.brokenLoads = chance(0.4) ? 0.2 : 0
        self.slowLoads = chance(0.4) ? 0.1 : 0

        // Few kinds of faults in each, so that each is met alone too.
        let faults: [Fault] = (0..<number(1...3)).map { _ in
            switch number(0...9) {
            case 0: .crash(number(0...processes - 1))
            case 1: .cut(number(0...processes - 1))
            case 2: .pause(milliseconds: number(20...1_500))
            case 3: .restart(isSaved: true, afterMilliseconds: number(1...300))
            case 4: .restart(isSaved: false, afterMilliseconds: number(1...300))
            // A mark that is evicted holds nothing off.
            case 5: kind == .laggingSource ? .loseLog : .evict(number(0...registers - 1))
            case 6: .loseLog
            case 7: .flush
            case 8: .refuseWrites(milliseconds: number(20...1_500))
            // What lags by the clock is not held off by a clock that steps.
            default: kind == .laggingSource ? .flush : .stepClock(milliseconds: number(-5_000...5_000))
            }
        }
        // A pattern holds off only what it finds.
        let all = Method.allCases.filter { kind != .laggingSource || $0 != .pattern }
        let methods = chance(0.5) ? all : [all[number(0...all.count - 1)]]
        let length = number(200...6_000)
        let stories = self.hasFaults ? Story.allCases : [.crowd]
        let story = chance(0.5) ? stories[number(0...stories.count - 1)] : nil
        var steps: [Step] = (0..<number(story == nil ? 10...80 : 0...20)).map { _ in
            let (process, register) = (number(0...processes - 1), number(0...registers - 1))
            let action: Action =
                switch number(0...99) {
                case ..<65: .read(process: process, register: register)
                case ..<90: .write(process: process, register: register, methods[number(0...methods.count - 1)])
                default: .noise(process: process, number(0...20))
                }
            return Step(milliseconds: number(0...length), action: action)
        }
        if self.hasFaults {
            steps += (0..<number(1...8)).map { _ in
                let fault = chance(0.25) ? Fault.save : faults[number(0...faults.count - 1)]
                return Step(milliseconds: number(0...length), action: .fault(fault))
            }
        }
        // Together they race.
        for index in steps.indices where chance(0.5) {
            steps[index].milliseconds = steps[number(0...steps.count - 1)].milliseconds
        }
        if let story {
            steps += story.steps(
                from: number(0...length), processes: processes, registers: registers, number: number)
        }
        self.steps = steps.sorted { $0.milliseconds < $1.milliseconds }
    }
}
