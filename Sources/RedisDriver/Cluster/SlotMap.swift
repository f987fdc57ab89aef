// SPDX-License-Identifier: Apache-2.0

/// Which server has which slots.
struct SlotMap: Sendable {
    struct Shard: Sendable, Hashable {
        var primary: RedisAddress
        var replicas: [RedisAddress] = []
    }

    private(set) var shards: [Shard] = []
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
            let addresses = parts[2...].compactMap { Self.address($0, asked: asked) }
            guard let primary = addresses.first else { return nil }
            let index = self.index(of: Shard(primary: primary, replicas: Array(addresses.dropFirst())))
            for slot in Int(first)...Int(last) { self.indices[slot] = index }
        }
        guard !self.shards.isEmpty else { return nil }
    }

    private static func address(_ value: RedisValue, asked: RedisAddress) -> RedisAddress? {
        guard
            case .array(let parts) = value, parts.count >= 2, let port = parts[1].integer,
            (1...65_535).contains(port)
        else { return nil }
        let host = parts[0].text.flatMap { $0.isEmpty || $0 == "?" ? nil : $0 } ?? asked.host
        return RedisAddress(host: host, port: Int(port))
    }

    private mutating func index(of shard: Shard) -> Int {
        if let index = self.shards.firstIndex(where: { $0.primary == shard.primary }) { return index }
        self.shards.append(shard)
        return self.shards.count - 1
    }

    /// The servers of a slot; nil when nobody has it.
    func shard(of slot: HashSlot) -> Shard? {
        self.indices[slot.number].map { self.shards[$0] }
    }

    /// A server said that another has a slot.
    mutating func move(_ slot: HashSlot, to address: RedisAddress) {
        self.indices[slot.number] = self.index(of: Shard(primary: address))
    }

    /// All servers.
    var addresses: Set<RedisAddress> { Set(self.shards.flatMap { [$0.primary] + $0.replicas }) }
}
