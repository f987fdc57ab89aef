// SPDX-License-Identifier: Apache-2.0

/// Who may do what with which entries of a cache. What no rule allows is denied.
///
/// ```swift
/// let access = AccessPolicy([
///     .allow(.everyone, to: .read, in: .shared),
///     .allow(.users, to: .read, .invalidate, in: .own),
///     .allow(.role("editor"), to: .read, .invalidate, in: .everything),
/// ])
/// let cache = Cache("shop", store: .redis(redis), configuration: CacheConfiguration(access: access))
/// ```
///
/// It is asked about ``Identity/current`` whenever the cache is used. The same rules can be had as those of a Redis user, so that the server
/// keeps a process to them that is somebody's own.
///
/// As JSON: `{"rules": [{"subject": {"role": "editor"}, "operations": ["read"], "space": {"owner": "nobody", "regions": ["product"]}}]}`,
/// with `{"everyone": true}`, `{"users": true}`, `{"tenant": "acme"}` and `{"user": "17", "of": "acme"}` for other subjects. What is misspelt, or
/// says more than that, is not decoded.
public struct AccessPolicy: Sendable, Hashable, Codable {
    /// What can be done with entries.
    public enum Operation: String, Sendable, Hashable, Codable, CaseIterable {
        /// Getting values, which are loaded and cached if they are not there.
        case read
        /// Ending entries. By tag, by pattern or altogether only if it is allowed for ``KeySpace/everything``, since a tag may be on any of
        /// them.
        case invalidate
        /// Using the console of a service: looking through entries, statistics and the sessions of users, and ending them. Only if it is allowed
        /// for ``KeySpace/everything``.
        case operate
    }

    /// Something that is allowed.
    public struct Rule: Sendable, Hashable, Codable {
        /// To whom.
        public var subject: AccessSubject
        /// What.
        public var operations: Set<Operation>
        /// With which entries.
        public var space: KeySpace

        /// Allows something.
        public static func allow(
            _ subject: AccessSubject, to operations: Operation..., in space: KeySpace
        ) -> Rule {
            Rule(subject: subject, operations: Set(operations), space: space)
        }

        private init(subject: AccessSubject, operations: Set<Operation>, space: KeySpace) {
            self.subject = subject
            self.operations = operations
            self.space = space
        }

        private enum CodingKeys: String, CodingKey, CaseIterable {
            case subject, operations, space
        }

        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(onlyWith: CodingKeys.self)
            self.init(
                subject: try container.decode(AccessSubject.self, forKey: .subject),
                operations: try container.decode(Set<Operation>.self, forKey: .operations),
                space: try container.decode(KeySpace.self, forKey: .space))
        }
    }

    /// All that is allowed.
    public var rules: [Rule]

    /// Makes a policy.
    public init(_ rules: [Rule]) {
        self.rules = rules
    }

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case rules
    }

    public init(from decoder: any Decoder) throws {
        self.rules = try decoder.container(onlyWith: CodingKeys.self).decode([Rule].self, forKey: .rules)
    }

    /// Whether somebody may do something with an entry.
    public func allows(_ identity: Identity, to operation: Operation, _ key: CacheKey) -> Bool {
        self.allows(identity, to: operation, key, behind: CacheKey.escaped(key.namespace).utf8.count)
    }

    /// Whether somebody may do something with whatever entries there are.
    public func allowsEverything(_ identity: Identity, to operation: Operation) -> Bool {
        identity.isService || self.spaces(of: identity, for: operation).contains(.everything)
    }

    func allows(
        _ identity: Identity, to operation: Operation, _ key: CacheKey, behind namespaceLength: Int
    ) -> Bool {
        identity.isService
            || self.rules.contains { rule in
                rule.operations.contains(operation) && rule.subject.includes(identity)
                    && rule.space.contains(key, behind: namespaceLength, for: identity)
            }
    }

    /// With which entries somebody may do something.
    package func spaces(of identity: Identity, for operation: Operation) -> [KeySpace] {
        if identity.isService { return [.everything] }
        return self.rules.filter { $0.operations.contains(operation) && $0.subject.includes(identity) }.map(\.space)
    }
}
