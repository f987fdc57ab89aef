// SPDX-License-Identifier: Apache-2.0

import NIOSSL

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension RedisClientConfiguration {
    /// Reads a URL: `redis://user:password@host:6379/0`, or `rediss://` for an encrypted connection.
    ///
    /// All but scheme and host may be left out. Characters that mean something in URLs are percent-encoded.
    ///
    /// - Throws: ``RedisError`` with the code ``RedisError/Code/invalidConfiguration``, whose message names the part
    ///   that is wrong and does not repeat it.
    public init(url: String) throws(RedisError) {
        func invalid(_ message: String) -> RedisError { RedisError(.invalidConfiguration, message) }
        guard let components = URLComponents(string: url) else { throw invalid("not a URL") }
        self.init()
        switch components.scheme {
        case "redis": break
        case "rediss": self.tls = .makeClientConfiguration()
        default: throw invalid("the scheme of the URL must be redis or rediss")
        }
        guard let host = components.host, !host.isEmpty else { throw invalid("the URL names no host") }
        self.host = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
        if let port = components.port {
            guard (1...65_535).contains(port) else { throw invalid("the port of the URL is out of range") }
            self.port = port
        }
        if let user = components.user, !user.isEmpty { self.username = user }
        self.password = components.password
        if self.username != nil, self.password == nil { throw invalid("the URL names a user without a password") }
        let path = components.path.drop { $0 == "/" }
        if !path.isEmpty {
            guard let database = Int(path), database >= 0 else {
                throw invalid("the path of the URL must be the number of a database")
            }
            self.database = database
        }
        guard components.query == nil, components.fragment == nil else {
            throw invalid("the URL has a query or a fragment, which mean nothing here")
        }
    }
}
