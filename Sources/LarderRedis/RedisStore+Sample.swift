// SPDX-License-Identifier: Apache-2.0

package import Larder
import NIOCore
import RedisDriver

extension RedisStore: SampledStore {
    /// How many keys a server is asked for at a time, and how often at most.
    private static let pageSize = 1_000
    private static let maximumPages = 50
    /// How many entries are read together, and how much of each: what stands before its payload, as a rule and at most.
    private static let sampleBatch = 200
    private static let headLength = 2_048
    private static let maximumHeadLength = 64 << 10

    package func sample(
        of namespace: String, matching pattern: KeyPattern, count: Int
    ) async throws -> EntrySample {
        var sample = EntrySample()
        do {
            let servers = try await self.client.primaryIDs()
            let share = (count + servers.count - 1) / max(servers.count, 1)
            for server in servers {
                let found = try await self.keys(of: namespace, matching: pattern, share, on: server)
                sample.keysSeen += found.seen
                sample.keyCount += found.total
                let scale = Double(found.total) / Double(max(found.seen, 1))
                for start in stride(from: 0, to: found.keys.count, by: Self.sampleBatch) {
                    let keys = found.keys[start..<min(start + Self.sampleBatch, found.keys.count)]
                    sample.items += try await self.items(keys, eachFor: scale, on: server)
                }
            }
        } catch let error as RedisError {
            throw error.asStoreError
        }
        return sample
    }

    /// Goes through keys of all namespaces, so that it is known how many there are of this one.
    private func keys(
        of namespace: String, matching pattern: KeyPattern, _ count: Int, on server: RedisServerID
    ) async throws -> (keys: [CacheKey], seen: Int, total: Int) {
        var (keys, seen, total) = (Set<CacheKey>(), 0, 0)
        var cursor = "0"
        for page in 0..<Self.maximumPages where keys.count < count {
            let batch = try await self.client.send(to: server, over: .bulk) { encoder in
                encoder.command("SCAN", cursor, "COUNT", Self.pageSize)
                if page == 0 { encoder.command("DBSIZE") }
            }
            let found = try batch.response(of: SCAN.self, at: 0)
            if page == 0 { total = try batch.response(of: DBSIZE.self, at: 1) }
            var isWhole = true
            for key in found.elements {
                // No key is counted that is not looked at, so that those that are stand for all.
                guard keys.count < count else {
                    isWhole = false
                    break
                }
                seen += 1
                guard let key = CacheKey(text: String(buffer: key.bytes), in: namespace), pattern.matches(key) else {
                    continue
                }
                keys.insert(key)
            }
            cursor = found.cursor
            // Those that have expired are counted by the server, and not shown.
            if cursor == "0", isWhole { return (Array(keys), seen, seen) }
        }
        return (Array(keys), seen, max(seen, total))
    }

    private func items(
        _ keys: ArraySlice<CacheKey>, eachFor share: Double, on server: RedisServerID
    ) async throws -> [EntrySample.Item] {
        let batch = try await self.client.send(to: server, over: .bulk) { encoder in
            encoder.command("TIME")
            for key in keys {
                encoder.command("GETRANGE", key.text, 0, Self.headLength - 1)
                encoder.command("MEMORY", "USAGE", key.text)
            }
        }
        let now = try batch.serverTime(at: 0)
        var items: [EntrySample.Item] = []
        for (index, key) in keys.enumerated() {
            // One that is no string is none of a cache; one that is gone by now has no size.
            guard case .string(let head)? = try? batch.value(at: 2 * index + 1), head.readableBytes > 0 else {
                continue
            }
            guard let size = try batch.value(at: 2 * index + 2).integer else { continue }
            items.append(
                EntrySample.Item(
                    key: key, entry: Entry(decoding: head), isWhole: head.readableBytes < Self.headLength,
                    size: Int(size), share: share, now: now))
        }
        let long = items.indices.filter { items[$0].entry == nil && !items[$0].isWhole }
        guard !long.isEmpty else { return items }
        let heads = try await self.client.send(to: server, over: .bulk) { encoder in
            for index in long { encoder.command("GETRANGE", items[index].key.text, 0, Self.maximumHeadLength - 1) }
        }
        for (reply, index) in long.enumerated() {
            guard case .string(let head)? = try? heads.value(at: reply) else { continue }
            items[index].entry = Entry(decoding: head)
        }
        return items
    }
}
