// SPDX-License-Identifier: Apache-2.0

/// Where connections go.
struct RedisDestination: Sendable {
    enum Kind: Sendable {
        case fixed(RedisAddress)
        /// Asked anew for each connection, since it may change.
        case found(@Sendable () async throws(RedisError) -> RedisAddress)
    }

    let kind: Kind
    /// Whether only a server that takes writes will do.
    let mustBePrimary: Bool

    init(_ address: RedisAddress) {
        self.kind = .fixed(address)
        self.mustBePrimary = false
    }

    init(mustBePrimary: Bool = false, _ address: @escaping @Sendable () async throws(RedisError) -> RedisAddress) {
        self.kind = .found(address)
        self.mustBePrimary = mustBePrimary
    }
}
