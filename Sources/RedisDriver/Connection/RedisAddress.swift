// SPDX-License-Identifier: Apache-2.0

/// Where a server listens.
public struct RedisAddress: Sendable, Hashable, CustomStringConvertible {
    /// The server's name or address.
    public var host: String
    /// The server's port.
    public var port: Int

    /// Makes an address.
    public init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Nowhere.
    init() {
        self.init(host: "", port: 0)
    }

    public var description: String {
        self.host.contains(":") ? "[\(self.host)]:\(self.port)" : "\(self.host):\(self.port)"
    }
}
