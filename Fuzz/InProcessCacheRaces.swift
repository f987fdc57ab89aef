// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Six threads at two caches, for the thread sanitizer to watch.
@main
enum InProcessCacheRaces {
    final class Value: Sendable {
        let key: Int
        init(_ key: Int) { self.key = key }
    }

    static func main() {
        let clock = SystemClock()
        let numbers = InProcessCache<Int, Value>(limit: .entries(600)) { batch in precondition(!batch.isEmpty) }
        let texts = InProcessCache<String, Value>(limit: .weight(1_000))
        DispatchQueue.concurrentPerform(iterations: 6) { thread in
            for step in 0..<100_000 {
                let key = Int.random(in: 0..<3_000)
                let text = "product \(key)"
                switch Int.random(in: 0..<100) {
                case 0..<60:
                    if let value = numbers.value(for: key) { precondition(value.key == key) }
                    if let value = texts.value(for: text) { precondition(value.key == key) }
                case 60..<90:
                    let deadline = step.isMultiple(of: 10) ? clock.now.advanced(by: .milliseconds(1)) : nil
                    numbers.insert(Value(key), for: key, deadline: deadline)
                    texts.insert(Value(key), for: text, weight: Int.random(in: 0..<30), deadline: deadline)
                case 90..<98:
                    numbers.remove(key)
                    texts.remove(text)
                case 98:
                    precondition(numbers.count <= 600 && texts.weight <= 1_000)
                default:
                    guard step.isMultiple(of: 50) else { continue }
                    numbers.removeAll()
                    texts.removeAll()
                }
            }
        }
        let removals = numbers.statistics.removals
        precondition(RemovalCause.allCases.allSatisfy { removals[$0] > 0 }, "\(removals)")
        print("InProcessCache: \(numbers.statistics)")
    }
}
