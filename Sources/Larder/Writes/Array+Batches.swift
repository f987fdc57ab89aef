// SPDX-License-Identifier: Apache-2.0

extension Array {
    /// The elements in order, at most so many together.
    func batches(of size: Int) -> [ArraySlice<Element>] {
        stride(from: 0, to: self.count, by: size).map { self[$0..<Swift.min($0 + size, self.count)] }
    }
}
