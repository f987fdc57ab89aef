// SPDX-License-Identifier: Apache-2.0

import Larder

/// What is stored somewhere.
struct Found: Sendable {
    let place: CacheKey
    let seen: Sighting
    /// What it is; nil for nothing that can be read.
    let stored: StoredResponse?

    var content: StoredContent? { self.stored?.content }
}

extension HTTPCache {
    /// Looks for what is stored under a key.
    func look(at key: CacheKey, consistency: ReadConsistency?) async throws -> Found {
        var seen = try await self.region.look(at: key, consistency: consistency)
        let stored = self.region.value(in: &seen, under: key)
        return Found(place: key, seen: seen, stored: stored)
    }
}
