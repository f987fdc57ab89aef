// SPDX-License-Identifier: Apache-2.0

public import Larder
public import RedisDriver

/// The rights that a user of a Redis or Valkey server needs for Larder, and no others: which keys and channels, and which commands.
///
/// ```swift
/// let access = RedisAccess(to: "shop", for: [.cache, .sessions])
/// print("ACL SETUSER shop reset on >a-long-password", access.rules.joined(separator: " "))
/// ```
///
/// With an `AccessPolicy` these are the rights of a process that works for one identity alone, such as the workers of a tenant: the
/// server refuses it the entries that the policy says nothing of. ``deviations(of:on:)`` proves that a user has these rights.
///
/// Commands that tell of all keys are not among the rights, whatever their patterns (`SCAN` and `RANDOMKEY` do), nor are those that tell of
/// other clients or change the server.
///
/// <https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/>
public struct RedisAccess: Sendable, Hashable {
    /// What a process uses.
    public struct Use: OptionSet, Sendable, Hashable {
        public let rawValue: Int

        public init(rawValue: Int) {
            self.rawValue = rawValue
        }

        /// A `Cache`, with a ``NearCacheConfiguration`` or without.
        public static let cache = Use(rawValue: 1)
        /// `invalidate(matching:)` of a `Cache`, which needs `SCAN`: this user learns the names of all keys on the server.
        public static let patterns = Use(rawValue: 1 << 1)
        /// A ``RedisSessionStore``.
        public static let sessions = Use(rawValue: 1 << 2)
        /// A ``RedisRateLimitStore``.
        public static let limits = Use(rawValue: 1 << 3)
        /// ``RedisLock``.
        public static let locks = Use(rawValue: 1 << 4)
        /// The driver for Hummingbird's persist framework.
        public static let persist = Use(rawValue: 1 << 5)
        /// An ``EventBus``.
        public static let events = Use(rawValue: 1 << 6)
        /// The console of a service, which looks through entries: this user learns the names of all keys on the server.
        public static let console = Use(rawValue: 1 << 7)
        /// All of these but ``patterns`` and ``console``.
        public static let all: Use = [.cache, .sessions, .limits, .locks, .persist, .events]
    }

    /// The name of the cache, as it stands in keys.
    let namespace: String
    /// Which keys, as patterns of the server.
    public let keyPatterns: [String]
    /// Which channels.
    public let channelPatterns: [String]
    /// Which commands, in lowercase, those of a group as `client|tracking`.
    public let commands: [String]

    /// Makes the rights of a service, which may do anything with what is its own.
    ///
    /// - Parameters:
    ///   - namespace: The name of the cache, and of what else there is.
    ///   - uses: What it uses.
    public init(to namespace: String, for uses: Use = .all) {
        let entries = Self.pattern("[^+]*", in: namespace)
        self.init(namespace, uses, entries: [entries])
    }

    /// Makes the rights of a process that works for somebody.
    ///
    /// The server tells no operations apart: it lets the process read and replace what it may read or invalidate. Whoever may do anything
    /// with a cache can end what is in it, also what they cannot read: tenants that do not trust each other need a namespace each.
    ///
    /// - Parameters:
    ///   - namespace: The name of the cache, and of what else there is.
    ///   - uses: What the process uses.
    ///   - identity: For whom it works.
    ///   - policy: What that identity may do.
    /// - Throws: `RedisError` with the code `invalidConfiguration` for names that no pattern can tell from others.
    public init(
        to namespace: String, for uses: Use = .all, as identity: Identity, by policy: AccessPolicy
    ) throws(RedisError) {
        var entries: [String] = []
        for operation in [AccessPolicy.Operation.read, .invalidate] {
            for space in policy.spaces(of: identity, for: operation) {
                entries += try space.patterns(in: CacheKey.escaped(namespace), for: identity)
            }
        }
        self.init(namespace, uses, entries: entries)
    }

    private init(_ namespace: String, _ uses: Use, entries: [String]) {
        let name = CacheKey.escaped(namespace)
        var keys: [String] = []
        if uses.contains(.cache), !entries.isEmpty {
            keys += entries
            // A near-cache tries on keys beside those it is to be told of whether it is, on a cluster in their slot.
            for pattern in entries {
                keys += pattern.hasSuffix("*") ? ["{\(pattern)"] : ["\(pattern)~*", "{\(pattern)}~*"]
            }
            keys += ["{\(name)}:inv", "{\(name)}:inv~*"]
        }
        for (use, word) in [
            (Use.sessions, "session"), (.sessions, "remembered"), (.limits, "limit"), (.locks, "lock"),
            (.persist, "persist"),
        ] where uses.contains(use) {
            keys.append("\(name):+\(word):*")
        }
        self.namespace = name
        self.keyPatterns = Self.unique(keys)
        self.channelPatterns = uses.contains(.events) ? ["\(name):events:*"] : []
        self.commands = Self.unique(
            Self.connectionCommands + Self.commandsOfUses.filter { uses.contains($0.use) }.flatMap(\.commands))
    }

    private static func pattern(_ text: String, in namespace: String) -> String {
        "\(CacheKey.escaped(namespace)):\(text)"
    }

    private static func unique(_ words: [String]) -> [String] {
        var seen: Set<String> = []
        return words.filter { seen.insert($0).inserted }
    }

    /// The rules, as they stand in `ACL SETUSER` behind the password, or in an ACL file. Rights the user had before are taken away.
    public var rules: [String] {
        ["clearselectors", "resetkeys", "resetchannels", "-@all"] + self.keyPatterns.map { "~\($0)" }
            + self.channelPatterns.map { "&\($0)" } + self.commands.map { "+\($0)" }
    }

    private static let connectionCommands = [
        "hello", "auth", "ping", "select", "client|setname", "cluster|slots", "asking", "readonly",
    ]

    /// What is sent, and what scripts do.
    private static let commandsOfUses: [(use: Use, commands: [String])] = [
        (
            .cache,
            [
                "client|tracking", "client|caching", "info", "time", "eval", "evalsha", "get", "getrange", "set",
                "setrange", "exists",
                "type", "pttl", "pexpire", "unlink", "zadd", "zcount", "zrange", "zremrangebyscore", "zscore",
            ]
        ),
        (.patterns, ["scan"]),
        (.console, ["scan", "dbsize", "time", "getrange", "memory|usage"]),
        (
            .sessions,
            ["eval", "evalsha", "time", "hget", "hmget", "hset", "hdel", "hkeys", "pttl", "pexpire", "unlink"]
        ),
        (.limits, ["eval", "evalsha", "time", "get", "set", "unlink"]),
        (.locks, ["eval", "evalsha", "time", "get", "set", "pttl", "pexpire", "del"]),
        (.persist, ["get", "set", "pttl", "unlink"]),
        (.events, ["publish", "spublish", "subscribe", "ssubscribe", "unsubscribe", "sunsubscribe"]),
    ]
}
