// SPDX-License-Identifier: Apache-2.0

import NIOConcurrencyHelpers

/// Something that is to happen once.
final class ManagedFlag: Sendable {
    private let isSet = NIOLockedValueBox(false)

    func set() {
        self.isSet.withLockedValue { $0 = true }
    }

    /// Whether it was set; it is not any more.
    func take() -> Bool {
        self.isSet.withLockedValue { value in
            defer { value = false }
            return value
        }
    }
}
