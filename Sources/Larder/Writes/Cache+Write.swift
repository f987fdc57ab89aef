// SPDX-License-Identifier: Apache-2.0

extension Cache {
    /// Runs a change at the source, and then does in the cache what it asked for: after the commit, also when it throws, since
    /// a commit whose answer was lost may have happened. Values are written through only if it returns.
    ///
    /// - Parameter body: The change, with its transaction; it returns when that is committed.
    /// - Returns: What the change returned, and whether all processes know of what it ended.
    @discardableResult
    public func write<Value: Sendable>(
        _ body: (CacheWrite) async throws -> Value
    ) async throws -> (value: Value, invalidation: InvalidationOutcome) {
        let write = await self.beginWrite()
        do {
            let value = try await body(write)
            return (value, await write.finish())
        } catch {
            await write.abandon()
            throw error
        }
    }

    /// Begins a change at the source: before its transaction, so that what it writes through counts as read from before.
    ///
    /// ``write(_:)`` does the same around a closure.
    public func beginWrite() async -> CacheWrite {
        if self.mirror.position == nil { try? await self.mirror.pull(from: self.store) }
        return CacheWrite(self, at: self.mirror.position)
    }

    /// Stores a value over a lower version of it; ends the entry when that cannot be.
    func write(_ key: CacheKey, _ value: LoadedValue, stampedWith position: LogPosition?) async -> InvalidationOutcome {
        let method = self.regionState(of: key)?.invalidationMethod ?? .remove
        // Where loads lag, only a mark keeps them from filling what was written through and has gone.
        if case .holdOff = method { return await self.end(key) }
        var value = value
        let lifetime = value.policy.lifetime(
            of: value.isAbsence ? .absence : .value, at: self.clock.wallTime, draw: self.random.fraction())
        guard
            let position, value.version != nil, lifetime.fresh > .zero,
            let entry = self.entry(for: &value, under: key, of: key.region, stampedWith: position)
        else { return await self.end(key) }
        defer { self.flights.detach(key) }
        return await self.store.write(key, entry, lifetime: lifetime, else: method)
    }
}
