// SPDX-License-Identifier: Apache-2.0

import Larder
import RedisDriver

extension KeySpace {
    /// The space as patterns of keys, as a server compares them.
    ///
    /// - Parameters:
    ///   - namespace: The name of the cache, as it stands in keys.
    ///   - identity: Whose entries are one's own.
    func patterns(in namespace: String, for identity: Identity) throws(RedisError) -> [String] {
        let own = identity.keyMarks.own
        switch self.owner {
        // What is no entry begins with a plus sign.
        case .anybody: return try self.patterns(in: namespace, behind: [":", ":@*:"], all: [":[^+]*"])
        case .nobody: return try self.patterns(in: namespace, behind: [":"], all: [":[^+@]*"])
        case .tenant:
            guard let tenant = identity.keyMarks.tenant else { return [] }
            return try self.patterns(in: namespace, behind: ["\(tenant)*:"], all: ["\(tenant)*"])
        case .oneself: return try self.patterns(in: namespace, behind: own, all: own.map { $0 + "*" })
        }
    }

    /// - Parameters:
    ///   - marks: What stands between the namespace and the region.
    ///   - all: The patterns for all regions, without the namespace.
    private func patterns(in namespace: String, behind marks: [String], all: [String]) throws(RedisError) -> [String] {
        var patterns = all
        if let regions = self.regions {
            patterns = []
            for region in regions.sorted() {
                let name = CacheKey.escaped(region)
                // Behind a star it could be an argument of another region.
                guard !name.isLikeArgument || !marks.contains(where: { $0.contains("*") }) else {
                    throw RedisError(
                        .invalidConfiguration,
                        "no pattern tells the region \(region) from an argument; name it otherwise")
                }
                for mark in marks { patterns += ["\(mark)\(name)", "\(mark)\(name):*"] }
            }
        }
        // What is longer does not stand in long keys.
        let isReadable =
            (marks + all).allSatisfy { $0.utf8.count <= CacheKey.maximumNamesLength }
            && self.regions?.allSatisfy { CacheKey.escaped($0).utf8.count + 2 <= CacheKey.readableLength } ?? true
        guard isReadable else {
            throw RedisError(
                .invalidConfiguration,
                "a tenant and a user have more than \(CacheKey.maximumNamesLength) bytes in keys, or a region more than \(CacheKey.readableLength)"
            )
        }
        return patterns.map { namespace + $0 }
    }
}

extension String {
    /// Whether a part of a key that was made from an argument may look so: a letter for its type and a point, or nothing.
    fileprivate var isLikeArgument: Bool {
        self == "n" || self.utf8.dropFirst().first == UInt8(ascii: ".")
    }
}
