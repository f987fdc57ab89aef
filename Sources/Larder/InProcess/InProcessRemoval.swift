// SPDX-License-Identifier: Apache-2.0

/// A value that has left an ``InProcessCache``.
public struct InProcessRemoval<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    public let key: Key
    public let value: Value
    public let cause: RemovalCause

    @inlinable
    init(key: Key, value: Value, cause: RemovalCause) {
        self.key = key
        self.value = value
        self.cause = cause
    }
}
