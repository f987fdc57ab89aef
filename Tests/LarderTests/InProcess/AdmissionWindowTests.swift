// SPDX-License-Identifier: Apache-2.0

import LarderTesting
import Testing

@testable import Larder

@Suite struct AdmissionWindowTests {
    @Test(arguments: 0..<10 as Range<UInt64>)
    func keepsTheOrderThroughHolesAndMoves(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var window = AdmissionWindow()
        var order: [Int] = []
        var positions: [Int: UInt32] = [:]
        for step in 0..<3_000 {
            switch Int.random(in: 0..<4, using: &random) {
            case 0, 1:
                if window.isSparse { window.compact { positions[$0] = $1 } }
                positions[step] = window.append(step)
                order.append(step)
            case 2:
                guard let place = order.randomElement(using: &random), let position = positions[place] else { continue }
                if Bool.random(using: &random) {
                    window.remove(at: position)
                    order.removeAll { $0 == place }
                } else {
                    window.move(position, to: step)
                    positions[step] = position
                    order = order.map { $0 == place ? step : $0 }
                }
            default:
                #expect(window.oldest() == order.first)
                if let oldest = order.first, let position = positions[oldest] {
                    window.remove(at: position)
                    order.removeFirst()
                }
            }
            #expect(window.count == order.count)
            #expect(window.places.count <= 2 * 3_000)
        }
        while let oldest = window.oldest(), let position = positions[oldest] {
            #expect(oldest == order.removeFirst())
            window.remove(at: position)
        }
        #expect(order.isEmpty)
    }

    @Test func doesNotGrowWithWhatHasLeft() {
        var window = AdmissionWindow()
        for place in 0..<10_000 {
            if window.isSparse { window.compact { _, _ in } }
            let position = window.append(place)
            window.remove(at: position)
        }
        #expect(window.places.count <= 32)
    }
}
