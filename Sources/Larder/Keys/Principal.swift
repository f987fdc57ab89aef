// SPDX-License-Identifier: Apache-2.0

/// Who a cached value belongs to.
///
/// As an argument of a cached function it becomes part of the key, in front, so that the entries of one tenant or
/// user share a prefix that access rules can name: `shop:@acme@42:orders:@:i.1`.
public struct Principal: Sendable, Hashable, CacheKeyComponent {
    /// The tenant, in services that have several.
    public var tenant: String?
    /// The user, or nil for what all users of the tenant share.
    public var user: String?

    /// Makes a principal from the names that the service knows it by.
    public init(user: String?, tenant: String? = nil) {
        self.tenant = tenant
        self.user = user
    }

    /// Whether it names anybody.
    var isSomebody: Bool {
        [self.tenant, self.user].contains { $0?.isEmpty == false }
    }

    public func encode(into encoder: inout CacheKeyEncoder) {
        encoder.identity(self)
    }
}
