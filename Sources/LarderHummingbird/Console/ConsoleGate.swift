// SPDX-License-Identifier: Apache-2.0

#if Hummingbird
import HTTPTypes
import Hummingbird

/// Lets those pass who may use a console, and of what changes something only what their page has sent.
struct ConsoleGate<Context: RequestContext>: RouterMiddleware {
    let access: ConsoleAccess<Context>
    let origins: TrustedOrigins

    func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        try self.access.check(request, context)
        if !request.method.isSafe {
            try self.origins.check(request)
            guard let token = request.headers[.csrfToken], try self.access.isToken(token, context) else {
                throw HTTPError(.forbidden, message: "the request needs the console's token in X-CSRF-Token")
            }
        }
        return try await next(request, context)
    }
}
#endif
