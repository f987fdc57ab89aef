// SPDX-License-Identifier: Apache-2.0

extension String {
    /// Whether it has the same bytes, as names in keys do: two that merely look alike are two.
    func isSame(as other: String) -> Bool {
        self.utf8.elementsEqual(other.utf8)
    }
}
