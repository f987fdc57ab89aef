// SPDX-License-Identifier: Apache-2.0

import NIOConcurrencyHelpers

/// A bounded cache inside the process: synchronous, shared freely between tasks and threads.
///
/// Holds values by key until their deadline, or until its bound makes them go; the least recently used go first.
/// Values that leave are released outside the lock, so a `deinit` may use the cache.
///
/// ```swift
/// let thumbnails = InProcessCache<Int, [UInt8]>(limit: .weight(16 << 20))
/// thumbnails.insert(bytes, for: 42, weight: bytes.count)
/// let bytes = thumbnails.value(for: 42)
/// ```
public final class InProcessCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private let state: NIOLockedValueBox<RecencyList<Key, Value>>
    private let countsEntries: Bool
    private let clock: any CacheClock

    /// Makes an empty cache.
    ///
    /// - Parameters:
    ///   - limit: How much it may hold.
    ///   - clock: The clock of its deadlines.
    public init(limit: InProcessCacheLimit, clock: any CacheClock = SystemClock()) {
        self.state = NIOLockedValueBox(RecencyList(maximumWeight: limit.maximumWeight))
        self.countsEntries = limit.countsEntries
        self.clock = clock
    }

    /// The value for `key`, unless there is none or its deadline has passed.
    public func value(for key: Key) -> Value? {
        let (value, expired) = self.state.withLockedValue { state -> (Value?, Value?) in
            guard let found = state.use(key) else { return (nil, nil) }
            guard let deadline = found.deadline, deadline <= self.clock.now else { return (found.value, nil) }
            return (nil, state.remove(key))
        }
        _ = expired
        return value
    }

    /// Keeps a value, in place of any other for the key.
    ///
    /// - Parameters:
    ///   - value: The value.
    ///   - key: Its key.
    ///   - weight: How much of a limit by weight it takes; a limit by entries counts 1 whatever is given here.
    ///   - deadline: When it ends; nil for never.
    /// - Returns: Whether it is kept: a weight that is negative or above the limit is refused, and then there is
    ///   no value for the key.
    @discardableResult
    public func insert(
        _ value: Value, for key: Key, weight: Int = 1, deadline: MonotonicInstant? = nil
    ) -> Bool {
        let (isKept, leaving) = self.state.withLockedValue { state in
            state.insert(value, for: key, weight: self.countsEntries ? 1 : weight, deadline: deadline)
        }
        _ = leaving
        return isKept
    }

    /// Removes the value for `key`, and returns it.
    @discardableResult
    public func remove(_ key: Key) -> Value? {
        self.state.withLockedValue { $0.remove(key) }
    }

    /// Removes everything.
    public func removeAll() {
        let old = self.state.withLockedValue { state in
            let old = state
            state = RecencyList(maximumWeight: old.maximumWeight)
            return old
        }
        _ = old
    }

    /// How many values are held, counting those whose deadline has passed and whose room was not needed yet.
    public var count: Int { self.state.withLockedValue { $0.count } }

    /// What they weigh together.
    public var weight: Int { self.state.withLockedValue { $0.weight } }
}
