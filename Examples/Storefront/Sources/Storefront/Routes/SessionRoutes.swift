// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTypes
import Hummingbird
import Larder
import LarderHummingbird
import LarderSessions

/// `/profile`, `/sessions` and `/cart`.
struct SessionRoutes: Sendable {
    let sessions: SessionManager<ShopSession>

    @Sendable func profile(_ request: Request, _ context: StorefrontContext) async throws -> Response {
        _ = try context.requirePrincipal()
        return try Response(session: context)
    }

    /// The user's sessions, in the order in which they began.
    @Sendable func list(_ request: Request, _ context: StorefrontContext) async throws -> Response {
        struct Entry: Encodable {
            var number: Int
            var id: String
            var device: String?
            var created: String
            var lastUsed: String
            var isCurrent: Bool
        }
        let principal = try context.requirePrincipal()
        return try Response(
            encoding: await self.ordered(principal).enumerated().map { index, session in
                Entry(
                    number: index + 1, id: session.digest.text, device: session.device,
                    created: session.created.formatted(.iso8601), lastUsed: session.lastUsed.formatted(.iso8601),
                    isCurrent: session.digest == context.session.session?.digest)
            })
    }

    /// Ends the session of a number, or better of an id: numbers change when sessions end.
    @Sendable func end(_ request: Request, _ context: StorefrontContext) async throws -> Response {
        let principal = try context.requirePrincipal()
        let name = try context.parameters.require("n")
        var digest = SessionDigest(name)
        if let number = Int(name) {
            let sessions = try await self.ordered(principal)
            guard sessions.indices.contains(number - 1) else {
                throw HTTPError(.notFound, message: "no such session")
            }
            digest = sessions[number - 1].digest
        }
        if digest == context.session.session?.digest {
            try await context.session.logout()
        } else if try await !self.sessions.revoke(digest, of: principal) {
            throw HTTPError(.notFound, message: "no such session")
        }
        return try Response(encoding: ["ended": digest.text])
    }

    /// Puts something into the cart of whoever asks; they need not have logged in.
    @Sendable func addToCart(_ request: Request, _ context: StorefrontContext) async throws -> Response {
        struct Body: Decodable {
            var product: Int
            var quantity: Int?
        }
        let body = try await request.jsonOrForm(Body.self)
        let line = ShopSession.Line(product: body.product, quantity: body.quantity ?? 1)
        guard (1...1_000_000).contains(line.product), (1...1_000).contains(line.quantity) else {
            throw HTTPError(.badRequest, message: "a product is a positive number, a quantity from 1 to 1000")
        }
        try await context.session.update { $0.add(line) }
        return try Response(session: context)
    }

    @Sendable func cart(_ request: Request, _ context: StorefrontContext) async throws -> Response {
        try Response(session: context)
    }

    private func ordered(_ principal: Principal) async throws -> [Session<ShopSession>] {
        try await self.sessions.sessions(of: principal)
            .sorted { ($0.created, $0.digest.text) < ($1.created, $1.digest.text) }
    }
}

extension Response {
    /// The session of a request, with the token for what it changes next.
    init(session context: StorefrontContext) throws {
        struct Body: Encodable {
            var user: String?
            var loggedIn: String?
            var cart: [ShopSession.Line]
            var csrfToken: String?
        }
        let session = context.session.session
        let token = context.session.csrfToken
        try self.init(
            encoding: Body(
                user: session?.principal?.user.map { "user\($0)" },
                loggedIn: session?.authenticated?.formatted(.iso8601), cart: session?.value.cart ?? [],
                csrfToken: token))
        self.headers[.xCSRFToken] = token
        self.headers[.cacheControl] = "no-store"
    }
}

extension HTTPField.Name {
    // The name is a token, so this cannot fail.
    // swift-format-ignore: NeverForceUnwrap
    fileprivate static let xCSRFToken = HTTPField.Name("X-CSRF-Token")!
}
