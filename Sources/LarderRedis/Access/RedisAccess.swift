// SPDX-License-Identifier: Apache-2.0

public import Larder
public import RedisDriver

/// The rights that a user of a Redis or Valkey server needs for Larder, and no others: which keys and channels, and which commands.
///
/// ```swift
/// let access = try RedisAccess(to: "shop", for: [.cache, .sessions])
/// print("ACL SETUSER shop reset on >a-long-password", access.rules.joined(separator: " "))
/// ```
///
/// With an ``AccessPolicy`` these are the rights of a process that works for one identity alone, such as the workers of a tenant: the
/// server refuses what the policy does not allow. ``deviations(of:on:)`` proves it.
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
        /// All of these but ``patterns``.
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

    /// Makes the rights of a process.
    ///
    /// - Parameters:
    ///   - namespace: The name of the cache, and of what else there is.
    ///   - uses: What the process uses.
    ///   - identity: For whom it works.
    ///   - policy: What that identity may do; nil for everything. Whoever may do anything with a cache can end what is in it, also
    ///     what they cannot read: tenants that do not trust each other need a namespace each.
    /// - Throws: `RedisError` with the code `invalidConfiguration` for names that no pattern can tell from others.
    public init(
        to namespace: String, for uses: Use = .all, as identity: Identity = .service, by policy: AccessPolicy? = nil
    ) throws(RedisError) {
        let name = CacheKey.escaped(namespace)
        self.namespace = name
        var keys: [String] = []
        if uses.contains(.cache) {
            let spaces = policy.map { policy in
                AccessPolicy.Operation.allCases.flatMap { policy.spaces(of: identity, for: $0) }
            }
            for space in spaces ?? [.everything] { keys += try space.patterns(in: name, for: identity) }
            // A near-cache tries on keys beside those it is to be told of, on a cluster in their slot, whether it is.
            keys += keys.map { "{\($0)" } + (keys.isEmpty ? [] : ["{\(name)}:inv", "{\(name)}:inv~*"])
        }
        for (use, word) in [
            (Use.sessions, "session"), (.sessions, "remembered"), (.limits, "limit"), (.locks, "lock"),
            (.persist, "persist"),
        ] where uses.contains(use) {
            keys.append("\(name):+\(word):*")
        }
        var seen: Set<String> = []
        self.keyPatterns = keys.filter { seen.insert($0).inserted }
        self.channelPatterns = uses.contains(.events) ? ["\(name):events:*"] : []
        self.commands =
            Self.connectionCommands + Self.dataCommands + (uses.contains(.events) ? Self.eventCommands : [])
            + (uses.contains(.patterns) ? ["scan"] : [])
    }

    /// The rules, as they stand in `ACL SETUSER` behind the password, or in an ACL file. Rights the user had before are taken away.
    public var rules: [String] {
        ["resetkeys", "resetchannels", "-@all"] + self.keyPatterns.map { "~\($0)" }
            + self.channelPatterns.map { "&\($0)" } + self.commands.map { "+\($0)" }
    }

    private static let connectionCommands = [
        "hello", "auth", "ping", "select", "client|setname", "client|tracking", "client|caching", "info", "time",
        "cluster|slots", "asking", "readonly",
    ]

    /// What is sent, and what scripts do.
    private static let dataCommands = [
        "eval", "evalsha", "get", "getrange", "set", "setrange", "exists", "type", "pttl", "pexpire", "del", "unlink",
        "hget", "hmget", "hset", "hdel", "hkeys", "zadd", "zcount", "zrange", "zremrangebyscore", "zscore",
    ]

    private static let eventCommands = [
        "publish", "spublish", "subscribe", "ssubscribe", "unsubscribe", "sunsubscribe",
    ]
}
