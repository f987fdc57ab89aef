// SPDX-License-Identifier: Apache-2.0

#if Hummingbird
import HTTPTypes
public import Hummingbird
import LarderSessions

/// Refuses requests that another site makes a browser send with the cookies of its user: they are answered with 403.
///
/// A request that may change something must not say that it comes from elsewhere, by `Sec-Fetch-Site` or `Origin`; and with a session it has
/// to bring the token of the session in `X-CSRF-Token`, which only the service's own pages can know; see ``RequestSession/csrfToken``. It
/// goes inside of ``WebSessions``.
///
/// <https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html>
public struct CSRFProtection<Context: SessionRequestContext>: RouterMiddleware {
    private let origins: TrustedOrigins

    /// Makes the middleware.
    ///
    /// - Parameters:
    ///   - origins: Other origins whose pages may send requests, such as `https://shop.example`.
    ///   - context: The type of the router's request context.
    public init(trusting origins: Set<String> = [], context: Context.Type = Context.self) {
        self.origins = TrustedOrigins(origins)
    }

    public func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        if !request.method.isSafe {
            try self.origins.check(request)
            if let id = try context.session.id() {
                guard let token = request.headers[.csrfToken], id.isCSRFToken(token) else {
                    throw HTTPError(.forbidden, message: "the request needs the session's token in X-CSRF-Token")
                }
            }
        }
        return try await next(request, context)
    }
}
#endif
