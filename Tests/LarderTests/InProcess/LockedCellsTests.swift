// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Larder

@Suite struct LockedCellsTests {
    /// Runs a body on so many threads at once.
    private func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) async {
        await withTaskGroup(of: Void.self) { group in
            for index in 0..<count {
                group.addTask {
                    await withCheckedContinuation { continuation in
                        Thread {
                            body(index)
                            continuation.resume()
                        }.start()
                    }
                }
            }
        }
    }

    /// More threads than processors, so that owners of the lock lose theirs.
    @Test(.timeLimit(.minutes(1)))
    func oneAtATime() async {
        final class Counters: Sendable {
            let cells = LockedCells<Int>(count: 3) { $0 * 1_000_000 }
        }
        let counters = Counters()
        await self.onThreads(12) { _ in
            for step in 0..<30_000 {
                counters.cells.withLock(step % 3) { count in
                    let before = count
                    for _ in 0..<step % 20 { count += 1 }
                    count = before + 1
                }
            }
        }
        for index in 0..<3 { #expect(counters.cells.withLock(index) { $0 } == index * 1_000_000 + 12 * 10_000) }
    }

    /// A thread that takes the lock again as soon as it has given it back.
    @Test(.timeLimit(.minutes(1)))
    func nobodyIsKeptOut() async {
        final class State: Sendable {
            let cells = LockedCells<Int>(count: 2) { _ in 0 }
            let waited = LockedCells<Duration>(count: 1) { _ in .zero }
        }
        let state = State()
        for trial in 1...100 {
            await self.onThreads(2) { thread in
                if thread == 0 {
                    state.cells.withLock(1) { $0 = trial }
                    while state.cells.withLock(0, { $0 < trial }) {}
                } else {
                    while state.cells.withLock(1, { $0 < trial }) { sched_yield() }
                    let start = ContinuousClock.now
                    state.cells.withLock(0) { $0 = trial }
                    let end = ContinuousClock.now
                    state.waited.withLock(0) { $0 += end - start }
                }
            }
        }
        #expect(state.waited.withLock(0) { $0 } < .seconds(2))
    }

    @Test func cellsShareNoLine() {
        #expect(LockedCells<UInt8>.stride == 128)
        #expect(LockedCells<InProcessShard<Int, Int>>.stride.isMultiple(of: 128))
    }

    @Test func statesAreReleased() {
        final class Token {}
        weak var released: Token?
        do {
            let token = Token()
            released = token
            let cells = LockedCells<Token>(count: 2) { _ in token }
            #expect(cells.withLock(1) { $0 === token })
        }
        #expect(released == nil)
    }
}
