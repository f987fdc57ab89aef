// SPDX-License-Identifier: Apache-2.0

/// Some of a cache's entries, by whose they are and of which regions.
public struct KeySpace: Sendable, Hashable, Codable {
    /// Whose entries are meant. An entry is somebody's if a ``Principal`` is an argument of its function, by itself and not within another
    /// value; of several, that of the first.
    public enum Owner: String, Sendable, Hashable, Codable {
        /// All entries, whosever they are.
        case anybody
        /// Those that are nobody's.
        case nobody
        /// All that are of the identity's tenant and its users; none if it has no tenant.
        case tenant
        /// Those that are the identity's own, and those of its tenant that are no single user's.
        case oneself
    }

    /// Whose they are.
    public var owner: Owner
    /// Of which regions; nil for all.
    public var regions: Set<String>?

    /// All entries.
    public static let everything = KeySpace(owner: .anybody)
    /// Entries that are nobody's.
    public static let shared = KeySpace(owner: .nobody)
    /// Entries of the identity's tenant and its users.
    public static let ownTenant = KeySpace(owner: .tenant)
    /// Entries of the identity's own, and those that all users of its tenant share.
    public static let own = KeySpace(owner: .oneself)

    /// Makes a space.
    public init(owner: Owner, regions: Set<String>? = nil) {
        self.owner = owner
        self.regions = regions
    }

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case owner, regions
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(onlyWith: CodingKeys.self)
        self.owner = try container.decode(Owner.self, forKey: .owner)
        // What is there and nothing is not all.
        self.regions = container.contains(.regions) ? try container.decode(Set<String>.self, forKey: .regions) : nil
    }

    /// Those of them that are of some regions.
    public func regions(_ names: String...) -> KeySpace {
        KeySpace(owner: self.owner, regions: Set(names))
    }

    /// Whether an entry is one of them.
    ///
    /// - Parameters:
    ///   - key: The key of the entry.
    ///   - namespaceLength: How many bytes of it are the namespace.
    ///   - identity: On whose behalf.
    func contains(_ key: CacheKey, behind namespaceLength: Int, for identity: Identity) -> Bool {
        if let regions, !regions.contains(where: { $0.isSame(as: key.region) }) { return false }
        let rest = key.text.utf8.dropFirst(namespaceLength)
        switch self.owner {
        case .anybody: return true
        case .nobody: return rest.dropFirst().first != UInt8(ascii: "@")
        case .tenant: return identity.keyMarks.tenant.map { rest.starts(with: $0.utf8) } ?? false
        case .oneself: return identity.keyMarks.own.contains { rest.starts(with: $0.utf8) }
        }
    }
}
