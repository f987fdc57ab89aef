// SPDX-License-Identifier: Apache-2.0

extension Duration {
    /// Whole milliseconds as servers want them, rounded up: at least one, and no more than a hundred years.
    package var wholeMilliseconds: Int {
        let (seconds, attoseconds) = min(max(self, .milliseconds(1)), Self.century).components
        let (milliseconds, rest) = attoseconds.quotientAndRemainder(dividingBy: Self.attosecondsInMillisecond)
        return Int(seconds) * 1000 + Int(milliseconds) + (rest > 0 ? 1 : 0)
    }

    private static let century = Duration.seconds(100 * 366 * 86_400)
    private static let attosecondsInMillisecond: Int64 = 1_000_000_000_000_000

    /// The same in seconds, for the commands that count these with a fraction.
    var secondsToTheMillisecond: Double { Double(self.wholeMilliseconds) / 1000 }

    /// Whole milliseconds of a time since 1970. Times that no server could hold are brought nearer.
    var millisecondsSince1970: Int64 {
        let furthest = Duration.seconds(Int64(1) << 53)
        let (seconds, attoseconds) = min(max(self, Duration.zero - furthest), furthest).components
        return seconds * 1000 + attoseconds / Self.attosecondsInMillisecond
    }
}
