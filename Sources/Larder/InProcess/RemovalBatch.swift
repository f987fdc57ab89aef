// SPDX-License-Identifier: Apache-2.0

/// What left during one operation, carried out of the lock to be released and reported there.
///
/// Mostly none or one, for which no memory is allocated.
@usableFromInline
struct RemovalBatch<Key: Hashable & Sendable, Value: Sendable> {
    @usableFromInline var first: InProcessRemoval<Key, Value>?
    @usableFromInline var others: [InProcessRemoval<Key, Value>] = []

    @inlinable
    init() {}

    @inlinable
    mutating func append(_ removal: InProcessRemoval<Key, Value>) {
        if self.first == nil {
            self.first = removal
        } else {
            self.others.append(removal)
        }
    }
}
