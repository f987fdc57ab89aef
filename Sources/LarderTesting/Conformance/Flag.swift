// SPDX-License-Identifier: Apache-2.0

import NIOConcurrencyHelpers

/// A flag that tasks raise and take.
final class Flag: Sendable {
    private let isSet = NIOLockedValueBox(false)

    func set() {
        self.isSet.withLockedValue { $0 = true }
    }

    var isRaised: Bool { self.isSet.withLockedValue { $0 } }

    /// Whether it was set; it is not any more.
    func take() -> Bool {
        self.isSet.withLockedValue { value in
            defer { value = false }
            return value
        }
    }
}
