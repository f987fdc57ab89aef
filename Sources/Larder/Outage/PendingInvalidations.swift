// SPDX-License-Identifier: Apache-2.0

/// Invalidations that have not reached the store. Until they do, they end entries for whoever reads through this value.
///
/// There is at most one for a key or a tag; the strongest form stays. When there are too many, or too many patterns, which every
/// read has to be compared with, each namespace that they belong to is to be cleared instead.
struct PendingInvalidations: Sendable {
    /// What is to be ended.
    enum Target: Hashable, Sendable {
        case key(CacheKey)
        case tag(String, in: String)
        case pattern(KeyPattern, in: String)
        case namespace(String)

        fileprivate var namespace: String {
            switch self {
            case .key(let key): key.namespace
            case .tag(_, in: let namespace), .pattern(_, in: let namespace), .namespace(let namespace): namespace
            }
        }
    }

    /// An invalidation, as it stood when it was taken out to be delivered.
    struct Item: Sendable {
        let target: Target
        /// How a key is to be ended.
        let method: InvalidationMethod
        fileprivate let generation: UInt64
    }

    private struct Pending: Sendable {
        var method: InvalidationMethod
        var generation: UInt64
    }

    private static let maximumPatterns = 16

    private let capacity: Int
    private var pending: [Target: Pending] = [:]
    /// The patterns among them, which have to be tried one by one.
    private var patterns: Set<Target> = []
    private var generation: UInt64 = 0

    init(capacity: Int) {
        self.capacity = max(capacity, 1)
    }

    var count: Int { self.pending.count }

    var isEmpty: Bool { self.pending.isEmpty }

    /// A place in the order of what was added; see ``delivered(_:by:upTo:)``.
    var now: UInt64 { self.generation }

    mutating func add(_ target: Target, by method: InvalidationMethod = .remove) {
        self.generation += 1
        let stronger = self.pending[target]?.method.stronger(method) ?? method
        self.pending[target] = Pending(method: stronger, generation: self.generation)
        if case .pattern = target { self.patterns.insert(target) }
        if self.pending.count > self.capacity || self.patterns.count > Self.maximumPatterns { self.collapse() }
    }

    /// Everything that is pending, the oldest first.
    var items: [Item] {
        self.pending.map { Item(target: $0.key, method: $0.value.method, generation: $0.value.generation) }
            .sorted { $0.generation < $1.generation }
    }

    /// An item has reached the store; it goes unless it was added again since it was taken out.
    mutating func delivered(_ item: Item) {
        self.delivered(item.target, by: item.method, upTo: item.generation)
    }

    /// An invalidation of `target` that was sent when ``now`` was `generation` has reached the store. What is pending since
    /// before is done by it, if it is no stronger.
    mutating func delivered(_ target: Target, by method: InvalidationMethod, upTo generation: UInt64) {
        guard
            let pending = self.pending[target], pending.generation <= generation,
            pending.method.stronger(method) == method
        else { return }
        self.pending[target] = nil
        self.patterns.remove(target)
    }

    /// Whether an entry under `key` is ended, whatever it is.
    func ends(_ key: CacheKey) -> Bool {
        if self.isEmpty { return false }
        if self.pending[.key(key)] != nil || self.pending[.namespace(key.namespace)] != nil { return true }
        return self.patterns.contains { target in
            if case .pattern(let pattern, in: key.namespace) = target { pattern.matches(key) } else { false }
        }
    }

    /// Whether an entry under `key` is ended by its tags, or because any tag was invalidated.
    func ends(_ metadata: EntryMetadata, under key: CacheKey) -> Bool {
        guard !self.isEmpty else { return false }
        if metadata.endsWithAnyInvalidation {
            let isAnyPending = self.pending.keys.contains { target in
                if case .tag(_, in: key.namespace) = target { true } else { false }
            }
            if isAnyPending { return true }
        }
        return metadata.tags.contains { self.pending[.tag($0, in: key.namespace)] != nil }
    }

    private mutating func collapse() {
        let namespaces = Set(self.pending.keys.map(\.namespace))
        self.pending = [:]
        self.patterns = []
        for namespace in namespaces {
            self.pending[.namespace(namespace)] = Pending(method: .remove, generation: self.generation)
        }
    }
}
