// SPDX-License-Identifier: Apache-2.0

/// Shown without the password.
extension RedisClientConfiguration: CustomStringConvertible, CustomReflectable {
    public var description: String {
        let user = self.username ?? (self.password == nil ? "" : "default")
        return "\(self.tls == nil ? "redis" : "rediss")://\(user.isEmpty ? "" : user + "@")\(self.host):\(self.port)"
            + "/\(self.database)"
    }

    public var customMirror: Mirror { Mirror(self, children: ["url": self.description]) }
}
