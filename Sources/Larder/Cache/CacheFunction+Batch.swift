// SPDX-License-Identifier: Apache-2.0

extension CacheFunction {
    /// The values for many lists of arguments, in their order; each is loaded if it is not cached.
    ///
    /// ```swift
    /// let products = try await product.values(for: [1, 2, 3])
    /// ```
    ///
    /// They are read together: in one round trip to each server of a cluster. At most 64 are loaded at a time, each by a call of the
    /// function; ``CacheBatchFunction`` loads many by one.
    ///
    /// - Parameters:
    ///   - arguments: The lists of arguments.
    ///   - consistency: How new the answers have to be; nil for what the policy says.
    /// - Throws: What the first call that fails throws; the others are cancelled.
    public func values(
        for arguments: [(repeat each Argument)], consistency: ReadConsistency? = nil
    ) async throws -> [Value] {
        let core = self.region.core
        return try await core.cache.fetchAll(
            arguments.map { self.key(repeat each $0) }, by: core.rules, consistency, atATime: 64,
            from: { self.source(repeat each arguments[$0]) },
            decode: { try core.coding.value(of: $0, under: $1) }, take: { core.coding.value(of: $0) }
        ).compactMap { $0 }
    }
}
