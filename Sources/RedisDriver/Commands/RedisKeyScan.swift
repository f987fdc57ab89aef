// SPDX-License-Identifier: Apache-2.0

/// The keys of a database, asked for page by page while they are read; see ``RedisClient/keys(matching:count:)``.
public struct RedisKeyScan: AsyncSequence, Sendable {
    public typealias Element = RedisKey
    public typealias Failure = RedisError

    let client: RedisClient
    let pattern: String?
    let count: Int

    public func makeAsyncIterator() -> Iterator {
        Iterator(scan: self)
    }

    /// Where a reader stands.
    public struct Iterator: AsyncIteratorProtocol {
        let scan: RedisKeyScan
        private var page: ArraySlice<RedisKey> = []
        private var cursor = "0"
        /// The servers whose keys come later; nil before the first page.
        private var servers: [RedisNode]?

        init(scan: RedisKeyScan) {
            self.scan = scan
        }

        public mutating func next() async throws(RedisError) -> RedisKey? {
            if self.servers == nil {
                self.servers = try await self.scan.client.servers.primaries(within: self.scan.client.time(nil))
            }
            while self.page.isEmpty, let server = self.servers?.last {
                let command = SCAN(self.cursor, matching: self.scan.pattern, count: self.scan.count)
                let reply = try await server.reply(to: command, within: self.scan.client.time(nil))
                let next = try SCAN.decode(reply)
                self.page = next.elements[...]
                self.cursor = next.cursor
                if self.cursor == "0" { self.servers?.removeLast() }
            }
            return self.page.popFirst()
        }
    }
}

extension RedisClient {
    /// All keys, of a cluster on all nodes, asked for page by page as they are read, so that the server is never kept for long.
    ///
    /// A key that is there all the time comes at least once, and may come more often.
    ///
    /// - Parameters:
    ///   - pattern: Which keys, with `*`, `?` and `[…]`; nil for all.
    ///   - count: About how many keys the server looks at for each page.
    public func keys(matching pattern: String? = nil, count: Int = 500) -> RedisKeyScan {
        RedisKeyScan(client: self, pattern: pattern, count: count)
    }
}
