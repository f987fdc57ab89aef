// SPDX-License-Identifier: Apache-2.0

extension CacheFunction {
    /// The values for many lists of arguments, in their order; each is loaded if it is not cached.
    ///
    /// ```swift
    /// let products = try await product.values(for: [1, 2, 3])
    /// ```
    ///
    /// Reads go out together. At most 64 calls run at a time, so at most so many loads.
    ///
    /// - Throws: What the first call that fails throws; the others are cancelled.
    public func values(for arguments: [(repeat each Argument)]) async throws -> [Value] {
        try await withThrowingTaskGroup(of: (index: Int, value: Value).self) { group in
            var values = [Value?](repeating: nil, count: arguments.count)
            for (index, argument) in arguments.enumerated() {
                if index >= 64, let answer = try await group.next() { values[answer.index] = answer.value }
                group.addTask { (index, try await self(repeat each argument)) }
            }
            for try await answer in group { values[answer.index] = answer.value }
            return values.compactMap { $0 }
        }
    }
}
