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
