// SPDX-License-Identifier: Apache-2.0

public import HTTPTypes

/// A response with its body.
public struct HTTPAnswer: Sendable {
    /// Status and fields.
    public var response: HTTPResponse
    /// The body.
    public var content: HTTPContent
    /// What whoever answered wants of the cache, beside what the response says.
    public var notes = HTTPCacheNotes()
    /// What the answer was made of, where that was an error: for the one who asked.
    package var error: (any Error)?

    /// Makes an answer.
    public init(_ response: HTTPResponse, _ content: HTTPContent) {
        self.response = response
        self.content = content
    }
}

/// What a handler wants of the cache for one response.
public struct HTTPCacheNotes: Sendable {
    /// Tags beside those of the policy.
    public var tags: [String] = []
    /// A lifetime in place of the one that response and policy say; nil for that.
    public var lifetime: Duration?
    /// Whether the response is not stored, whatever it says.
    public var doesNotStore = false

    /// Makes notes that say nothing.
    public init() {}
}

/// Answers a request that the cache cannot: a handler, or a server elsewhere.
public typealias HTTPOrigin = @Sendable (HTTPRequest) async throws -> HTTPAnswer
