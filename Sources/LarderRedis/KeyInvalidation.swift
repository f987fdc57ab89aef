// SPDX-License-Identifier: Apache-2.0

import RedisDriver

/// What a server tells of changes to a client that asked for it (`CLIENT TRACKING`).
enum KeyInvalidation: Sendable {
    case keys([String])
    /// Everything was removed.
    case all

    /// Reads a push; nil for one about something else.
    init?(_ push: RedisValue) {
        guard case .array(let parts) = push, parts.count == 2, parts[0].text == "invalidate" else { return nil }
        if case .array(let keys) = parts[1] {
            self = .keys(keys.compactMap(\.text))
        } else {
            self = .all
        }
    }
}
