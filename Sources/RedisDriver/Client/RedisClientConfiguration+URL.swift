// SPDX-License-Identifier: Apache-2.0

import NIOSSL

extension RedisClientConfiguration {
    /// Reads a URL.
    ///
    /// - `redis://user:password@host:6379/0`, one server; the path is the number of the database.
    /// - `redis+sentinel://user:password@host:26379,host:26379/name/0`, the server that sentinels know by a name.
    /// - `redis+cluster://user:password@host:6379,host:6379`, a cluster, by some of its servers.
    ///
    /// With `rediss` the connections are encrypted. All but scheme, host and name may be left out. Characters that mean
    /// something in URLs are percent-encoded. A query sets what else a configuration has, times in milliseconds:
    /// `?connections=2&commandTimeoutMilliseconds=250`. The names are `clientName`, `connections`, `maximumCommands`,
    /// `maximumQueuedBytes`, `minimumPoolConnections`, `maximumPoolConnections` and, each followed by `Milliseconds`,
    /// `connectTimeout`, `commandTimeout`, `stallTimeout`, `reconnectPause`, `maximumReconnectPause`,
    /// `healthCheckInterval`, `slowCommandThreshold`, `acquireTimeout`, `idleTimeout`; of a cluster also
    /// `readsFromReplicas`, and of sentinels `sentinelUsername` and `sentinelPassword`.
    ///
    /// - Throws: ``RedisError`` with the code ``RedisError/Code/invalidConfiguration``, whose message names the part
    ///   that is wrong and does not repeat it.
    public init(url: String) throws(RedisError) {
        let url = try RedisURL(url)
        self.init()
        if url.isEncrypted { self.tls = .makeClientConfiguration() }
        self.username = url.username
        self.password = url.password
        var options = url.options
        switch url.kind {
        case .standalone:
            guard url.hosts.count == 1, let (host, port) = url.hosts.first else {
                throw .invalidURL("the URL names more than one host, which only sentinels and clusters have")
            }
            self.host = host
            self.port = port ?? 6379
            try self.setDatabase(url.path.first)
            guard url.path.count < 2 else { throw .invalidURL("the path of the URL has too many parts") }
        case .sentinel:
            guard let name = url.path.first else {
                throw .invalidURL("the path of the URL must name the server that the sentinels know")
            }
            try self.setDatabase(url.path.dropFirst().first)
            guard url.path.count < 3 else { throw .invalidURL("the path of the URL has too many parts") }
            let password = options.removeValue(forKey: "sentinelPassword")
            let username = options.removeValue(forKey: "sentinelUsername")
            self.topology = .sentinel(
                url.hosts.map { RedisAddress(host: $0.name, port: $0.port ?? 26_379) }, primary: name,
                credentials: password.map { RedisCredentials(username: username, password: $0) })
        case .cluster:
            guard url.path.isEmpty else { throw .invalidURL("the URL of a cluster has a path, which means nothing") }
            var readsFromReplicas = false
            if let text = options.removeValue(forKey: "readsFromReplicas") {
                guard let flag = Bool(text) else {
                    throw .invalidURL("readsFromReplicas in the query of the URL must be true or false")
                }
                readsFromReplicas = flag
            }
            self.topology = .cluster(
                url.hosts.map { RedisAddress(host: $0.name, port: $0.port ?? 6379) },
                readsFromReplicas: readsFromReplicas)
        }
        for (name, text) in options {
            guard let option = Self.options[name] else {
                throw .invalidURL("the query of the URL has an option that there is not: \(name.prefix(60))")
            }
            guard option.set(text, in: &self) else {
                throw .invalidURL("\(name) in the query of the URL must be a whole number, at least 0")
            }
        }
    }

    private mutating func setDatabase(_ text: String?) throws(RedisError) {
        guard let text else { return }
        guard let database = Int(text), database >= 0 else {
            throw .invalidURL("the path of the URL must be the number of a database")
        }
        self.database = database
    }
}

/// The parts of a URL that may name many hosts.
private struct RedisURL {
    enum Kind {
        case standalone, sentinel, cluster
    }

    var kind = Kind.standalone
    var isEncrypted = false
    var username: String?
    var password: String?
    var hosts: [(name: String, port: Int?)] = []
    var path: [String] = []
    var options: [String: String] = [:]

    init(_ url: String) throws(RedisError) {
        guard let separator = url.firstRange(of: "://") else {
            throw .invalidURL("the URL has no scheme, such as redis://")
        }
        try self.readScheme(url[..<separator.lowerBound])
        var rest = url[separator.upperBound...]
        guard !rest.contains("#") else { throw .invalidURL("the URL has a fragment, which means nothing here") }
        if let mark = rest.firstIndex(of: "?") {
            try self.readQuery(rest[rest.index(after: mark)...])
            rest = rest[..<mark]
        }
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        for part in rest[slash...].split(separator: "/") { self.path.append(try Self.decoded(part, "path")) }
        var authority = rest[..<slash]
        if let at = authority.lastIndex(of: "@") {
            try self.readCredentials(authority[..<at])
            authority = authority[authority.index(after: at)...]
        }
        for host in authority.split(separator: ",", omittingEmptySubsequences: false) { try self.readHost(host) }
    }

    private mutating func readScheme(_ scheme: Substring) throws(RedisError) {
        let parts = scheme.lowercased().split(separator: "+", omittingEmptySubsequences: false)
        switch parts.first {
        case "redis", "valkey": break
        case "rediss", "valkeys": self.isEncrypted = true
        default: throw .invalidURL("the scheme of the URL must be redis or rediss")
        }
        switch parts.dropFirst() {
        case []: break
        case ["sentinel"]: self.kind = .sentinel
        case ["cluster"]: self.kind = .cluster
        default: throw .invalidURL("the scheme of the URL may end in +sentinel or +cluster, and nothing else")
        }
    }

    private mutating func readCredentials(_ text: Substring) throws(RedisError) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { throw .invalidURL("the URL names a user without a password") }
        self.username = parts[0].isEmpty ? nil : try Self.decoded(parts[0], "user")
        self.password = try Self.decoded(parts[1], "password")
    }

    private mutating func readHost(_ text: Substring) throws(RedisError) {
        var name = text
        var port: Substring?
        if text.first == "[" {
            guard let end = text.firstIndex(of: "]") else { throw .invalidURL("a host of the URL lacks its bracket") }
            name = text[text.index(after: text.startIndex)..<end]
            let rest = text[text.index(after: end)...]
            guard rest.isEmpty || rest.first == ":" else {
                throw .invalidURL("a host of the URL is followed by something else than a port")
            }
            port = rest.isEmpty ? nil : rest.dropFirst()
        } else if let colon = text.firstIndex(of: ":") {
            name = text[..<colon]
            port = text[text.index(after: colon)...]
        }
        guard !name.isEmpty else { throw .invalidURL("the URL names no host") }
        guard let port else { return self.hosts.append((try Self.decoded(name, "host"), nil)) }
        guard let number = Int(port), (1...65_535).contains(number) else {
            throw .invalidURL("a port of the URL is no number from 1 to 65535")
        }
        self.hosts.append((try Self.decoded(name, "host"), number))
    }

    private mutating func readQuery(_ text: Substring) throws(RedisError) {
        for pair in text.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = try Self.decoded(parts[0], "query")
            guard parts.count == 2 else { throw .invalidURL("an option in the query of the URL has no value") }
            guard self.options.updateValue(try Self.decoded(parts[1], "query"), forKey: name) == nil else {
                throw .invalidURL("an option stands twice in the query of the URL")
            }
        }
    }

    private static func decoded(_ text: Substring, _ part: String) throws(RedisError) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            guard digits.count == 2, digits.allSatisfy(\.isHexDigit), let decoded = UInt8(digits, radix: 16) else {
                throw .invalidURL("the \(part) of the URL is not percent-encoded as it should be")
            }
            bytes.append(decoded)
            rest = rest.dropFirst(2)
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else {
            throw .invalidURL("the \(part) of the URL is no text")
        }
        return decoded
    }
}

extension RedisError {
    fileprivate static func invalidURL(_ message: String) -> RedisError { RedisError(.invalidConfiguration, message) }
}
