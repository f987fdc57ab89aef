// SPDX-License-Identifier: Apache-2.0

/// A command without keys that concerns all of them, so that each server of a cluster has to carry it out.
protocol ClusterWide: RedisCommand {
    /// The response to the whole.
    static func whole(of parts: [Response]) -> Response
}

extension DBSIZE: ClusterWide {
    static func whole(of parts: [Int]) -> Int { parts.reduce(0, &+) }
}

extension FLUSHDB: ClusterWide {
    static func whole(of parts: [Void]) {}
}
