// SPDX-License-Identifier: Apache-2.0

/// Whether an invalidation has reached the store.
public enum InvalidationOutcome: String, Sendable, Hashable {
    /// It holds: no read that starts from now on gives older data. <doc:Guarantees> tells what breaks it.
    case applied
    /// The store could not be reached, or refused. It holds for this cache, and goes to the store when that can be reached
    /// again.
    case queued
    /// The ``AccessPolicy`` of the cache does not allow it to whoever asked: nothing was done.
    case denied

    /// The outcome of this invalidation together with another: the worse of the two.
    public func and(_ other: InvalidationOutcome) -> InvalidationOutcome {
        switch (self, other) {
        case (.denied, _), (_, .denied): .denied
        case (.queued, _), (_, .queued): .queued
        case (.applied, .applied): .applied
        }
    }
}
