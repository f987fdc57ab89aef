// SPDX-License-Identifier: Apache-2.0

/// Which server has which slots.
struct SlotMap: Sendable {
    struct Shard: Sendable, Hashable {
        var primary: RedisAddress
        var replicas: [RedisAddress] = []
    }

    private var shards: [Shard] = []
    /// How many slots each shard has.
    private var counts: [Int] = []
    /// For each slot the index of its shard.
    private var indices: [Int?] = Array(repeating: nil, count: HashSlot.count)

    /// Reads the answer to `CLUSTER SLOTS`; nil when it is none.
    ///
    /// - Parameter asked: The server that answered; it may not know how it is reached itself.
    init?(_ value: RedisValue, asked: RedisAddress) {
        guard case .array(let ranges) = value else { return nil }
        for range in ranges {
            guard
                case .array(let parts) = range, parts.count >= 3, let first = parts[0].integer,
                let last = parts[1].integer, first >= 0, first <= last, last < HashSlot.count
            else { return nil }
            guard let primary = Self.address(parts[2], asked: asked) else { return nil }
            let replicas = parts[3...].compactMap { Self.address($0, asked: asked) }
            let index = self.index(of: Shard(primary: primary, replicas: replicas))
            for slot in Int(first)...Int(last) { self.assign(slot, to: index) }
        }
        guard !self.shards.isEmpty else { return nil }
    }

    private static func address(_ value: RedisValue, asked: RedisAddress) -> RedisAddress? {
        guard
            case .array(let parts) = value, parts.count >= 2, let port = parts[1].integer,
            (1...65_535).contains(port)
        else { return nil }
        var host = parts[0].text ?? ""
        // A server that does not know its name says its address apart.
        if host == "?", parts.count > 3, case .map(let pairs) = parts[3] {
            host = pairs.first { $0.key.text == "ip" }?.value.text ?? ""
        }
        return RedisAddress(host: host.isEmpty || host == "?" ? asked.host : host, port: Int(port))
    }

    private mutating func index(of shard: Shard) -> Int {
        if let index = self.shards.firstIndex(where: { $0.primary == shard.primary }) { return index }
        self.shards.append(shard)
        self.counts.append(0)
        return self.shards.count - 1
    }

    private mutating func assign(_ slot: Int, to index: Int) {
        if let old = self.indices[slot] { self.counts[old] -= 1 }
        self.indices[slot] = index
        self.counts[index] += 1
    }

    /// The servers of a slot; nil when nobody has it.
    func shard(of slot: HashSlot) -> Shard? {
        self.indices[slot.number].map { self.shards[$0] }
    }

    /// A server said that another has a slot.
    mutating func move(_ slot: HashSlot, to address: RedisAddress) {
        self.assign(slot.number, to: self.index(of: Shard(primary: address)))
    }

    /// The servers that have slots.
    var primaries: [RedisAddress] {
        self.shards.indices.filter { self.counts[$0] > 0 }.map { self.shards[$0].primary }
    }

    /// All servers.
    var addresses: Set<RedisAddress> { Set(self.shards.flatMap { [$0.primary] + $0.replicas }) }
}
