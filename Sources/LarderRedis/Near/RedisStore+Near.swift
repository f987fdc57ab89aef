// SPDX-License-Identifier: Apache-2.0

package import Larder
import NIOConcurrencyHelpers
import RedisDriver

extension RedisStore: NearStore {
    package func near(_ key: CacheKey, within bound: Duration) -> NearReading? {
        guard let (entry, server, proof) = self.nearCache?.entry(for: key) else { return nil }
        let now = self.clock.now
        let age = proof.duration(to: now)
        guard
            age <= bound, let time = self.time(on: server, at: now),
            // What a server tells of keys that it has not any more need not be all.
            !self.client.isCluster || self.client.server(of: key.text) == server
        else { return nil }
        return NearReading(entry: entry, now: time, age: age)
    }

    package func readKeeping(_ key: CacheKey, since position: LogPosition?) async throws -> StoreReading {
        try await self.read(key, since: position, isKept: true)
    }

    package func readKeeping(_ keys: [CacheKey], since position: LogPosition?) async throws -> [StoreReading] {
        try await self.read(keys, since: position, isKept: true)
    }

    /// What keeps what is read from the server of a key; nil while that does not tell of changes.
    func keeper(near key: String, in namespace: String) -> NearCache? {
        guard let nearCache else { return nil }
        let server = self.client.server(of: key)
        if nearCache.isTold(by: server), self.time(on: server, at: self.clock.now) != nil { return nearCache }
        self.track(for: key, in: namespace)
        return nil
    }

    /// The connection by which the server of a key tells of changes does not work: reads go over others for a while.
    func lose(_ key: String) {
        let server = self.client.server(of: key)
        self.nearCache?.withConnections { $0.lose(server) }
        self.tracking.withLockedValue { $0[server, default: TrackingAttempts()].pause(at: self.clock.now) }
    }

    /// A server has answered over a connection that it is master: what it told of changes before is all that there was.
    func prove(_ connection: UInt64, of replication: String, sent: MonotonicInstant) {
        let answered = self.clock.now
        self.nearCache?.withConnections {
            $0.prove(connection, of: replication, sent: sent, answered: answered)
        }
    }

    package func onLogChange(of namespace: String, _ handler: @escaping @Sendable () -> Void) {
        self.nearCache?.onLogChange(Self.logKey(namespace), handler)
    }

    package func prove(
        _ key: CacheKey?, in namespace: String, since position: LogPosition?
    ) async throws -> LogAnswer {
        // Of two exchanges one behind the other the second proves the first, whatever the server's way to tell.
        if self.configuration.nearCache?.tracking == .prefixes { try await self.proveServers(of: key, namespace) }
        async let server: Void = self.proveServers(of: key.flatMap { self.hasLog(of: $0) ? nil : $0 }, nil)
        do {
            let log = try await self.find(
                question: self.question(for: namespace, since: position), in: namespace, over: .tracked
            ).log
            try await server
            return log
        } catch let error as RedisError {
            self.lose(Self.logKey(namespace))
            throw error
        }
    }

    /// Proves what is kept of the server of a key, and of that of a log.
    private func proveServers(of key: CacheKey?, _ namespace: String?) async throws {
        for key in [key?.text, namespace.map { Self.logKey($0) }].compactMap({ $0 }) {
            // A server that has the key no more says so.
            _ = try await self.send(
                self.checks.always(self.client.server(of: key)), behind: 1, for: key, over: .tracked
            ) { $0.command("EXISTS", key) }
        }
    }

    // MARK: Being told of changes

    /// Has the server of a key tell of changes over the connection that reads it, and sees that it does: a proxy may keep what it tells
    /// to itself.
    func track(for key: String, in namespace: String) {
        let server = self.client.server(of: key)
        let begins = self.tracking.withLockedValue {
            $0[server, default: TrackingAttempts()].begin(at: self.clock.now)
        }
        guard begins, let nearCache else { return }
        Task {
            var isTold = false
            do { isTold = try await self.isToldOfChanges(near: key, in: namespace, by: server, nearCache) } catch {}
            self.tracking.withLockedValue { [isTold] in $0[server]?.end(hasSucceeded: isTold, at: self.clock.now) }
        }
    }

    private func isToldOfChanges(
        near key: String, in namespace: String, by server: RedisServerID, _ nearCache: NearCache
    ) async throws -> Bool {
        nearCache.learn(namespace)
        let coverage = nearCache.withConnections { $0.coverage }
        // Where the key is, and in the namespace.
        let prefix = self.client.isCluster && !key.hasPrefix("{") ? "{\(key)}~" : "\(key)~"
        let canary = prefix + String(LeaseToken().rawValue)
        let watch = self.watches.add(canary)
        defer { self.watches.remove(watch) }
        let sent = self.clock.now
        let batch = try await self.send(for: key, over: .tracked) { batch in
            // What was told over it before is no longer complete.
            nearCache.withConnections { $0.distrust(batch.connection) }
        } _: { encoder in
            encoder.command("EXISTS", key)
            encoder.command("CLIENT", "TRACKING", "OFF")
            switch nearCache.configuration.tracking.kind {
            case .keys:
                encoder.command("CLIENT", "TRACKING", "ON")
            case .prefixes:
                let known = nearCache.prefixes
                let prefixes = known.contains { canary.hasPrefix($0) } ? known : known + [prefix]
                encoder.beginCommand("CLIENT", argumentCount: 3 + 2 * prefixes.count)
                for word in ["TRACKING", "ON", "BCAST"] { encoder.write(word) }
                for prefix in prefixes {
                    encoder.write("PREFIX")
                    encoder.write(prefix)
                }
            }
            encoder.command("GET", canary)
            encoder.command("INFO", "replication")
        }
        let answered = self.clock.now
        for index in 0..<4 { _ = try batch.value(at: index) }
        let replication = try self.checkReplication(batch, at: 4, of: server)
        let write = try await self.send(for: canary) { $0.command("SET", canary, "1", "PX", 1_000) }
        _ = try write.value(at: 0)
        guard await watch.wait(atMost: self.configuration.timeout, on: self.clock) else { return false }
        nearCache.withConnections {
            $0.trust(
                batch.connection, to: server, covering: coverage, of: replication, sent: sent, answered: answered)
        }
        return true
    }
}
