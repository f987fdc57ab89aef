// SPDX-License-Identifier: Apache-2.0

package import HTTPTypes

/// What a cache has for a request.
public enum HTTPLookup: Sendable {
    /// The answer.
    case answer(HTTPAnswer)
    /// Nothing yet.
    case missing(HTTPMiss)
    /// Nothing: the request has nothing to do with the cache, but what becomes of it may.
    case none(HTTPPassage)

    /// The answer to the request, by `origin` where the cache has none.
    package func answer(to request: HTTPRequest, by origin: @escaping HTTPOrigin) async throws -> HTTPAnswer {
        switch self {
        case .answer(let answer): answer
        case .missing(let miss): try await miss.answer(by: origin)
        case .none(let passage): try await passage.passed(origin(request))
        }
    }
}

/// A request whose answer is not stored.
public struct HTTPMiss: Sendable {
    let exchange: Exchange
    let next: Exchange.Next

    /// The answer: by the origin, or by what another request had it asked for meanwhile.
    ///
    /// - Throws: What the origin throws, and `CancellationError`.
    public func answer(by origin: @escaping HTTPOrigin) async throws -> HTTPAnswer {
        try await self.exchange.answer(after: self.next, by: origin)
    }
}

/// A request that is passed on as it is.
public struct HTTPPassage: Sendable {
    let http: HTTPCache
    let method: HTTPRequest.Method
    let url: RequestURL?
    let bypass: (reason: CacheStatus.Forwarding, detail: String?)

    /// There is no answer to it, and what it has changed is not known: what is stored of its URL is ended, if it may be that.
    public func abandoned() async {
        if let url, !Invalidation.isSafe(self.method) { await self.http.end(Invalidation.tags(of: url)) }
    }

    /// The answer to it, as it is sent on: what it has changed is ended in the store, and it says how the request was handled.
    public func passed(_ answer: HTTPAnswer) async -> HTTPAnswer {
        if let url {
            let tags = Invalidation.tags(endedBy: answer.response, to: self.method, url)
            if !tags.isEmpty { await self.http.end(tags) }
        }
        var answer = answer
        answer.response.headerFields.date(received: self.http.now)
        return self.http.forwarded(answer, for: self.bypass.reason, detail: self.bypass.detail)
    }
}
