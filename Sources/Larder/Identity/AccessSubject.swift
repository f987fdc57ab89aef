// SPDX-License-Identifier: Apache-2.0

/// Whom a rule of an ``AccessPolicy`` is about.
public enum AccessSubject: Sendable, Hashable {
    /// Whoever it is, known or not.
    case everyone
    /// Whoever is known.
    case users
    /// Whoever has a role.
    case role(String)
    /// A tenant and whoever belongs to it.
    case tenant(String)
    /// One user, of a tenant or of none.
    case user(String, of: String? = nil)

    /// Whether somebody is meant.
    func includes(_ identity: Identity) -> Bool {
        switch self {
        case .everyone: true
        case .users: identity.principal?.isSomebody ?? false
        case .role(let role): identity.roles.contains { $0.isSame(as: role) }
        case .tenant(let tenant): identity.principal?.tenant?.isSame(as: tenant) ?? false
        case .user(let user, let tenant):
            [identity.principal?.user, identity.principal?.tenant].map { $0.map { Array($0.utf8) } }
                == [user, tenant].map { $0.map { Array($0.utf8) } }
        }
    }
}

extension AccessSubject: Codable {
    private enum Key: String, CodingKey, CaseIterable {
        case everyone, users, role, tenant, user, of
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(onlyWith: Key.self)
        func only(_ keys: Key...) throws -> Bool {
            guard container.contains(keys[0]) else { return false }
            guard Set(container.allKeys).isSubset(of: keys) else {
                throw DecodingError.dataCorruptedError(
                    forKey: keys[0], in: container, debugDescription: "a subject is one of several things")
            }
            return true
        }
        if try only(.role) {
            self = .role(try container.decode(String.self, forKey: .role))
        } else if try only(.tenant) {
            self = .tenant(try container.decode(String.self, forKey: .tenant))
        } else if try only(.user, .of) {
            self = .user(
                try container.decode(String.self, forKey: .user),
                of: try container.decodeIfPresent(String.self, forKey: .of))
        } else if try only(.users), try container.decode(Bool.self, forKey: .users) {
            self = .users
        } else if try only(.everyone), try container.decode(Bool.self, forKey: .everyone) {
            self = .everyone
        } else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "nobody is known by this subject"))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        switch self {
        case .everyone: try container.encode(true, forKey: .everyone)
        case .users: try container.encode(true, forKey: .users)
        case .role(let role): try container.encode(role, forKey: .role)
        case .tenant(let tenant): try container.encode(tenant, forKey: .tenant)
        case .user(let user, let tenant):
            try container.encode(user, forKey: .user)
            try container.encodeIfPresent(tenant, forKey: .of)
        }
    }
}
