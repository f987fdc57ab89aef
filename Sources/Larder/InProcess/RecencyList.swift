// SPDX-License-Identifier: Apache-2.0

/// Values by key in the order of their last use, bounded by weight.
///
/// Nodes live in one array and name their neighbours by index, so that a use moves no memory.
struct RecencyList<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    let maximumWeight: Int
    private(set) var weight = 0
    private var slots: [Key: Int] = [:]
    private var nodes: [Node] = []
    private var free: [Int] = []
    private var newest = Self.none
    private var oldest = Self.none

    private static var none: Int { -1 }

    private struct Node: Sendable {
        var content: Content?
        var newer: Int
        var older: Int
    }

    struct Content: Sendable {
        var key: Key
        var value: Value
        var weight: Int
        var deadline: MonotonicInstant?
    }

    init(maximumWeight: Int) {
        self.maximumWeight = maximumWeight
    }

    var count: Int { self.slots.count }

    /// Finds a value and makes it the most recently used.
    mutating func use(_ key: Key) -> Content? {
        guard let slot = self.slots[key] else { return nil }
        if slot != self.newest {
            self.unlink(slot)
            self.link(slot)
        }
        return self.nodes[slot].content
    }

    /// Keeps a value; returns whether it is kept, and what has to leave, for the caller to release.
    mutating func insert(
        _ value: Value, for key: Key, weight: Int, deadline: MonotonicInstant?
    ) -> (isKept: Bool, leaving: [Value]) {
        var leaving: [Value] = []
        if let old = self.remove(key) { leaving.append(old) }
        guard weight >= 0, weight <= self.maximumWeight else { return (false, leaving) }
        while self.weight > self.maximumWeight - weight, self.oldest != Self.none,
            let victim = self.nodes[self.oldest].content
        {
            if let value = self.remove(victim.key) { leaving.append(value) }
        }
        let content = Content(key: key, value: value, weight: weight, deadline: deadline)
        let slot: Int
        if let reused = self.free.popLast() {
            slot = reused
            self.nodes[slot].content = content
        } else {
            slot = self.nodes.count
            self.nodes.append(Node(content: content, newer: Self.none, older: Self.none))
        }
        self.slots[key] = slot
        self.weight += weight
        self.link(slot)
        return (true, leaving)
    }

    mutating func remove(_ key: Key) -> Value? {
        guard let slot = self.slots.removeValue(forKey: key), let content = self.nodes[slot].content else { return nil }
        self.unlink(slot)
        self.nodes[slot].content = nil
        self.free.append(slot)
        self.weight -= content.weight
        return content.value
    }

    private mutating func link(_ slot: Int) {
        self.nodes[slot].newer = Self.none
        self.nodes[slot].older = self.newest
        if self.newest == Self.none {
            self.oldest = slot
        } else {
            self.nodes[self.newest].newer = slot
        }
        self.newest = slot
    }

    private mutating func unlink(_ slot: Int) {
        let (newer, older) = (self.nodes[slot].newer, self.nodes[slot].older)
        if newer == Self.none {
            self.newest = older
        } else {
            self.nodes[newer].older = older
        }
        if older == Self.none {
            self.oldest = newer
        } else {
            self.nodes[older].newer = newer
        }
    }
}
