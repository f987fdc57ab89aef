// SPDX-License-Identifier: Apache-2.0

#if Hummingbird
public import Hummingbird

import LarderHTTP
import NIOConcurrencyHelpers

/// What a handler says about how its response is cached, beside what stands in its fields.
///
/// ```swift
/// let product = try await catalogue.product(id)
/// context.caching?.tag("category:\(product.category)")
/// ```
public final class ResponseCaching: Sendable {
    /// What a middleware has given to the request that the task is about.
    @TaskLocal private static var current: ResponseCaching?

    private let box = NIOLockedValueBox(HTTPCacheNotes())

    var notes: HTTPCacheNotes { self.box.withLockedValue { $0 } }

    /// Whether responses are kept apart by identity, so that what was made with a look at a session may be stored.
    private let isByIdentity: Bool

    init(isByIdentity: Bool) {
        self.isByIdentity = isByIdentity
    }

    /// Runs what is enclosed by a cache that takes these notes.
    func enclosing<Result>(_ body: () async throws -> Result) async rethrows -> Result {
        try await Self.$current.withValue(self, operation: body)
    }

    /// A session is looked at for the response: it is for who asked.
    static func noteSession() {
        if let current = Self.current, !current.isByIdentity { current.doNotStore() }
    }

    /// What is cached here is not to be cached by a middleware around it too: its policy is not that of the route.
    static func claim() { Self.current?.doNotStore() }

    /// Puts tags on the response, by which it can be invalidated.
    public func tag(_ tags: String...) {
        self.box.withLockedValue { $0.tags += tags }
    }

    /// Stores the response for a time, whatever it and the policy say. What must not be stored still is not.
    public func ttl(_ lifetime: Duration) {
        self.box.withLockedValue { $0.lifetime = lifetime }
    }

    /// Does not store the response.
    public func doNotStore() {
        self.box.withLockedValue { $0.doesNotStore = true }
    }
}

/// A request context in which handlers can say how their responses are cached.
public protocol CachingRequestContext: RequestContext {
    /// Set by a ``ResponseCache`` for requests that pass it; nil where there is none.
    var caching: ResponseCaching? { get set }
}

extension RequestContext {
    /// The context, with a place for what its handler says.
    func with(_ caching: ResponseCaching) -> Self {
        guard var context = self as? any CachingRequestContext else { return self }
        context.caching = caching
        return context as? Self ?? self
    }
}
#endif
