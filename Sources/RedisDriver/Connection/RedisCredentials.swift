// SPDX-License-Identifier: Apache-2.0

/// Whom a connection authenticates as.
public struct RedisCredentials: Sendable, CustomStringConvertible, CustomReflectable {
    /// The user; nil for the default user.
    public var username: String?
    /// The password, or whatever stands for it.
    public var password: String

    /// Makes credentials.
    public init(username: String? = nil, password: String) {
        self.username = username
        self.password = password
    }

    /// Without the password.
    public var description: String { self.username ?? "default" }
    public var customMirror: Mirror { Mirror(self, children: ["username": self.description]) }
}
