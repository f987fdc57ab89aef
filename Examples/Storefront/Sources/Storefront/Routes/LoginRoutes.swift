// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import Larder
import LarderHummingbird

/// `/login`, `/logout` and `/logout-everywhere`.
struct LoginRoutes: Sendable {
    let accounts: Accounts
    /// Attempts at one account, from wherever.
    let accountLimit: RateLimiter

    @Sendable func login(_ request: Request, _ context: StorefrontContext) async throws -> Response {
        struct Body: Decodable {
            var username: String
            var password: String
            /// Whether to log in again without a password later on.
            var remember: Bool?
        }
        let body = try await request.jsonOrForm(Body.self)
        guard (1...64).contains(body.username.utf8.count), (1...1_024).contains(body.password.utf8.count) else {
            throw HTTPError(.badRequest, message: "a name has 1 to 64 bytes, a password 1 to 1024")
        }
        let decision = try await self.accountLimit.check(body.username)
        guard self.accountLimit.isPassing(decision) else { throw self.accountLimit.refusal(decision) }
        guard let id = try await self.accounts.authenticate(body.username, body.password) else {
            throw HTTPError(
                .unauthorized, headers: [.wwwAuthenticate: "Cookie"], message: "wrong name, or wrong password")
        }
        try await self.accountLimit.reset(body.username)
        try await context.session.login(Principal(user: "\(id)"), isRemembered: body.remember ?? false)
        return try Response(session: context)
    }

    @Sendable func logout(_ request: Request, _ context: StorefrontContext) async throws -> Response {
        try await context.session.logout()
        return try Response(encoding: ["status": "logged out"])
    }

    @Sendable func logoutEverywhere(_ request: Request, _ context: StorefrontContext) async throws -> Response {
        _ = try context.requirePrincipal()
        return try Response(encoding: ["ended": await context.session.logoutEverywhere()])
    }
}
