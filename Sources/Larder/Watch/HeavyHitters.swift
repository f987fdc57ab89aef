// SPDX-License-Identifier: Apache-2.0

/// The elements that come most often, among however many, in bounded memory.
///
/// Of `n` elements each count is short by at most `n / (capacity + 1)` (Misra and Gries: "Finding repeated elements", Science of Computer
/// Programming 1982).
struct HeavyHitters<Element: Hashable & Sendable>: Sendable {
    private let capacity: Int
    private(set) var counts: [Element: Int] = [:]

    /// Makes an empty count.
    ///
    /// - Parameter capacity: How many elements are counted at a time.
    init(capacity: Int) {
        self.capacity = capacity
    }

    mutating func add(_ element: Element) {
        if let index = self.counts.index(forKey: element) {
            self.counts.values[index] += 1
        } else if self.counts.count < self.capacity {
            self.counts[element] = 1
        } else {
            // It takes one from each, and leaves with them: as many elements as are counted no longer count at all.
            self.counts = self.counts.compactMapValues { $0 > 1 ? $0 - 1 : nil }
        }
    }

    /// Adds what was counted elsewhere: of both together each count is short by no more than the two were.
    mutating func add(_ other: HeavyHitters) {
        self.counts.merge(other.counts, uniquingKeysWith: +)
    }
}
