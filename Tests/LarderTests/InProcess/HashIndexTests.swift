// SPDX-License-Identifier: Apache-2.0

import LarderTesting
import Testing

@testable import Larder

@Suite struct HashIndexTests {
    /// Few different hashes, so that slots, tags and whole hashes meet, and runs wrap around the end.
    @Test(arguments: 0..<20 as Range<UInt64>)
    func findsWhatIsThereAndNothingElse(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let capacity = Int.random(in: 1...40, using: &random)
        let index = HashIndex(capacity: capacity)
        var hashes: [Int: UInt32] = [:]
        for _ in 0..<2_000 {
            let place = Int.random(in: 0..<capacity, using: &random)
            if let hash = hashes[place] {
                switch Int.random(in: 0..<3, using: &random) {
                case 0:
                    let copy = hashes
                    index.remove(hash, place: place) { copy[$0] ?? 0 }
                    hashes[place] = nil
                case 1:
                    guard let free = (0..<capacity).first(where: { hashes[$0] == nil }) else { continue }
                    index.move(hash, from: place, to: free)
                    hashes[place] = nil
                    hashes[free] = hash
                default: break
                }
            } else {
                let bits: [UInt32] = [.max, 0xFF00_00FF, 0x0000_00FF, 0xF000_000F, 0x3]
                let hash = UInt32.random(in: 0 ... .max, using: &random) & bits[Int(seed % 5)]
                index.add(hash, place: place)
                hashes[place] = hash
            }
            for place in 0..<capacity {
                let hash = hashes[place] ?? UInt32(truncatingIfNeeded: place)
                #expect(index.find(hash) { $0 == place }?.place == hashes[place].map { _ in place })
            }
        }
    }

    @Test func holdsTheLargestPlace() {
        let index = HashIndex(capacity: 4)
        let last = HashIndex.maximumCount - 1
        index.add(.max, place: last)
        #expect(index.find(.max) { _ in true }?.place == last)
        #expect(index.find(0xFF) { _ in true } == nil)
    }
}
