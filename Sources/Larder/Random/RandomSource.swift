// SPDX-License-Identifier: Apache-2.0

/// Where a cache takes its random numbers from: the system's generator, or one that a simulation can repeat.
package struct RandomSource: RandomNumberGenerator, Sendable {
    private let draw: @Sendable () -> UInt64

    /// The system's generator.
    package static let system = RandomSource {
        var generator = SystemRandomNumberGenerator()
        return generator.next()
    }

    /// Takes numbers from a function.
    package init(_ draw: @escaping @Sendable () -> UInt64) {
        self.draw = draw
    }

    package func next() -> UInt64 { self.draw() }

    /// A number from 0 to 1.
    func fraction() -> Double {
        var source = self
        return .random(in: 0...1, using: &source)
    }

    /// A number from 0 up, exponentially distributed with the mean 1: by comparisons alone, from runs of falling numbers
    /// (von Neumann: Various Techniques Used in Connection with Random Digits, 1951).
    func exponential() -> Double {
        var whole = 0.0
        while true {
            let first = self.fraction()
            var (last, length) = (first, 1)
            while true {
                let next = self.fraction()
                if next >= last { break }
                (last, length) = (next, length + 1)
            }
            if !length.isMultiple(of: 2) { return whole + first }
            whole += 1
        }
    }

    /// A pause cut by up to half, so that those who wait for the same do not come together.
    func jittered(_ pause: Duration) -> Duration {
        pause * (0.5 + self.fraction() / 2)
    }
}
