// SPDX-License-Identifier: Apache-2.0

#if Hummingbird
public import Hummingbird
public import Larder

/// Says on whose behalf a request is handled, so that caches can keep to their `AccessPolicy`.
///
/// ```swift
/// router.add(middleware: WebSessions(sessions, context: AppContext.self))
/// router.add(middleware: Identification(roles: { user in try await staff.roles(of: user) }))
/// ```
///
/// What a policy does not allow is answered with 403, or with 401 when nobody knows who asks. It goes inside of what finds out who that is,
/// and outside of what uses caches, a ``ResponseCache`` among them. A body that is streamed is written later, when nobody
/// is known any more: what it needs is read before.
public struct Identification<Context: RequestContext>: RouterMiddleware {
    private let identify: @Sendable (Request, Context) async throws -> Identity

    /// Makes the middleware.
    ///
    /// - Parameters:
    ///   - context: The type of the router's request context.
    ///   - identify: Whom a request is from, and what they are to the service.
    public init(
        context: Context.Type = Context.self,
        identify: @escaping @Sendable (Request, Context) async throws -> Identity
    ) {
        self.identify = identify
    }

    public func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        let identity = try await self.identify(request, context)
        do {
            return try await Identity.$current.withValue(identity) { try await next(request, context) }
        } catch let error as CacheError where error.code == .denied {
            if identity.principal == nil { throw HTTPError.unauthenticated }
            throw HTTPError(.forbidden, message: "this is not for everybody")
        }
    }
}

extension Identification where Context: SessionRequestContext {
    /// Makes the middleware for those who have logged in; it goes inside of ``WebSessions``.
    ///
    /// - Parameters:
    ///   - context: The type of the router's request context.
    ///   - roles: What somebody is to the service; by default nobody is anything.
    public init(
        context: Context.Type = Context.self,
        roles: @escaping @Sendable (Principal) async throws -> Set<String> = { _ in [] }
    ) {
        self.init { _, context in
            guard let principal = try context.session.knownPrincipal() else { return .anonymous }
            return Identity(principal, roles: try await roles(principal))
        }
    }
}
#endif
