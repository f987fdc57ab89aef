// SPDX-License-Identifier: Apache-2.0

import Larder

/// What a write has left, and whether all processes know of it.
struct Written<Value: Encodable & Sendable>: Sendable {
    var value: Value
    var invalidation: InvalidationOutcome
}
