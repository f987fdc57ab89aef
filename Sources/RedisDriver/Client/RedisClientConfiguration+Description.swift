// SPDX-License-Identifier: Apache-2.0

/// Shown without the password.
extension RedisClientConfiguration: CustomStringConvertible, CustomReflectable {
    public var description: String {
        let user = self.username ?? (self.password == nil ? "" : "default")
        let scheme = self.tls == nil ? "redis" : "rediss"
        let prefix = user.isEmpty ? "" : user + "@"
        func hosts(_ addresses: [RedisAddress]) -> String { addresses.map(\.description).joined(separator: ",") }
        return switch self.topology.kind {
        case .standalone:
            "\(scheme)://\(prefix)\(RedisAddress(host: self.host, port: self.port))/\(self.database)"
        case .sentinel(let sentinels, let primary, _):
            "\(scheme)+sentinel://\(prefix)\(hosts(sentinels))/\(primary)/\(self.database)"
        case .cluster(let seeds, _): "\(scheme)+cluster://\(prefix)\(hosts(seeds))"
        }
    }

    public var customMirror: Mirror { Mirror(self, children: ["url": self.description]) }
}
