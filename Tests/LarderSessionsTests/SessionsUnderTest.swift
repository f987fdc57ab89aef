// SPDX-License-Identifier: Apache-2.0

import Larder
import LarderSessions
import LarderTesting
import NIOConcurrencyHelpers

struct Basket: Codable, Sendable, Equatable {
    var items: [String] = []
}

/// Sessions inside the process, on a clock that is turned by hand, with all that was told of them.
struct SessionsUnderTest: Sendable {
    let clock = ManualClock()
    let store: EmbeddedSessionStore
    let manager: SessionManager<Basket>
    private let told = NIOLockedValueBox<[SessionEvent]>([])

    init(
        _ configuration: SessionConfiguration = SessionConfiguration(), keys: SessionKeys? = nil,
        store: EmbeddedSessionStore? = nil
    ) throws {
        let store = store ?? EmbeddedSessionStore(clock: self.clock)
        self.store = store
        self.manager = SessionManager(
            "shop", initial: Basket(), store: store, keys: try keys ?? .test(1), configuration: configuration
        ) { [told] event in told.withLockedValue { $0.append(event) } }
    }

    var events: [SessionEvent] { self.told.withLockedValue { $0 } }
}

extension SessionKeys {
    /// Secrets of which the first seals.
    static func test(_ ids: UInt32...) throws -> SessionKeys {
        let keys = try ids.map {
            try SealingKeys.Key(id: $0, secret: Array(repeating: UInt8(truncatingIfNeeded: $0), count: 32))
        }
        return try SessionKeys(
            sealing: SealingKeys(current: keys[0], others: Array(keys.dropFirst())),
            owners: Array(repeating: 7, count: 32))
    }
}
