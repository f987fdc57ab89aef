// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Larder

@Suite struct LockedCellsTests {
    /// More threads than processors, so that owners of the lock lose theirs.
    @Test(.timeLimit(.minutes(1)))
    func oneAtATime() async {
        final class Counters: Sendable {
            let cells = LockedCells<Int>(count: 3) { $0 * 1_000_000 }
        }
        let counters = Counters()
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            DispatchQueue.global().async {
                DispatchQueue.concurrentPerform(iterations: 12) { _ in
                    for step in 0..<60_000 { counters.cells.withLock(step % 3) { $0 += 1 } }
                }
                continuation.resume()
            }
        }
        for index in 0..<3 { #expect(counters.cells.withLock(index) { $0 } == index * 1_000_000 + 12 * 20_000) }
    }

    /// A thread that takes the lock again as soon as it has given it back.
    @Test(.timeLimit(.minutes(1)))
    func nobodyIsKeptOut() async {
        final class State: Sendable {
            let cells = LockedCells<Int>(count: 1) { _ in 0 }
            let waited = LockedCells<Duration>(count: 1) { _ in .zero }
        }
        let state = State()
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            DispatchQueue.global().async {
                for trial in 1...100 {
                    DispatchQueue.concurrentPerform(iterations: 2) { part in
                        if part == 0 {
                            while state.cells.withLock(0, { $0 < trial }) {}
                        } else {
                            usleep(1_000)
                            let start = ContinuousClock.now
                            state.cells.withLock(0) { $0 = trial }
                            let end = ContinuousClock.now
                            state.waited.withLock(0) { $0 += end - start }
                        }
                    }
                }
                continuation.resume()
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
