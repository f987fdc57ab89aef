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
    private let origins: Set<String>

    /// Makes the middleware.
    ///
    /// - Parameters:
    ///   - origins: Other origins whose pages may send requests, such as `https://shop.example`.
    ///   - context: The type of the router's request context.
    public init(trusting origins: Set<String> = [], context: Context.Type = Context.self) {
        self.origins = Set(origins.map(Self.normal))
    }

    public func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        switch request.method {
        // What is safe changes nothing (RFC 9110, section 9.2.1).
        case .get, .head, .options, .trace: break
        default:
            guard self.isOwn(request) else {
                throw HTTPError(.forbidden, message: "the request comes from another site")
            }
            if let id = try context.session.id() {
                guard let token = request.headers[.csrfToken], id.isCSRFToken(token) else {
                    throw HTTPError(.forbidden, message: "the request needs the session's token in X-CSRF-Token")
                }
            }
        }
        return try await next(request, context)
    }

    /// An origin as browsers write it: in lowercase, without the port that goes without saying.
    private static func normal(_ origin: String) -> String {
        var origin = origin.lowercased()
        if origin.hasSuffix("/") { origin.removeLast() }
        for (scheme, port) in [("https://", ":443"), ("http://", ":80")]
        where origin.hasPrefix(scheme) && origin.hasSuffix(port) {
            origin.removeLast(port.count)
        }
        return origin
    }

    /// Whether nothing says that the request was caused by a page of another origin.
    private func isOwn(_ request: Request) -> Bool {
        if let origin = request.headers[.origin].map(Self.normal) {
            if self.origins.contains(origin) { return true }
            guard let authority = request.head.authority,
                ["https", "http"].contains(where: { origin == Self.normal("\($0)://\(authority)") })
            else { return false }
        }
        switch request.headers[.secFetchSite] {
        case nil, "same-origin", "none": return true
        default: return false
        }
    }
}

extension HTTPField.Name {
    // The names are tokens, so this cannot fail.
    // swift-format-ignore: NeverForceUnwrap
    static let csrfToken = HTTPField.Name("X-CSRF-Token")!
    // swift-format-ignore: NeverForceUnwrap
    static let secFetchSite = HTTPField.Name("Sec-Fetch-Site")!
}
#endif
