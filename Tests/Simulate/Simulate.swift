// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOConcurrencyHelpers
import Simulation

/// Runs simulations, and sees that each guard is needed; `scripts/simulate` tells the options.
@main
struct Simulate {
    static func main() {
        let words = CommandLine.arguments.dropFirst().flatMap { $0.split(separator: "=").map(String.init) }
        switch (words.first, words.count == 2 ? UInt64(words[1]) : nil) {
        case ("--seeds", let count?):
            Self.finish(Self.run(from: 0) { run in run < count })
        case ("--seconds", let seconds?):
            let end = ContinuousClock.now + .seconds(Int(clamping: seconds))
            Self.finish(Self.run(from: .random(in: 0..<1 << 48)) { _ in ContinuousClock.now < end })
        case ("--seed", let seed?):
            for line in Simulation.history(of: Scenario(seed: seed)) { print(line) }
        case ("--guards", nil) where words.count == 1:
            Self.takeOut(Guard.allCases)
        case ("--guard", nil):
            guard let taken = Guard(rawValue: words.last ?? "") else { exit(2) }
            Self.takeOut([taken])
        case ("--weave", nil) where words.count == 3:
            do {
                try LibraryGuard.weave(from: URL(filePath: words[1]), into: URL(filePath: words[2]))
            } catch {
                print("guards that are not where they were: \(error)")
                exit(1)
            }
            for each in LibraryGuard.all { print(each.name) }
        case ("--harm", nil) where words.count == 2:
            if !Self.seesHarm(words[1], without: nil) { exit(1) }
        default:
            exit(2)
        }
    }

    /// Runs scenarios on all processors.
    private static func run(
        from first: UInt64, while goesOn: @escaping @Sendable (UInt64) -> Bool, without taken: Guard? = nil
    ) -> (runs: UInt64, failed: UInt64?) {
        let state = NIOLockedValueBox((next: UInt64(0), failed: UInt64?.none))
        let group = DispatchGroup()
        for _ in 0..<max(ProcessInfo.processInfo.activeProcessorCount, 1) {
            group.enter()
            let thread = Thread {
                while true {
                    let run = state.withLockedValue { state -> UInt64? in
                        guard state.failed == nil, goesOn(state.next) else { return nil }
                        state.next += 1
                        return state.next - 1
                    }
                    guard let run else { break }
                    let seed = first &+ run
                    guard Simulation.failure(of: Scenario(seed: seed), without: taken) != nil else { continue }
                    state.withLockedValue { $0.failed = min($0.failed ?? seed, seed) }
                }
                group.leave()
            }
            thread.stackSize = 8 << 20
            thread.start()
        }
        group.wait()
        return state.withLockedValue { ($0.next, $0.failed) }
    }

    private static func finish(_ outcome: (runs: UInt64, failed: UInt64?)) {
        guard let seed = outcome.failed else {
            print("\(outcome.runs) simulations, no harm")
            return
        }
        print("seed \(seed) does harm, after \(outcome.runs) simulations. Shortened:")
        fflush(nil)
        let scenario = Simulation.shrunk(Scenario(seed: seed))
        for line in Simulation.history(of: scenario) { print(line) }
        exit(1)
    }

    /// How many simulations it may take until the lack of a guard is seen.
    private static let longestSearch: UInt64 = 300_000

    private static func takeOut(_ guards: [Guard]) {
        var isMissed = false
        for taken in guards where !Self.seesHarm(taken.rawValue, without: taken) { isMissed = true }
        if isMissed { exit(1) }
    }

    /// Whether harm is found without a guard.
    private static func seesHarm(_ name: String, without taken: Guard?) -> Bool {
        defer { fflush(nil) }
        let outcome = Self.run(from: 0, while: { $0 < Self.longestSearch }, without: taken)
        guard let seed = outcome.failed else {
            print("\(name): no harm in \(outcome.runs) simulations")
            return false
        }
        let failure = Simulation.failure(of: Scenario(seed: seed), without: taken)
        print("\(name): seed \(seed) of \(outcome.runs): \(failure?.message ?? "")")
        return true
    }
}
