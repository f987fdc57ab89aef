// SPDX-License-Identifier: Apache-2.0

#if Hummingbird
import HTTPTypes
public import Hummingbird
import Larder

/// Has browsers be careful with what a service sends: response headers that are safe for a service of its own pages and JSON, as the
/// OWASP HTTP headers cheat sheet recommends them.
///
/// | header | value |
/// |---|---|
/// | `Content-Security-Policy` | ``ownContentOnly``, or another |
/// | `X-Content-Type-Options` | `nosniff` |
/// | `X-Frame-Options` | `DENY`, where the policy has `frame-ancestors 'none'` |
/// | `Referrer-Policy` | `no-referrer`, or another |
/// | `Cross-Origin-Opener-Policy` | `same-origin` |
/// | `Strict-Transport-Security` | how long, where it is said |
///
/// A header that a handler has set stays. Add it before all that makes responses, also before the cache of responses. Errors that say which
/// response they are become that here; the answer to others, a bare 500, has none of these.
///
/// <https://cheatsheetseries.owasp.org/cheatsheets/HTTP_Headers_Cheat_Sheet.html>
public struct SecurityHeaders<Context: RequestContext>: RouterMiddleware {
    private let headers: [HTTPField]

    /// Makes a middleware.
    ///
    /// - Parameters:
    ///   - policy: What a page may load, and who may frame it; nil for nothing said.
    ///   - referrerPolicy: What other sites learn of where a visitor comes from.
    ///   - transportSecurity: How long browsers are to come back over TLS only, to the second. Nil, the default, says nothing of it: on
    ///     plain HTTP it must not be said (RFC 6797, section 7.2), and a name that has said it must go on serving TLS.
    ///   - context: The type of the router's request context.
    public init(
        contentSecurityPolicy policy: String? = Self.ownContentOnly, referrerPolicy: String = "no-referrer",
        transportSecurity: Duration? = nil, context: Context.Type = Context.self
    ) {
        var headers: [HTTPField] = [
            HTTPField(name: .xContentTypeOptions, value: "nosniff"),
            HTTPField(name: .referrerPolicy, value: referrerPolicy),
            HTTPField(name: .crossOriginOpenerPolicy, value: "same-origin"),
        ]
        if let policy {
            headers.append(HTTPField(name: .contentSecurityPolicy, value: policy))
            if policy.contains("frame-ancestors 'none'") {
                headers.append(HTTPField(name: .frameOptions, value: "DENY"))
            }
        }
        if let transportSecurity {
            let seconds = max(0, Int64(transportSecurity / .seconds(1)))
            headers.append(HTTPField(name: .strictTransportSecurity, value: "max-age=\(seconds)"))
        }
        self.headers = headers
    }

    /// A page loads only what its own service has, runs no inline script, and stands in no frame.
    public static var ownContentOnly: String {
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
    }

    public func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        var response: Response
        do {
            response = try await next(request, context)
        } catch let error as any HTTPResponseError {
            response = try error.response(from: request, context: context)
        }
        for header in self.headers where !response.headers.contains(header.name) { response.headers.append(header) }
        return response
    }
}

extension HTTPField.Name {
    // The names are tokens, so this cannot fail.
    // swift-format-ignore: NeverForceUnwrap
    fileprivate static let frameOptions = HTTPField.Name("X-Frame-Options")!
    // swift-format-ignore: NeverForceUnwrap
    fileprivate static let referrerPolicy = HTTPField.Name("Referrer-Policy")!
    // swift-format-ignore: NeverForceUnwrap
    fileprivate static let crossOriginOpenerPolicy = HTTPField.Name("Cross-Origin-Opener-Policy")!
}
#endif
