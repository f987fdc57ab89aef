// SPDX-License-Identifier: Apache-2.0

#if Hummingbird
import HTTPTypes
public import Hummingbird
public import LarderSessions
import Logging

/// The middleware that finds the session of a request, and tells the client of a new one.
///
/// ```swift
/// router.add(middleware: WebSessions(sessions, context: AppContext.self))
/// router.add(middleware: CSRFProtection())
///
/// router.post("login") { request, context in
///     let user = try await users.authenticate(request)
///     try await context.session.login(Principal(user: user.name))
///     return HTTPResponse.Status.noContent
/// }
/// ```
///
/// A request whose cookie cannot be looked up, since the store does not answer, is answered with 503 and `Retry-After`: nobody is
/// taken for logged out, or in. An id that stands for no session is nobody's.
public struct WebSessions<Context: SessionRequestContext>: RouterMiddleware {
    /// The sessions themselves.
    public let manager: SessionManager<Context.SessionValue>
    private let cookie: SessionCookie
    private let clearedAtLogout: String?
    private let device: @Sendable (Request, Context) -> String?

    /// Makes the middleware.
    ///
    /// - Parameters:
    ///   - manager: The sessions.
    ///   - context: The type of the router's request context.
    ///   - cookie: The cookie that their ids stand in.
    ///   - clearedAtLogout: What a browser is told to forget at a logout, as a field `Clear-Site-Data`
    ///     (<https://www.w3.org/TR/clear-site-data/>); nil for nothing.
    ///   - device: What the client says it is, such as its field `User-Agent` and the network it is in. A session that goes on at another device
    ///     is told of by the event `deviceChanged` and goes on: what a thief can say too is no proof. By default nobody asks.
    public init(
        _ manager: SessionManager<Context.SessionValue>, context: Context.Type = Context.self,
        cookie: SessionCookie = SessionCookie(),
        clearedAtLogout: String? = #""cache", "cookies", "storage""#,
        device: @escaping @Sendable (Request, Context) -> String? = { _, _ in nil }
    ) {
        self.manager = manager
        self.cookie = cookie
        self.clearedAtLogout = clearedAtLogout
        self.device = device
    }

    public func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        if self.cookie.isLocal, !request.isForThisMachine {
            throw HTTPError(
                .misdirectedRequest, message: "the cookies of this service are for development on this machine alone")
        }
        var response: Response
        do {
            try await context.session.find(
                self.manager, self.cookie.id(in: request), self.cookie.token(in: request),
                on: self.device(request, context))
            response = try await next(request, context)
        } catch {
            let error = (error as? SessionError)?.httpError ?? error
            // What was done to the session holds, also when something else went wrong after it.
            guard context.session.isUnchanged else {
                if !(error is any HTTPResponseError) { context.logger.error("a request failed: \(error)") }
                response = try (error as? any HTTPResponseError ?? HTTPError(.internalServerError))
                    .response(from: request, context: context)
                self.tell(&response, context)
                return response
            }
            throw error
        }
        // A cookie that stands for nothing is left alone: the request at its side may just be getting the one after it.
        self.tell(&response, context)
        return response
    }

    private func tell(_ response: inout Response, _ context: Context) {
        let (outcome, remembrance) = context.session.tell()
        switch outcome {
        case .unchanged: break
        case .issued(let id): self.set(self.cookie.field(id), on: &response)
        case .ended:
            self.set(self.cookie.removal, on: &response)
            if let clearedAtLogout { response.headers[.clearSiteData] = clearedAtLogout }
        }
        switch remembrance {
        case .unchanged: break
        case .issued(let token):
            self.set(self.cookie.field(token, self.manager.configuration.rememberTimeout), on: &response)
        case .ended: self.set(self.cookie.rememberRemoval, on: &response)
        }
    }

    /// No cache keeps a response with an id in it (RFC 9111, section 7.3).
    private func set(_ cookie: String, on response: inout Response) {
        response.headers[values: .setCookie].append(cookie)
        response.headers[.cacheControl] = "no-store"
    }
}

extension SessionError {
    /// What the client is told.
    var httpError: HTTPError {
        switch self.code {
        case .unavailable:
            HTTPError(.serviceUnavailable, headers: [.retryAfter: "1"], message: "sessions cannot be looked up now")
        case .ended: .unauthenticated
        case .conflict: HTTPError(.conflict, message: "the session was changed by others at the same time")
        case .tooLarge: HTTPError(.contentTooLarge, message: "the session would hold too much")
        case .tooManySessions: HTTPError(.forbidden, message: "there are too many sessions of this user")
        default: HTTPError(.internalServerError)
        }
    }
}

extension HTTPError {
    /// Nobody has logged in.
    static var unauthenticated: HTTPError {
        HTTPError(.unauthorized, headers: [.wwwAuthenticate: "Cookie"], message: "log in first")
    }
}

extension HTTPField.Name {
    // The name is a token, so this cannot fail.
    // swift-format-ignore: NeverForceUnwrap
    static let clearSiteData = HTTPField.Name("Clear-Site-Data")!
}
#endif
