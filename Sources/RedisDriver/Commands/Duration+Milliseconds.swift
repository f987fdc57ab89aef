// SPDX-License-Identifier: Apache-2.0

extension Duration {
    /// Whole milliseconds as servers want them: at least one, and no more than a hundred years.
    package var wholeMilliseconds: Int {
        Int(min(max(self / .milliseconds(1), 1), 100 * 366 * 86_400_000.0).rounded(.up))
    }

    /// The same in seconds, for the commands that count these with a fraction.
    var secondsToTheMillisecond: Double { Double(self.wholeMilliseconds) / 1000 }

    /// Whole milliseconds of a time since 1970. Times that no server could hold are brought nearer.
    var millisecondsSince1970: Int64 {
        let furthest = Duration.seconds(Int64(1) << 53)
        let (seconds, attoseconds) = min(max(self, Duration.zero - furthest), furthest).components
        return seconds * 1000 + attoseconds / 1_000_000_000_000_000
    }
}
