// SPDX-License-Identifier: Apache-2.0

public import HTTPTypes
public import Larder

/// How the responses of a route are cached.
///
/// ```swift
/// extension ResponsePolicy {
///     static let bestsellers = ResponsePolicy.shared(.seconds(60))
///         .staleWhileRevalidate(for: .seconds(30))
///         .vary(by: .query("page"))
///         .tag("orders")
/// }
/// ```
///
/// What a response says of itself comes first: one with `no-store`, `private` or `Set-Cookie` is not stored, and its `max-age` counts
/// before the lifetime of the policy.
public struct ResponsePolicy: Sendable {
    enum Sharing: Sendable {
        /// Stored for whom the response says.
        case asDeclared
        /// Stored for everybody.
        case shared
        /// Stored for the user who asked.
        case ofIdentity
        /// Not stored.
        case none
    }

    /// What a response is found by beside its URL.
    public struct Part: Sendable {
        enum Kind: Sendable {
            case query([String])
            case field(HTTPField.Name)
            case identity
            case value(@Sendable (HTTPRequest) -> String)
        }
        let kind: Kind

        /// These parameters of the query and no others, which the handler does not see either.
        public static func query(_ names: String...) -> Part { Part(kind: .query(names)) }
        /// A field of the request, beside those that the response's `Vary` names.
        public static func header(_ name: HTTPField.Name) -> Part { Part(kind: .field(name)) }
        /// Who asks. Requests of nobody are not cached.
        public static let identity = Part(kind: .identity)
        /// Anything else that the response depends on.
        public static func value(_ value: @escaping @Sendable (HTTPRequest) -> String) -> Part {
            Part(kind: .value(value))
        }
    }

    var sharing: Sharing
    /// Whether responses are stored for who asked alone.
    package var isByIdentity: Bool { self.sharing == .ofIdentity }
    /// For responses that say nothing of it.
    var lifetime: Duration?
    var overridesLifetime = false
    var staleWhileRevalidate: Duration?
    var staleIfError: Duration?
    /// The parameters of the query that count; nil for all there are.
    var query: [String]?
    var fields: [HTTPField.Name] = []
    var values: [@Sendable (HTTPRequest) -> String] = []
    var tags: [String] = []
    var requestTags: [@Sendable (HTTPRequest) -> [String]] = []
    var conditions: [@Sendable (HTTPRequest) -> Bool] = []
    var honoursRequestDirectives: Bool?
    var statuses: Set<Int> = [200]
    var consistency: ReadConsistency?
    var version = 0

    // MARK: For whom

    /// What responses say of themselves is all that counts: those that say nothing are not stored.
    public static let asDeclared = ResponsePolicy(sharing: .asDeclared)

    /// Responses are the same for everybody. Handlers are asked without `Authorization` and `Cookie`.
    ///
    /// - Parameter lifetime: How long those are stored that say nothing of it.
    public static func shared(_ lifetime: Duration) -> ResponsePolicy {
        ResponsePolicy(sharing: .shared, lifetime: lifetime)
    }

    /// Responses belong to who asks, and are stored for them alone, under a key with their identity. Requests of nobody are not cached.
    ///
    /// - Parameter lifetime: How long those are stored that say nothing of it.
    public static func `private`(_ lifetime: Duration) -> ResponsePolicy {
        ResponsePolicy(sharing: .ofIdentity, lifetime: lifetime)
    }

    /// Nothing is stored, nor served from what is.
    public static let noStore = ResponsePolicy(sharing: .none)

    // MARK: How long

    /// Stores responses for another time.
    ///
    /// - Parameters:
    ///   - lifetime: The time.
    ///   - overriding: Whether also those that say another. What must not be stored still is not.
    public func expire(_ lifetime: Duration, overriding: Bool = false) -> ResponsePolicy {
        self.with { policy in
            policy.lifetime = lifetime
            policy.overridesLifetime = overriding
        }
    }

    /// Serves a response past its freshness while it is made anew, unless it says otherwise (RFC 5861, section 3).
    public func staleWhileRevalidate(for duration: Duration) -> ResponsePolicy {
        self.with { $0.staleWhileRevalidate = duration }
    }

    /// Serves a response past its freshness when it cannot be made anew: when the handler fails, or answers with 500, 502, 503 or 504,
    /// unless the response says otherwise (RFC 5861, section 4).
    public func staleIfError(for duration: Duration) -> ResponsePolicy {
        self.with { $0.staleIfError = duration }
    }

    /// Gives responses with other statuses than 200 a lifetime too: 404, for example, for what is asked for again and again.
    public func statuses(_ statuses: HTTPResponse.Status...) -> ResponsePolicy {
        self.with { $0.statuses.formUnion(statuses.map(\.code)) }
    }

    // MARK: By what

    /// Stores a response for each of what some parts of a request say.
    public func vary(by parts: Part...) -> ResponsePolicy {
        self.with { policy in
            for part in parts {
                switch part.kind {
                case .query(let names): policy.query = (policy.query ?? []) + names
                case .field(let name): policy.fields.append(name)
                case .identity: policy.sharing = .ofIdentity
                case .value(let value): policy.values.append(value)
                }
            }
        }
    }

    /// Keeps entries apart from those of other versions: to be raised when handlers answer in another form.
    public func version(_ version: Int) -> ResponsePolicy {
        self.with { $0.version = version }
    }

    /// Puts tags on stored responses, by which `Cache.invalidate(tags:)` ends them.
    public func tag(_ tags: String...) -> ResponsePolicy {
        self.with { $0.tags += tags }
    }

    /// Puts tags on stored responses that the request decides.
    public func tag(_ tags: @escaping @Sendable (HTTPRequest) -> [String]) -> ResponsePolicy {
        self.with { $0.requestTags.append(tags) }
    }

    // MARK: When

    /// Caches only requests that meet a condition.
    public func when(_ condition: @escaping @Sendable (HTTPRequest) -> Bool) -> ResponsePolicy {
        self.with { $0.conditions.append(condition) }
    }

    /// Whether clients are obeyed who say how new the answer has to be (RFC 9111, section 5.2.1). Whoever may can have every request
    /// answered by the handler.
    public func honourRequestDirectives(_ honours: Bool = true) -> ResponsePolicy {
        self.with { $0.honoursRequestDirectives = honours }
    }

    /// How new a stored response has to be after an invalidation; by default `ReadConsistency.standard`.
    public func consistency(_ consistency: ReadConsistency) -> ResponsePolicy {
        self.with { $0.consistency = consistency }
    }

    private func with(_ change: (inout ResponsePolicy) -> Void) -> ResponsePolicy {
        var policy = self
        change(&policy)
        return policy
    }
}
