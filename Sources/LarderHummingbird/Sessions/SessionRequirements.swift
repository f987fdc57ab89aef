// SPDX-License-Identifier: Apache-2.0

#if Hummingbird
import HTTPTypes
public import Hummingbird
public import Larder
import LarderSessions

extension SessionRequestContext {
    /// Who has logged in.
    ///
    /// - Throws: `HTTPError` with the status 401 when nobody has.
    public func requirePrincipal() throws -> Principal {
        guard let principal = self.session.principal else { throw HTTPError.unauthenticated }
        return principal
    }
}

/// Lets only those pass who have logged in; others are answered with 401.
public struct RequireSession<Context: SessionRequestContext>: RouterMiddleware {
    /// Makes the middleware.
    public init(context: Context.Type = Context.self) {}

    public func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        _ = try context.requirePrincipal()
        return try await next(request, context)
    }
}

/// Lets only those pass who have proved who they are a short time ago, for what a session alone is not enough: a change of the password
/// or of the address, a payment. Others are answered with 401.
public struct RequireRecentLogin<Context: SessionRequestContext>: RouterMiddleware {
    private let age: Duration

    /// Makes the middleware.
    ///
    /// - Parameters:
    ///   - age: How long ago at most.
    ///   - context: The type of the router's request context.
    public init(within age: Duration, context: Context.Type = Context.self) {
        self.age = age
    }

    public func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        _ = try context.requirePrincipal()
        guard context.session.session?.isAuthenticated(within: self.age) == true else {
            throw HTTPError(.unauthorized, headers: [.wwwAuthenticate: "Cookie"], message: "log in again")
        }
        return try await next(request, context)
    }
}
#endif
