// SPDX-License-Identifier: Apache-2.0

/// What `GET /stats` answers.
struct Statistics: Decodable {
    struct Region: Decodable {
        var requests: Int
        var hits: Int
        var nearHits: Int
        var misses: Int
        var loads: Int
    }
    var regions: [String: Region]
}

/// What `GET /health` answers.
struct Health: Decodable {
    struct Store: Decodable {
        var kind: String
        var state: String
        var latencyMs: Double
        var queuedInvalidations: Int
    }
    var status: String
    var store: Store
}
