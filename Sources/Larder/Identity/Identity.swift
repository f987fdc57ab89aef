// SPDX-License-Identifier: Apache-2.0

/// On whose behalf something is done: who it is, and what they are to the service.
///
/// It goes along with a task, and an ``AccessPolicy`` decides by it:
///
/// ```swift
/// try await Identity.$current.withValue(Identity(Principal(user: "17"), roles: ["editor"])) {
///     try await drafts(42)
/// }
/// ```
public struct Identity: Sendable, Hashable {
    /// Who it is; nil when nobody knows.
    public let principal: Principal?
    /// What the service lets them be, such as `editor`.
    public let roles: Set<String>
    /// Whether it is the service itself, which needs nobody's leave.
    public let isService: Bool
    /// What the keys of their entries begin with.
    package let keyMarks: KeyMarks

    /// What stands behind the namespace in the keys of what belongs to somebody.
    package struct KeyMarks: Sendable, Hashable {
        /// In those of a tenant and its users; nil without a tenant.
        package private(set) var tenant: String?
        /// In those of one's own, and in those of one's tenant that are no single user's.
        package private(set) var own: [String] = []
    }

    /// Makes an identity.
    ///
    /// - Parameters:
    ///   - principal: Who it is.
    ///   - roles: What they may be taken for.
    public init(_ principal: Principal? = nil, roles: Set<String> = []) {
        self.init(principal, roles, isService: false)
    }

    private init(_ principal: Principal?, _ roles: Set<String>, isService: Bool) {
        self.principal = principal
        self.roles = roles
        self.isService = isService
        self.keyMarks = principal.map(KeyMarks.init) ?? KeyMarks()
    }

    /// Somebody of whom nothing is known.
    public static let anonymous = Identity()

    /// The service itself: what it does on nobody's behalf, such as warming a cache.
    ///
    /// Functions that load a value run so, whatever the cache, for a value must not depend on who asked for it first; and so does what is to follow a change
    /// at the source by a ``CacheWrite``.
    public static let service = Identity(nil, [], isService: true)

    /// On whose behalf the task runs; ``anonymous`` unless it was said.
    @TaskLocal public static var current = Identity.anonymous
}

extension Identity.KeyMarks {
    fileprivate init(_ principal: Principal) {
        guard principal.isSomebody else { return }
        self.own = [Self.mark(of: principal) + ":"]
        if let tenant = principal.tenant, !tenant.isEmpty {
            self.own.append(Self.mark(of: Principal(user: nil, tenant: tenant)) + ":")
            self.tenant = Self.mark(of: Principal(user: "", tenant: tenant))
        }
    }

    private static func mark(of principal: Principal) -> String {
        var encoder = CacheKeyEncoder()
        encoder.raw(UInt8(ascii: ":"))
        encoder.names(of: principal)
        return String(decoding: encoder.text, as: UTF8.self)
    }
}
