// SPDX-License-Identifier: Apache-2.0

package import Larder
import NIOCore
import RedisDriver

extension RedisStore: SampledStore {
    /// How many keys a server is asked for at a time, and how often at most.
    private static let pageSize = 1_000
    private static let maximumPages = 50
    /// How many entries are read together, and how much of each: what stands before its payload, as a rule.
    private static let sampleBatch = 200
    private static let headLength = 2_048

    package func sample(
        of namespace: String, matching pattern: KeyPattern, count: Int
    ) async throws -> EntrySample {
        var sample = EntrySample()
        do {
            let servers = try await self.client.serverIDs()
            for server in servers {
                let keys = try await self.keys(
                    of: namespace, matching: pattern, (count + servers.count - 1) / servers.count, on: server, &sample)
                for batch in stride(from: 0, to: keys.count, by: Self.sampleBatch) {
                    sample.items += try await self.items(
                        keys[batch..<min(batch + Self.sampleBatch, keys.count)], on: server)
                }
            }
        } catch let error as RedisError {
            throw error.asStoreError
        }
        return sample
    }

    /// Goes through keys of all namespaces, so that it is known how many there are of this one.
    private func keys(
        of namespace: String, matching pattern: KeyPattern, _ count: Int, on server: RedisServerID,
        _ sample: inout EntrySample
    ) async throws -> [CacheKey] {
        var keys: Set<CacheKey> = []
        var cursor = "0"
        for page in 0..<Self.maximumPages {
            let batch = try await self.client.send(to: server) { encoder in
                encoder.command("SCAN", cursor, "COUNT", Self.pageSize)
                if page == 0 { encoder.command("DBSIZE") }
            }
            let found = try batch.response(of: SCAN.self, at: 0)
            if page == 0 { sample.keyCount += try batch.response(of: DBSIZE.self, at: 1) }
            // No key is counted that is not looked at, so that those that are stand for all.
            for key in found.elements where keys.count < count {
                sample.keysSeen += 1
                guard let key = CacheKey(text: String(buffer: key.bytes), in: namespace), pattern.matches(key) else {
                    continue
                }
                keys.insert(key)
            }
            cursor = found.cursor
            if cursor == "0" || keys.count >= count { break }
        }
        return Array(keys)
    }

    private func items(_ keys: ArraySlice<CacheKey>, on server: RedisServerID) async throws -> [EntrySample.Item] {
        let batch = try await self.client.send(to: server) { encoder in
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
                    size: Int(size), now: now))
        }
        return items
    }
}
