// SPDX-License-Identifier: Apache-2.0

/// Which of a client's servers: the only one, or one of a cluster.
package struct RedisServerID: Sendable, Hashable {
    /// Nil for the only one, wherever it is at the moment.
    package let address: RedisAddress?

    /// The only one.
    package static let only = RedisServerID(address: nil)
}
