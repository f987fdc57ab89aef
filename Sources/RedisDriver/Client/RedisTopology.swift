// SPDX-License-Identifier: Apache-2.0

/// How to find the servers.
public struct RedisTopology: Sendable {
    enum Kind: Sendable {
        case standalone
        case sentinel([RedisAddress], primary: String, credentials: RedisCredentials?)
        case cluster([RedisAddress], readsFromReplicas: Bool)
    }

    let kind: Kind

    /// One server, of the configuration's host and port.
    public static let standalone = RedisTopology(kind: .standalone)

    /// One server that takes writes, and others that take its place: sentinels tell which it is.
    ///
    /// A change is followed when the sentinels announce it, when a server answers that it takes no writes, and when a
    /// connection is lost.
    ///
    /// - Parameters:
    ///   - sentinels: Where they listen; one that answers is enough.
    ///   - primary: The name by which they know the server.
    ///   - credentials: Whom to authenticate as with the sentinels; nil for not at all.
    public static func sentinel(
        _ sentinels: [RedisAddress], primary: String, credentials: RedisCredentials? = nil
    ) -> RedisTopology {
        RedisTopology(kind: .sentinel(sentinels, primary: primary, credentials: credentials))
    }

    /// Many servers, each with a part of the keys.
    ///
    /// - Parameters:
    ///   - seeds: Where some of them listen; one that answers is enough to find the others.
    ///   - readsFromReplicas: Whether commands that change nothing may go to replicas, whose answers may be old.
    public static func cluster(_ seeds: [RedisAddress], readsFromReplicas: Bool = false) -> RedisTopology {
        RedisTopology(kind: .cluster(seeds, readsFromReplicas: readsFromReplicas))
    }
}
