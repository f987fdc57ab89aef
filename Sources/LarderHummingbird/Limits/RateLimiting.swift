// SPDX-License-Identifier: Apache-2.0

#if Hummingbird
import HTTPTypes
public import Hummingbird
public import Larder

/// Holds clients to a limit: what is beyond it is answered with 429.
///
/// ```swift
/// let attempts = RateLimiter("login", .rate(5, per: .seconds(60)), in: "shop", store: .redis(redis), whenUnavailable: .closed)
///
/// router.group("login").add(middleware: RateLimiting(attempts, by: .address(behind: proxies)))
/// ```
///
/// Responses tell how much is left in `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers), and a refusal when to try
/// again in `Retry-After`. When the limit cannot be looked up, requests pass without these, or are answered with 503, as the limiter says.
public struct RateLimiting<Context: RequestContext>: RouterMiddleware {
    private let limiter: RateLimiter
    private let key: RateLimitKey<Context>

    /// Makes the middleware.
    ///
    /// - Parameters:
    ///   - limiter: The limit.
    ///   - key: Who or what is held to it.
    ///   - context: The type of the router's request context.
    public init(_ limiter: RateLimiter, by key: RateLimitKey<Context>, context: Context.Type = Context.self) {
        self.limiter = limiter
        self.key = key
    }

    public func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard let key = try self.key.of(request, context) else { return try await next(request, context) }
        let decision = try await self.limiter.check(key)
        guard self.limiter.isPassing(decision) else { throw self.limiter.refusal(decision) }
        do {
            var response = try await next(request, context)
            response.headers.append(self.limiter.fields(decision))
            return response
        } catch var error as HTTPError {
            error.headers.append(self.limiter.fields(decision))
            throw error
        }
    }
}

extension RateLimiter {
    /// What a client is told who is not let pass, for handlers that ask the limiter themselves.
    public func refusal(_ decision: RateDecision) -> HTTPError {
        var fields = self.fields(decision)
        // What costs more than there ever is has no time.
        if let wait = decision.retryAfter { fields[.retryAfter] = "\(max(wait.wholeSeconds, 1))" }
        return decision.outcome == .denied
            ? HTTPError(.tooManyRequests, headers: fields, message: "too many requests")
            : HTTPError(.serviceUnavailable, headers: fields, message: "limits cannot be looked up now")
    }

    /// How much is left; nothing when that is not known.
    fileprivate func fields(_ decision: RateDecision) -> HTTPFields {
        guard decision.outcome != .unknown else { return [:] }
        let (count, period) = self.limit.quota
        let name = self.quotedName
        return [
            .rateLimitPolicy: "\(name);q=\(count);w=\(max(period.wholeSeconds, 1))",
            .rateLimit: "\(name);r=\(decision.remaining);t=\(decision.resetAfter.wholeSeconds)",
        ]
    }

    /// The name as a string of a structured field, which holds nothing but printable ASCII (RFC 9651, section 3.3.3).
    private var quotedName: String {
        let text = self.name.unicodeScalars.map { scalar in
            switch scalar {
            case "\"", "\\": "\\\(scalar)"
            case " "..."~": "\(scalar)"
            default: "?"
            }
        }
        return "\"\(text.joined())\""
    }
}

extension Duration {
    /// Seconds, rounded up.
    fileprivate var wholeSeconds: Int64 {
        let (seconds, attoseconds) = self.components
        return seconds + (attoseconds > 0 ? 1 : 0)
    }
}

extension HTTPFields {
    fileprivate mutating func append(_ fields: HTTPFields) {
        for field in fields { self.append(field) }
    }
}

extension HTTPField.Name {
    // The names are tokens, so this cannot fail.
    // swift-format-ignore: NeverForceUnwrap
    static let rateLimit = HTTPField.Name("RateLimit")!
    // swift-format-ignore: NeverForceUnwrap
    static let rateLimitPolicy = HTTPField.Name("RateLimit-Policy")!
}
#endif
