// SPDX-License-Identifier: Apache-2.0

import Larder
import LarderSessions

/// What sessions are sealed with.
enum SessionSecrets {
    /// Anybody can read these here. They are for a demo on one machine, where several processes have to agree on them; a service that
    /// others can reach is given its own.
    static func demo() throws -> SessionKeys {
        try SessionKeys(
            sealing: SealingKeys(current: .init(id: 1, secret: "a secret of the demo that is none".utf8)),
            owners: "another secret of it that is none".utf8)
    }

    /// The demo's, or those that the environment names.
    static func keys(_ configuration: StorefrontConfiguration) throws -> SessionKeys {
        guard let sealing = configuration.sessionKeys, let owners = configuration.sessionOwnersSecret else {
            return try Self.demo()
        }
        return try SessionKeys(sealing: sealing, owners: owners)
    }
}
