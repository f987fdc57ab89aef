// SPDX-License-Identifier: Apache-2.0

import NIOConcurrencyHelpers

/// A number that several may add to.
final class Counter: Sendable {
    private let state = NIOLockedValueBox(0)

    var value: Int { self.state.withLockedValue { $0 } }

    func add(_ number: Int) {
        self.state.withLockedValue { $0 += number }
    }
}
