// SPDX-License-Identifier: Apache-2.0

extension Duration {
    /// Whole nanoseconds, held within `Int64`.
    var clampedNanoseconds: Int64 {
        let (seconds, attoseconds) = self.components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, carry) = whole.addingReportingOverflow(attoseconds / 1_000_000_000)
        return overflow || carry ? (seconds < 0 ? .min : .max) : sum
    }

    /// Whole milliseconds, rounded up and held between zero and a hundred years: the unit of the wire.
    var clampedMilliseconds: UInt64 {
        let (seconds, attoseconds) = self.components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        guard seconds < Self.centurySeconds else { return UInt64(Self.centurySeconds) * 1_000 }
        let (quotient, remainder) = attoseconds.quotientAndRemainder(dividingBy: 1_000_000_000_000_000)
        return UInt64(seconds) * 1_000 + UInt64(quotient) + (remainder > 0 ? 1 : 0)
    }

    /// As many milliseconds of the wire, held within a hundred years.
    init(clampingMilliseconds milliseconds: UInt64) {
        self = .milliseconds(min(milliseconds, UInt64(Self.centurySeconds) * 1_000))
    }

    private static let centurySeconds: Int64 = 100 * 366 * 86_400
}
