// SPDX-License-Identifier: Apache-2.0

#if Hummingbird
import Hummingbird
import Larder

/// What an operator wants to end: one of these.
struct ConsoleInvalidation: Decodable {
    private var key: String?
    private var tag: String?
    private var pattern: String?
    private var all: Bool?

    /// What was done.
    struct Report: Encodable {
        var outcome: String
        /// How many entries were ended because their keys match.
        var count: Int?
    }

    /// What it is, for the log.
    var subject: String {
        self.key ?? self.tag.map { "tag \($0)" } ?? self.pattern.map { "pattern \($0)" } ?? "all entries"
    }

    /// - Throws: `HTTPError` with the status 400 for what says nothing that can be done.
    func carryOut(in cache: Cache) async throws -> Report {
        switch (self.key, self.tag, self.pattern, self.all) {
        case (let key?, nil, nil, nil):
            let key = try cache.key(stored: key)
            return Report(outcome: await cache.invalidate(key).rawValue)
        case (nil, let tag?, nil, nil):
            do {
                return Report(outcome: try await cache.invalidate(tags: [tag]).rawValue)
            } catch let error as CacheError {
                throw HTTPError(.badRequest, message: "\(error)")
            }
        case (nil, nil, let pattern?, nil) where !pattern.isEmpty:
            let (count, outcome) = await cache.invalidate(matching: KeyPattern(pattern))
            return Report(outcome: outcome.rawValue, count: count)
        case (nil, nil, nil, true?):
            return Report(outcome: await cache.clear().rawValue)
        default:
            throw HTTPError(.badRequest, message: "say one thing to end: key, tag, pattern or all")
        }
    }
}

extension Cache {
    /// A key, as the store has it.
    ///
    /// - Throws: `HTTPError` with the status 400 for one of another cache, and for what is none.
    func key(stored text: String) throws -> CacheKey {
        guard let key = CacheKey(text: text, in: self.name) else {
            throw HTTPError(.badRequest, message: "keys of this cache begin with \(CacheKey.escaped(self.name)):")
        }
        return key
    }
}
#endif
