// SPDX-License-Identifier: Apache-2.0

/// Decides when a store that does not answer is no longer asked: when failures are so many more than answers. From then
/// on calls cost nothing, until a probe is answered.
struct CircuitBreaker: Sendable {
    private let threshold: Int
    private(set) var isOpen = false
    /// Failures less answers, but never below zero: old answers do not make up for a store that is out now.
    private var level = 0

    init(threshold: Int) {
        self.threshold = max(threshold, 1)
    }

    /// A call was answered.
    mutating func succeeded() {
        self.level = max(self.level - 1, 0)
    }

    /// A call was not answered. Returns whether the breaker opened by it.
    mutating func failed() -> Bool {
        self.level = min(self.level + 1, self.threshold)
        guard !self.isOpen, self.level >= self.threshold else { return false }
        self.isOpen = true
        return true
    }

    /// A probe was answered.
    mutating func close() {
        self.isOpen = false
        self.level = 0
    }
}
