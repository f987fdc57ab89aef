// SPDX-License-Identifier: Apache-2.0

extension Duration {
    /// Whole milliseconds as servers want them: at least one, and no more than a hundred years.
    package var wholeMilliseconds: Int {
        Int(min(max(self / .milliseconds(1), 1), 100 * 366 * 86_400_000.0).rounded(.up))
    }
}
