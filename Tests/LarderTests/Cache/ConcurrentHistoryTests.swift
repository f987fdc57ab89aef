// SPDX-License-Identifier: Apache-2.0

import Larder
import LarderTesting
import NIOConcurrencyHelpers
import Testing

/// Readers and writers at full speed on real threads: no read gives less than what was acknowledged before it began.
@Suite struct ConcurrentHistoryTests {
    /// The source of truth, and for each register the newest version whose invalidation was acknowledged.
    private final class Registers: Sendable {
        private let state: NIOLockedValueBox<(versions: [Int], acknowledged: [Int])>

        init(_ count: Int) {
            self.state = NIOLockedValueBox(
                (Array(repeating: 1, count: count), Array(repeating: 1, count: count)))
        }

        func version(_ register: Int) -> Int { self.state.withLockedValue { $0.versions[register] } }

        func acknowledged(_ register: Int) -> Int { self.state.withLockedValue { $0.acknowledged[register] } }

        func write(_ register: Int) -> Int {
            self.state.withLockedValue { state in
                state.versions[register] += 1
                return state.versions[register]
            }
        }

        func acknowledge(_ register: Int, _ version: Int) {
            self.state.withLockedValue { $0.acknowledged[register] = max($0.acknowledged[register], version) }
        }
    }

    @Test(.timeLimit(.minutes(1)), arguments: [1, 3])
    func noReadIsOlderThanWhatWasAcknowledgedBeforeItBegan(_ processes: Int) async throws {
        let registers = Registers(4)
        let store = EmbeddedStore()
        let caches = (0..<processes).map { _ in Cache("history", store: store) }
        let reads = caches.map { cache in
            cache.function("register", .ttl(.seconds(60))) { (register: Int) in
                let version = registers.version(register)
                for _ in 0..<Int.random(in: 0..<5) { await Task.yield() }
                if Int.random(in: 0..<20) == 0 { throw Refused() }
                return version
            }.tagged { _, register in ["r\(register)", "all"] }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for reader in 0..<8 {
                group.addTask {
                    for _ in 0..<2_000 {
                        let register = Int.random(in: 0..<4)
                        let oldest = registers.acknowledged(register)
                        do {
                            let value = try await reads[reader % processes](register)
                            #expect(value >= oldest)
                        } catch is Refused {}
                        if Int.random(in: 0..<4) == 0 { await Task.yield() }
                    }
                }
            }
            for writer in 0..<2 {
                group.addTask {
                    let cache = caches[writer % processes]
                    for _ in 0..<700 {
                        let register = Int.random(in: 0..<4)
                        let version = registers.write(register)
                        switch Int.random(in: 0..<10) {
                        case 0: await cache.clear()
                        case 1...4: try await cache.invalidate(tags: ["r\(register)"])
                        default: await reads[writer % processes].invalidate(register)
                        }
                        registers.acknowledge(register, version)
                        for _ in 0..<Int.random(in: 0..<10) { await Task.yield() }
                    }
                }
            }
            try await group.waitForAll()
        }
        // At rest every process reads what the source has.
        for read in reads {
            for register in 0..<4 {
                var value: Int?
                while value == nil { value = try? await read(register) }
                #expect(value == registers.version(register))
            }
        }
        #expect(caches.allSatisfy { $0.waiting == 0 })
        // Callers are answered before the fill of their load is: every load ends as stored, refused or failed.
        func unended() -> Int {
            caches.compactMap { $0.statistics["register"] }
                .reduce(0) { $0 + $1.loads - $1.storedFills - $1.refusedFills - $1.loadFailures }
        }
        while unended() != 0, !Task.isCancelled { await Task.yield() }
        #expect(unended() == 0)
        let statistics = caches.compactMap { $0.statistics["register"] }
        #expect(statistics.allSatisfy { $0.requests == $0.hits + $0.misses })
    }

    private struct Refused: Error {}
}
