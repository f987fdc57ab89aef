// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// `127.0.0.1:8081`, or `[::1]:8081`.
struct HostPort: ExpressibleByArgument, CustomStringConvertible {
    var host: String
    var port: Int

    var description: String { self.host.contains(":") ? "[\(self.host)]:\(self.port)" : "\(self.host):\(self.port)" }

    init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    init?(argument: String) {
        guard let colon = argument.lastIndex(of: ":"), let port = Int(argument[argument.index(after: colon)...]),
            (0...65_535).contains(port)
        else { return nil }
        var host = String(argument[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        guard !host.isEmpty else { return nil }
        self.init(host: host, port: port)
    }
}

/// `http://127.0.0.1:9000`.
struct OriginURL: ExpressibleByArgument {
    var host: String
    var port: Int

    init?(argument: String) {
        guard argument.hasPrefix("http://") else { return nil }
        var authority = argument.dropFirst("http://".count)
        if authority.hasSuffix("/") { authority = authority.dropLast() }
        guard !authority.isEmpty, !authority.contains("/"), !authority.contains("@") else { return nil }
        let text = String(authority)
        guard let parsed = HostPort(argument: text) ?? HostPort(argument: text + ":80") else { return nil }
        self.host = parsed.host
        self.port = parsed.port
    }
}
