// SPDX-License-Identifier: Apache-2.0

/// How a cache has handled a request (RFC 9211).
struct CacheStatus: Equatable {
    /// Why a request was passed on.
    enum Forwarding: String {
        case bypass
        case method
        case miss
        case varyMiss = "vary-miss"
        case uriMiss = "uri-miss"
        case request
        case stale
    }

    enum Outcome: Equatable {
        case hit
        case forwarded(Forwarding)
    }

    var outcome: Outcome
    /// How long the response is fresh; negative for how long it has not been.
    var remaining: Duration?
    /// What the origin answered.
    var forwardedStatus: Int?
    var isStored = false
    /// Whether the request was answered by what another was passed on for.
    var isCollapsed = false
    /// A token that says more.
    var detail: String?

    /// The member of `Cache-Status`, behind those of caches nearer to the origin.
    func member(of name: String) -> String {
        var text = ""
        text.reserveCapacity(name.utf8.count + 48)
        text += name
        switch self.outcome {
        case .hit: text += "; hit"
        case .forwarded(let reason): text.append("; fwd=", reason.rawValue)
        }
        if let forwardedStatus { text.append("; fwd-status=", forwardedStatus.description) }
        if let remaining { text.append("; ttl=", remaining.components.seconds.description) }
        if self.isStored { text += "; stored" }
        if self.isCollapsed { text += "; collapsed" }
        if let detail { text.append("; detail=", detail) }
        return text
    }

    /// The word for `X-Cache`.
    var word: String {
        guard self.outcome == .hit else { return "MISS" }
        return (self.remaining ?? .zero) < .zero ? "STALE" : "HIT"
    }
}

extension String {
    /// Appends two texts, without making one of them first.
    fileprivate mutating func append(_ name: String, _ value: String) {
        self += name
        self += value
    }
}
